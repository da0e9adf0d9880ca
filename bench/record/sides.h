/* SPDX-License-Identifier: MIT */
#ifndef RECORD_SIDES_H
#define RECORD_SIDES_H

/*
 * A record of two sides: the same backends and worker counts on two workloads,
 * the old and the new, interleaved in one run. What it is for is the ratio of
 * their times, so these comparisons stand beside those of the backends: `a` is
 * the new case, `b` the old one.
 *
 * The decision is by Wilcoxon's signed ranks (wilcoxon.h) on the ratios within
 * blocks. All pairs are one family: the intervals hold together (Bonferroni),
 * p-values are Holm's.
 */
#include <stdbool.h>

#include "blocks.h"
#include "record.h"

#define SIDES_METHOD "wilcoxon"

struct sides {
    const char *old_id, *new_id; /* workloads */
    double delta;                /* the smallest difference that counts */
};

/* Marks a record as one of two sides, among the facts of its run. False
 * without memory. */
bool sides_set(struct facts *run, const struct sides *sides);

/* Reads the mark. False: it is no such record. */
bool sides_find(const struct record *record, struct sides *sides);

/* Is this comparison one of the two sides? */
bool sides_are(const struct record *record,
               const struct record_comparison *comparison);

/* Adds the comparisons, if it is such a record. False without memory. */
bool compare_sides(struct record *record, const struct all_blocks *all,
                   double level);

/* The widest interval of those comparisons, as precision_widest() has it. */
double sides_widest(const struct record *record);

#endif
