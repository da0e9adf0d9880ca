/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PROGRESS_H
#define BENCH_PROGRESS_H

/*
 * How far a run is and how sure by now, on stderr: a bar with the time left on a
 * terminal, a line per block elsewhere (and with NO_COLOR or TERM=dumb).
 */
#include <stdbool.h>
#include <stddef.h>

struct progress;

struct progress_step {
    size_t case_index;
    size_t block;
    const char *label; /* what runs: "sha256 thread 4" */
};

/* `budget_s`: no block is begun that would end after it; INFINITY: none. NULL
 * without memory; the other calls take a NULL and do nothing. */
struct progress *progress_create(size_t cases, size_t blocks, double budget_s);
void progress_destroy(struct progress *progress);

/* Before the start: one more sample of this case is to be measured. */
void progress_expect(struct progress *progress, size_t case_index);

/* A sample starts; it has ended after `seconds`. */
void progress_start(struct progress *progress,
                    const struct progress_step *step);
void progress_end(struct progress *progress, const struct progress_step *step,
                  double seconds);

/* It took that long, without what is around it: the case's interval has become
 * another. */
void progress_measured(struct progress *progress, size_t case_index,
                       double seconds);

/* This case will not be measured any more. */
void progress_give_up(struct progress *progress, size_t case_index);

/* A block is complete. Nothing is said where nothing of it was measured. */
void progress_block(struct progress *progress, size_t block);

/* Clears the bar: something else is going to be printed. */
void progress_clear(struct progress *progress);

#endif
