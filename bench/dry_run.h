/* SPDX-License-Identifier: MIT */
#ifndef BENCH_DRY_RUN_H
#define BENCH_DRY_RUN_H

#include "plan.h"

/* Prints what a plan would measure. Returns the exit code. */
int dry_run_print(const struct plan *plan);

#endif
