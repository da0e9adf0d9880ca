/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_ITEMS_H
#define CFBENCH_ITEMS_H

/* What most workloads share: an array of items and nothing else. */
#include "workload.h"

/* Room for the items of a run, zeroed, and `*work` set to it. NULL: no memory,
 * and `why` says so, for `return CF_NOMEM`. */
void *wl_items_create(const struct wl_setup *setup, size_t item_bytes,
                      struct wl_work *work);

/* The dispose() of a workload that has nothing but such items. */
void wl_items_dispose(struct wl_work *work);

#endif
