/* SPDX-License-Identifier: MIT */
#ifndef BENCH_PREDICT_H
#define BENCH_PREDICT_H

/* How long a plan will take, before it is run. */
#include "plan.h"

struct prediction {
    double block_s;     /* one pass over the cases that are predicted     */
    size_t case_count;  /* those                                          */
    size_t unpredicted; /* of a command, a plugin or Python: what they do
                            is not done before it is asked for             */
};

/*
 * Times a small sample of each built-in workload on each backend, a second or
 * so in all, and goes on from there by the operational bounds: N workers on m
 * CPUs do min(N/(C + W), m/C) tasks a second, where a task computes for C and
 * waits for W (docs/method.md). Prepares the plan. False: one line has been
 * said.
 */
bool predict(struct plan *plan, double usable, double gap_s,
             struct prediction *prediction);

#endif
