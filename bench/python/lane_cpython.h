/* SPDX-License-Identifier: MIT */
#ifndef BENCH_LANE_CPYTHON_H
#define BENCH_LANE_CPYTHON_H

/* A sample in a Python interpreter; for pythons.c, which makes the lanes. */
#include <stddef.h>

#include <cjson/cJSON.h>

#include "lane.h"
#include "pythons.h"

enum { PYTHON_PROTOCOL = 1, PYTHON_EXECUTORS = 4 };

struct interpreter;

struct python_lane {
    struct lane lane;
    char name[64];
    const char *executor;
    const char *interpreter; /* a path                                      */
    double steps_per_ms; /* of its own, for all samples alike; NAN: not told */
    const struct interpreter *owner;
};

/* The requests of lane.py's protocol. NULL without memory. */
cJSON *lane_cpython_prepare(const struct python_lane *lane,
                            const struct python_work *work, size_t tasks);
cJSON *lane_cpython_run(const char *executor, size_t workers, size_t warmup);

/* The lanes' measure(). */
void lane_cpython_measure(const struct sample_setup *setup,
                          struct sample_numbers *numbers);

#endif
