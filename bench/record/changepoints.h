/* SPDX-License-Identifier: MIT */
#ifndef RECORD_CHANGEPOINTS_H
#define RECORD_CHANGEPOINTS_H

/*
 * Where a series of times changes its mean or its variance, and from which of
 * its iterations on it is steady: Barrett, Bolz-Tereick, Killick, Mount &
 * Tratt, "Virtual Machine Warmup Blows Hot and Cold", OOPSLA 2017.
 */
#include <stdbool.h>
#include <stddef.h>

/* Fewer iterations are not examined. */
#define ITERATIONS_FOR_WARMUP 30

/*
 * The starts of the segments after the first, ascending, at most `room` of
 * them: PELT (Killick, Fearnhead & Eckley, JASA 107, 2012), each segment with a
 * normal mean and variance of its own and at least two values, a further one
 * costing 15 ln n. Returns how many; SIZE_MAX without memory.
 */
size_t changepoints_find(const double *values, size_t n, size_t *starts,
                         size_t room);

enum steadiness {
    STEADY_NOT_EXAMINED, /* too few iterations: the first is cut           */
    STEADY_FLAT,
    STEADY_AFTER_WARMUP,
    STEADY_AFTER_SLOWDOWN, /* it was faster before                         */
    STEADY_NEVER,          /* it still changes in the last quarter         */
};

/* "not-examined", "flat", "warm-up", "slow-down", "no-steady-state". */
const char *steadiness_name(enum steadiness steadiness);

struct warmup {
    enum steadiness steadiness;
    size_t iterations; /* before the steady state, to be cut */
};

/* Judges the times of iterations in one process. False without memory. */
bool warmup_judge(const double *times, size_t n, struct warmup *warmup);

#endif
