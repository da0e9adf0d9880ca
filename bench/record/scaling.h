/* SPDX-License-Identifier: MIT */
#ifndef RECORD_SCALING_H
#define RECORD_SCALING_H

/*
 * Which model describes how throughput follows the worker count, and what it
 * says: the whole way from values to an element of a record's `models`.
 */
#include <stdbool.h>

#include "points.h"
#include "record.h"

/* What is asked for; zero is the default: the best model, on logs. */
struct scaling_request {
    const char *model; /* by name; NULL: the best of all */
    enum objective objective;
    double cores; /* of the machine, 0: unknown */
    double threads;
};

enum scaling_outcome {
    SCALING_FITTED,
    SCALING_TOO_FEW, /* worker counts, for any model or the one asked for */
    SCALING_UNKNOWN, /* there is no such model, or it does not apply here */
    SCALING_NO_MEMORY,
};

/*
 * Fits and fills in `model` but for its workload and backend. The values are
 * positive and finite. What is filled in is to be freed also where it failed;
 * `count_count` is right even then.
 */
enum scaling_outcome scaling_fit(const struct scaling_value *values,
                                 size_t count,
                                 const struct scaling_request *request,
                                 struct record_model *model);

/*
 * The same for each workload and backend of a record with enough worker counts,
 * on its block values; replaces the record's `models`. `*reason` says in words
 * why there are none, NULL where there are. False without memory.
 */
bool scaling_fit_record(struct record *record,
                        const struct scaling_request *request,
                        const char **reason);

#endif
