/* SPDX-License-Identifier: MIT */
/*
 * Distance is the number of single slips (a letter wrong, missing, doubled, or
 * two neighbours swapped) between two words, by the usual table, of which only
 * three rows are kept. A beginning ("sum" for "sum_squares") counts as one
 * slip. Further than a third of the word is no longer the same word.
 */
#include "nearest.h"

#include <string.h>

enum { LONGEST = 32 }; /* a longer word is nobody's slip of the finger */

static size_t smaller(size_t a, size_t b)
{
    return a < b ? a : b;
}

static size_t slips(const char *a, size_t a_length, const char *b,
                    size_t b_length)
{
    size_t rows[3][LONGEST + 1];

    for (size_t j = 0; j <= b_length; j++)
        rows[0][j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        size_t *row = rows[i % 3];
        const size_t *above = rows[(i + 2) % 3];
        const size_t *second_above = rows[(i + 1) % 3];

        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            size_t wrong = above[j - 1] + (a[i - 1] != b[j - 1]);
            row[j] = smaller(wrong, 1 + smaller(above[j], row[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                row[j] = smaller(row[j], second_above[j - 2] + 1);
        }
    }
    return rows[a_length % 3][b_length];
}

struct wl_nearest wl_nearest_to(const char *word)
{
    return (struct wl_nearest){
        .word = word,
        .distance = 2 + strnlen(word, LONGEST) / 3,
    };
}

void wl_nearest_offer(struct wl_nearest *nearest, const char *candidate)
{
    size_t length = strnlen(nearest->word, LONGEST + 1);
    size_t candidate_length = strnlen(candidate, LONGEST + 1);
    size_t distance;

    if (length == 0 || length > LONGEST || candidate_length > LONGEST)
        return;
    if (strncmp(nearest->word, candidate, length) == 0)
        distance = 1;
    else
        distance = slips(nearest->word, length, candidate, candidate_length);
    /* A word of which nothing is left was not meant. */
    if (distance >= nearest->distance || distance >= candidate_length)
        return;
    nearest->best = candidate;
    nearest->distance = distance;
}
