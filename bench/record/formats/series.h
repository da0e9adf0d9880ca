/* SPDX-License-Identifier: MIT */
#ifndef RECORD_SERIES_H
#define RECORD_SERIES_H

/* Throughputs over worker counts, of one thing or of several side by side. */
#include <stdbool.h>
#include <stddef.h>

#include "points.h"

struct series {
    char *workload;
    char *backend; /* NULL: not said */
    struct scaling_value *values;
    double *tasks; /* of each value: what was timed at once; 0: not said */
    size_t count;
};

struct series_list {
    struct series *series;
    size_t count;
};

void series_finish(struct series_list *list);

/* The series of that workload and backend, made where there is none; SIZE_MAX
 * without memory, and beyond SERIES_AT_MOST. */
#define SERIES_AT_MOST 1000
size_t series_find(struct series_list *list, const char *workload,
                   const char *backend);

/* Appends to the i-th. False without memory. */
bool series_add(struct series_list *list, size_t i, struct scaling_value value,
                double tasks);

#endif
