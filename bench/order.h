/* SPDX-License-Identifier: MIT */
#ifndef BENCH_ORDER_H
#define BENCH_ORDER_H

/*
 * In which order the cases of a block run. A function of the seed and the
 * block's number alone, so that a run that was cut off goes on as it would
 * have.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum order_kind {
    ORDER_RANDOM,     /* a fresh permutation for each block            */
    ORDER_SEQUENTIAL, /* as listed                                     */
    ORDER_WILLIAMS,   /* each case follows each other equally often    */
};

/* A Williams square beyond this many cases would need more blocks than anyone
 * waits for. */
enum { ORDER_WILLIAMS_MAX = 10 };

/* NULL past the last; `order_find` is false for an unknown name. */
const char *order_name(enum order_kind kind);
bool order_find(const char *name, enum order_kind *kind);

/* After how many blocks a Williams square is complete: `count` or twice it. */
size_t order_williams_rows(size_t count);

/* Fills `order` with 0 .. count - 1, each once. */
void order_block(enum order_kind kind, uint64_t seed, size_t block,
                 size_t count, size_t *order);

#endif
