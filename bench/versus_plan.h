/* SPDX-License-Identifier: MIT */
#ifndef BENCH_VERSUS_PLAN_H
#define BENCH_VERSUS_PLAN_H

/* Two workloads in one plan, the old first: two commands, two plugins, or the
 * same workload twice. */
#include <stdbool.h>

#include "options.h"
#include "plan.h"

/* False: one line has been said. */
bool versus_plan_add(const struct options *options, struct plan *plan);

#endif
