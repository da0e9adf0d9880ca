/* SPDX-License-Identifier: MIT */
#ifndef BENCH_FILL_H
#define BENCH_FILL_H

/* Holes in a command's words: {} is an input, {workers} a worker count. */
#include <stdbool.h>
#include <stddef.h>

#define FILL_INPUT   "{}"
#define FILL_WORKERS "{workers}"

bool fill_is_in(char *const *words, size_t count, const char *hole);

/* The word with `value` in place of each `hole`. NULL without memory. */
char *fill(const char *word, const char *hole, const char *value);

/* The same for a list of words, ended by a NULL. fill_free() it. */
char **fill_all(char *const *words, size_t count, const char *hole,
                const char *value);
void fill_free(char **words);

#endif
