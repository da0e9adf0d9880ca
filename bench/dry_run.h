/* SPDX-License-Identifier: MIT */
#ifndef BENCH_DRY_RUN_H
#define BENCH_DRY_RUN_H

#include "plan.h"

struct dry_run {
    const struct record *record; /* of a resumed run: with its samples */
    double usable;               /* CPUs */
    double gap_s;
    double budget_s;
};

/* Prints what a plan would measure, and about how long it would take. Returns
 * the exit code. */
int dry_run_print(struct plan *plan, const struct dry_run *dry_run);

#endif
