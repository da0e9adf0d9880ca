/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

/* Where a workload comes from, by its name: built in, "cmd:NAME",
 * "py:MODULE:FUNCTION", or a plugin, "./libmine.so:parse". */
#include <stdbool.h>

#include "workload.h"

/*
 * The workload called `name`. `*is_owned`: free() its table when nothing uses
 * it any more. NULL: one line has been said. A plugin that cannot be loaded is
 * a workload with a source_fault().
 */
const struct wl_workload *source_open(const char *name, bool *is_owned);

/*
 * A plugin's workload runs one task with `values` in a child process, to see
 * that it can be measured at all. Where it cannot, one line is said, and
 * source_fault() knows it from then on.
 */
void source_try(const struct wl_workload *workload,
                const struct wl_value *values);

/* Is it a plugin's: code of unknown quality, not to be called in this process? */
bool source_is_foreign(const struct wl_workload *workload);

/* How many of `tasks` items a case with so many workers runs. A plugin is asked
 * in a child; where it goes wrong there, as above. */
size_t source_tasks_for(const struct wl_workload *workload,
                        const struct wl_value *values, size_t tasks,
                        size_t workers);

/* Gives a plugin a fault; its cases say it. */
void source_blame(const struct wl_workload *workload, const char *why);

/* Why a plugin cannot be measured; NULL: nothing is known against it. No
 * function of a workload with a fault is to be called. */
const char *source_fault(const struct wl_workload *workload);

#endif
