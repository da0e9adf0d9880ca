/* SPDX-License-Identifier: MIT */
#ifndef RECORD_NEAREST_H
#define RECORD_NEAREST_H

/* "Did you mean": the word of a list that a mistyped one is closest to. */
#include <stddef.h>

/*
 * Keep the best candidate while walking a list of any kind: start with
 * nearest_start(), show each word with nearest_offer().
 */
struct nearest {
    const char *typed;
    const char *best; /* NULL: nothing is close */
    size_t distance;
};

struct nearest nearest_start(const char *typed);
void nearest_offer(struct nearest *nearest, const char *word);

/* "; did you mean X?" or "" in `text`, which is returned. */
char *nearest_text(const struct nearest *nearest, char text[80]);

/* The same of a list that ends with NULL. */
char *nearest_among(const char *typed, const char *const *words, char text[80]);

#endif
