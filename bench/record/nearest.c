/* SPDX-License-Identifier: MIT */
/*
 * Edit distance with neighbours swapped counting as one edit (optimal string
 * alignment: Damerau's model of typing errors, each piece edited once). Words
 * longer than any of ours are cut, which keeps three fixed rows enough.
 */
#include "nearest.h"

#include <stdio.h>
#include <string.h>

enum { WORD_MAX = 32 };

static size_t smallest(size_t a, size_t b, size_t c)
{
    size_t least = a < b ? a : b;

    return least < c ? least : c;
}

static size_t word_length(const char *word)
{
    return strnlen(word, WORD_MAX);
}

static size_t edit_distance(const char *a, const char *b)
{
    size_t a_length = word_length(a);
    size_t b_length = word_length(b);
    size_t rows[3][WORD_MAX + 1];
    size_t *before = rows[0], *above = rows[1], *row = rows[2];

    for (size_t j = 0; j <= b_length; j++)
        before[j] = above[j] = j;
    for (size_t i = 1; i <= a_length; i++) {
        row[0] = i;
        for (size_t j = 1; j <= b_length; j++) {
            row[j] = smallest(above[j] + 1, row[j - 1] + 1,
                              above[j - 1] + (a[i - 1] != b[j - 1]));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1] && before[j - 2] + 1 < row[j])
                row[j] = before[j - 2] + 1;
        }
        size_t *oldest = before;
        before = above;
        above = row;
        row = oldest;
    }
    return above[b_length];
}

struct nearest nearest_start(const char *typed)
{
    return (struct nearest){.typed = typed, .distance = WORD_MAX};
}

void nearest_offer(struct nearest *nearest, const char *word)
{
    size_t distance = edit_distance(nearest->typed, word);
    size_t length = word_length(nearest->typed);
    size_t limit = length <= 3 ? 1 : length / 3 + 1; /* a third is wrong */

    /* What was begun and not ended ("thr") is as good as one slip. */
    if (nearest->typed[0] != '\0' && word_length(nearest->typed) >= 2 &&
        strncmp(word, nearest->typed, strlen(nearest->typed)) == 0)
        distance = 1;
    if (distance > limit || distance >= nearest->distance)
        return;
    nearest->best = word;
    nearest->distance = distance;
}

char *nearest_text(const struct nearest *nearest, char text[80])
{
    text[0] = '\0';
    if (nearest->best != NULL)
        snprintf(text, 80, "; did you mean %s?", nearest->best);
    return text;
}

char *nearest_among(const char *typed, const char *const *words, char text[80])
{
    struct nearest nearest = nearest_start(typed);

    for (; *words != NULL; words++)
        nearest_offer(&nearest, *words);
    return nearest_text(&nearest, text);
}
