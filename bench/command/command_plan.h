/* SPDX-License-Identifier: MIT */
#ifndef BENCH_COMMAND_PLAN_H
#define BENCH_COMMAND_PLAN_H

/* From what was typed after `--` to a workload in the plan. */
#include <stdbool.h>

#include "options.h"
#include "plan.h"

/* Looks up the program, reads the inputs. False: one line has been said. */
bool command_plan_add(const struct options *options, struct plan *plan);

#endif
