/* SPDX-License-Identifier: MIT */
#ifndef BENCH_LANE_H
#define BENCH_LANE_H

/*
 * A lane that is no executor of ours: a command with workers of its own, another
 * language's executor. It stands in a plan and in a record where a backend
 * would.
 */
#include <stdbool.h>

struct sample_numbers;
struct sample_setup;

struct lane {
    const char *name; /* as a record has it */
    bool is_serial;   /* one worker, whatever the list of counts says      */
    bool is_whole;    /* a batch is one task, whatever the worker count is */

    /* Runs the batches of a sample, in the sample's own process; what cannot
     * be run is said by sample_blame(). */
    void (*measure)(const struct sample_setup *setup,
                    struct sample_numbers *numbers);

    const void *context; /* the lane's own */
};

/* The lane called `name`, or NULL. */
const struct lane *lane_find(const char *name);

/* One run of a command with {workers} in it. */
extern const struct lane lane_command;

#endif
