/* SPDX-License-Identifier: MIT */
#ifndef BENCH_QUOTE_H
#define BENCH_QUOTE_H

/*
 * Words as one line of text, and back: a plain word stands as it is, any other
 * in single quotes, as a POSIX shell reads them. This is how a record keeps a
 * command and its inputs.
 */
#include <stddef.h>

/* The words with a blank between two. NULL without memory. free() it. */
char *quote_join(char *const *words, size_t count);

/* The words of such a text, ended by a NULL; free() the one block that they
 * are. NULL: no memory, or no such text. */
char **quote_split(const char *text, size_t *count);

#endif
