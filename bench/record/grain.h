/* SPDX-License-Identifier: MIT */
#ifndef RECORD_GRAIN_H
#define RECORD_GRAIN_H

/*
 * Granularity: how long a task must be for workers to pay. From the workloads
 * of a record that are one, with tasks of different lengths (`cfbench run
 * --grain`): efficiency and overhead against the length of a task, which is
 * that in the plain loop of the same language, as measured.
 *
 *   METG    the minimum effective task granularity: the shortest task at which
 *           efficiency is 50 %, on a straight line in logarithms between the
 *           two measured lengths around it (Slaughter et al., Task Bench, SC20)
 *   overhead of a task: what its worker spends on it beyond its length,
 *           workers x elapsed / tasks less the length, paired by block; the
 *           interval is Student's
 *   crossover: the length from which on the one backend is no longer faster
 *           than the other: where the ratio of their times, paired by block,
 *           passes 1, between the last measured length whose 95 % interval is
 *           below 1 and the next; half-way where the estimate is not yet
 *           there. The next must be within 5 % by its estimate: of intervals
 *           that hold 1 since they are wide, it is only known that it lies
 *           above that last length, and nothing where there is none
 */
#include <stdbool.h>
#include <stddef.h>

#include "details.h"

struct grain_point {
    size_t case_index;
    double task_s;     /* in the plain loop */
    double efficiency; /* NAN: unknown, as all below */
    double efficiency_ci95[2];
    double overhead_s;
    double overhead_ci95[2];
    size_t block_count;
};

/* Where a curve passes a threshold. */
enum grain_place {
    GRAIN_FOUND,
    GRAIN_BELOW,   /* at the shortest length it is already past it */
    GRAIN_ABOVE,   /* at the longest it is not yet                 */
    GRAIN_UNKNOWN, /* there are no values, or they tell nothing    */
};

struct grain_lane {
    const char *backend;
    size_t workers;
    struct grain_point *points; /* by length, ascending */
    size_t count;
    enum grain_place metg_place;
    double metg_s; /* where found; else the length it is below or above */
};

/* Threads against processes with as many workers. */
struct grain_ratio {
    double task_s;
    double ratio; /* time in `a` over that in `b` */
    double ci95[2];
    size_t block_count;
};

struct grain_crossing {
    size_t workers;
    const char *a, *b;
    struct grain_ratio *ratios; /* by length, ascending */
    size_t count;
    enum grain_place place;
    double crossing_s;
};

struct grain {
    size_t *workloads; /* indices in the record, by length */
    size_t workload_count;
    struct grain_lane *lanes;
    size_t lane_count;
    struct grain_crossing *crossings;
    size_t crossing_count;
};

/* Are both the same work, in tasks of different lengths? */
bool grain_is_alike(const struct record *record, size_t a, size_t b);

/* Is the workload one of several that differ in their tasks' length, and is that
 * known? Without the plain loop it is not: then each is a workload by itself. */
bool grain_is_of_lengths(const struct record *record, size_t workload);

/* And is it the first of them, or a later one? */
bool grain_is_first(const struct record *record, size_t workload);
bool grain_is_later(const struct record *record, size_t workload);

/* Collects what belongs to the workload, the first of its kind. False where
 * there is nothing or no memory. */
bool grain_collect(const struct details *details, size_t workload,
                   struct grain *grain);
void grain_finish(struct grain *grain);

/* The time of a task in the plain loop that a case is measured by; NAN: not
 * known. */
double grain_task_s(const struct record *record, size_t case_index);

#endif
