/* SPDX-License-Identifier: MIT */
#ifndef BENCH_WORKERS_H
#define BENCH_WORKERS_H

/* Worker counts to measure, as a list: increasing, each once. */
#include <stdbool.h>
#include <stddef.h>

enum {
    WORKERS_MAX = 65536,      /* what an executor takes */
    WORKERS_COUNTS_MAX = 256, /* points of one list     */
};

struct workers {
    size_t counts[WORKERS_COUNTS_MAX];
    size_t length;
};

/*
 * Reads "1,2,4", "1..8", "pow2:64" or any of them joined by commas. False with
 * one line in `why`.
 */
bool workers_parse(const char *text, struct workers *workers, char *why,
                   size_t why_bytes);

/*
 * What `auto` means. Work that computes: the powers of two up to twice the
 * usable CPUs, the core count and the usable count. Work that waits
 * (`is_waiting`): 1, 4, 16, 64.
 */
void workers_auto(bool is_waiting, size_t usable, size_t cores,
                  struct workers *workers);

/* Leaves out the counts above `limit`. */
void workers_limit(struct workers *workers, size_t limit);

/* A number of tasks, at least `least`, that deals out evenly to each of the
 * counts where a reasonable one exists, and is not below any of them. */
size_t workers_even_tasks(const struct workers *workers, size_t least);

#endif
