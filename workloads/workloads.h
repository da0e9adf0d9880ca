/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_WORKLOADS_H
#define CFBENCH_WORKLOADS_H

/* The built-in workloads. All constant; nothing here can fail or block. */
#include <stddef.h>

#include "workload.h"

/* The i-th workload in the order of listing, NULL past the last. */
const struct wl_workload *wl_at(size_t i);

/* The workload called `name`, or NULL. */
const struct wl_workload *wl_find(const char *name);

/* The name nearest to a wrong one, for "did you mean"; NULL if none is near. */
const char *wl_find_nearest(const char *wrong_name);

#endif
