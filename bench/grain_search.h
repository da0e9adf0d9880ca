/* SPDX-License-Identifier: MIT */
#ifndef BENCH_GRAIN_SEARCH_H
#define BENCH_GRAIN_SEARCH_H

/*
 * Which value of a parameter makes a task take as long as is wanted, found by
 * trials of times that other programs may lengthen.
 */
#include <stdbool.h>

struct grain_search {
    double wanted_s;
    double minimum, maximum; /* of the parameter */
    bool is_whole;           /* its values are whole numbers */

    /* The time of a task with `value`, which is expected to take about
     * `expected_s` (INFINITY: nobody knows). NAN: it could not be run. */
    double (*try_value)(void *context, double value, double expected_s);
    void *context;
};

/* Begins at `*value` and leaves there what came nearest; `*task_s` is what a
 * task took with it. False: the first trial could not be run. */
bool grain_search(const struct grain_search *search, double *value,
                  double *task_s);

#endif
