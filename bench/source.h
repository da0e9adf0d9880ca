/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SOURCE_H
#define BENCH_SOURCE_H

/* Where a workload comes from, by its name: built in, or "cmd:NAME". */
#include <stdbool.h>

#include "workload.h"

/*
 * The workload called `name`. `*is_owned`: free() its table when nothing uses
 * it any more. NULL: one line has been said.
 */
const struct wl_workload *source_open(const char *name, bool *is_owned);

#endif
