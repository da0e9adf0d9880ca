/* SPDX-License-Identifier: MIT */
#ifndef RECORD_BLOCKS_H
#define RECORD_BLOCKS_H

/*
 * What statistics are made of: for each case, one value a block. A sample
 * counts if it is verified, no warm-up, not excluded and has a time; a case's
 * samples within a block are averaged first, since they are not independent.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

struct block {
    size_t number;
    size_t rank;      /* its place among all numbers of the record */
    double elapsed_s; /* mean over the block's samples */
    double tasks;     /* the same */
};

/* The blocks of one case, in the order of their numbers, and its samples. */
struct case_blocks {
    struct block *blocks;
    size_t count;
    const size_t *samples; /* indices of those that count */
    size_t sample_count;
};

/* For all cases of a record. */
struct all_blocks {
    struct case_blocks *cases; /* as many as the record has */
    struct block *storage;
    size_t block_count; /* different numbers */
    size_t *samples;
};

bool blocks_collect(const struct record *record, struct all_blocks *all);
void blocks_finish(struct all_blocks *all);

/* Fills `ratios` (room for a->count) with the time a task takes in `a` over
 * that in `b`, for each block that has both. Returns how many. */
size_t blocks_pair(const struct case_blocks *a, const struct case_blocks *b,
                   double *ratios);

/* Puts a task's time in each block into `times`, in their order. */
void blocks_times(const struct case_blocks *one, double *times);

/* Puts the logs of a task's times at the blocks' ranks. */
void blocks_logs(const struct case_blocks *one, double *logs);

/* Puts the logs of the same ratios at their blocks' ranks; what is there stays where
 * a block has not both. */
void blocks_pair_logs(const struct case_blocks *a, const struct case_blocks *b,
                      double *logs);

#endif
