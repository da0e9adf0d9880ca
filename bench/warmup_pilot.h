/* SPDX-License-Identifier: MIT */
#ifndef BENCH_WARMUP_PILOT_H
#define BENCH_WARMUP_PILOT_H

/*
 * `--warmup auto`: how many batches a process needs until it is steady is
 * looked up before the first block. Of each workload on each backend the
 * smallest and the largest worker count run 40 batches in one process; the
 * slowest of all to become steady says how many batches of every sample do not
 * count, so that all cases are treated alike.
 */
#include "runner.h"

/*
 * Sets `plan->warmup`; the pilots' batches become warm-ups of the record, what
 * they showed the facts of its run. They take a tenth of the budget at most.
 * False: one line has been said. After an interrupt the record says that they
 * are unfinished, and another call takes those that it lacks.
 */
bool warmup_pilot(struct plan *plan, const struct runner_setup *setup);

/* Were its pilots interrupted? */
bool warmup_is_unfinished(const struct record *record);

#endif
