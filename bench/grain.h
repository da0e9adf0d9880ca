/* SPDX-License-Identifier: MIT */
#ifndef BENCH_GRAIN_H
#define BENCH_GRAIN_H

/*
 * --grain: each workload as several that differ in how long a task takes, so
 * that a record can say how long a task must be for an executor to pay. The
 * length is set through one of the workload's own parameters, whose value for
 * it is found by trials in the plain loop; what it became is measured.
 */
#include <stdbool.h>
#include <stddef.h>

#include "options.h"
#include "plan.h"

/* Checks the text of the flag: "[PARAMETER=]10us,100us,1ms". False: one line
 * has been said. */
bool grain_check(const char *text);

/* Puts workloads of these lengths in the place of each workload of the plan.
 * False: one line has been said. */
bool grain_expand(struct plan *plan, const struct options *options);

/* Warns where the plan has no plain loop, by which a task's length is known. */
void grain_warn(const struct plan *plan);

#endif
