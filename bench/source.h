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

/* Why a plugin cannot be measured; NULL: nothing is known against it. No
 * function of a workload with a fault is to be called. */
const char *source_fault(const struct wl_workload *workload);

#endif
