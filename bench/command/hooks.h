/* SPDX-License-Identifier: MIT */
#ifndef BENCH_HOOKS_H
#define BENCH_HOOKS_H

/* --setup, --prepare, --conclude, --cleanup: shell lines around a command's
 * samples, outside every time. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "command.h"
#include "plan.h"

enum { HOOK_WHY_BYTES = 200 };

/*
 * Runs the line that the workload has for it, if any, with {workers} filled in,
 * for at most `limit_ns`. False: one line in `why`.
 */
bool hook_run(const struct plan_workload *work, enum command_parameter id,
              size_t workers, int64_t limit_ns, char why[HOOK_WHY_BYTES]);

/* The same for every workload of a plan; false: one line has been said. */
bool hooks_run(const struct plan *plan, enum command_parameter id,
               int64_t limit_ns);

#endif
