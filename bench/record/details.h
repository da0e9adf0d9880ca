/* SPDX-License-Identifier: MIT */
#ifndef RECORD_DETAILS_H
#define RECORD_DETAILS_H

/*
 * What stands behind a record's summaries, for those who want to see it: how
 * the blocks of a case differ, how its tasks' times are distributed, and what
 * its workers did with their time. All of it is derived from the samples, the
 * same way for every figure and page; nothing is estimated.
 */
#include <stdbool.h>
#include <stddef.h>

#include "blocks.h"
#include "record.h"

/*
 * What became of the time that a case's workers had, workers x elapsed_s over
 * all samples that count, in fractions of it that add up to 1. CPU time is that
 * of the sample's whole process tree; task time is the sum of its tasks'
 * service times (from the histograms, so within 0.1 %).
 *
 *   busy      CPU time that the serial case, in the same language, takes for as
 *             many tasks
 *   overhead  further CPU time: the backend's own, or slower computing
 *   waiting   task time without CPU time: for I/O, for a lock, for a free CPU
 *   idle      the rest: a worker without a task
 */
struct time_split {
    double busy;
    double overhead;
    double waiting;
    double idle;
};

/* A step of a distribution: the fraction of values at or below this one. */
struct details_step {
    double value_s;
    double fraction;
};

struct details {
    const struct record *record;
    struct all_blocks blocks;
    double
        *medians; /* of elapsed_s, a case each, from its summary; NAN: none */
};

/* False without memory. `record` must outlive it. */
bool details_collect(const struct record *record, struct details *details);
void details_finish(struct details *details);

/* False where CPU time, task time or the serial case were not recorded. */
bool details_time_split(const struct details *details, size_t case_index,
                        struct time_split *split);

/* A sample's time over the median of its case; NAN where either is unknown. */
double details_relative(const struct details *details,
                        const struct record_sample *sample);

/* The distribution of a case's block values (elapsed_s): writes up to `most`
 * steps, ascending, and returns how many. */
size_t details_blocks(const struct details *details, size_t case_index,
                      struct details_step *steps, size_t most);

/* The distribution of the service times of all tasks of a case, blocks pooled;
 * `tasks` is their number. Steps nearer to each other than a few hundredths of
 * a decade in 1 / (1 - fraction) are left out, so that they are some 50 a
 * decade at most. The caller frees `*steps`. Returns how many. */
size_t details_tasks(const struct details *details, size_t case_index,
                     struct details_step **steps, double *tasks);

#endif
