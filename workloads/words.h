/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_WORDS_H
#define CFBENCH_WORDS_H

/*
 * The content of a file: 8-byte words that anybody can make again from the
 * file's number, and a sum that a changed, lost or moved byte changes.
 */
#include <stddef.h>
#include <stdint.h>

/* A task's output, too, so without padding. Begins with zeros. */
struct wl_words {
    uint64_t number; /* of the file, for the reader to fill in    */
    uint64_t bytes;
    uint64_t sum;   /* of the words                               */
    uint64_t chain; /* of the sums: it knows the order            */
};

/* Writes words `from`, `from` + 1 ... of file `number` to `bytes` bytes. */
void wl_words_fill(void *to, size_t bytes, uint64_t number, uint64_t from);

/* Adds further bytes; where they are no multiple of eight, zeros follow. */
void wl_words_add(struct wl_words *words, const void *bytes, size_t count);

#endif
