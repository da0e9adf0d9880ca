/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_WATCH_H
#define CFBENCH_WATCH_H

/* A process beside the one that measures that, should this one be killed, ends
 * the programs it has started (leftover.h). */
#include <stddef.h>

#include <cf/status.h>

struct wl_watch;

/* Marks what will be started, and starts watching. CF_OK, or a status with one
 * line in `why`. */
CF_MUST_CHECK
enum cf_status wl_watch_start(struct wl_watch **watch, char *why,
                              size_t why_bytes);

/* NULL is allowed. */
void wl_watch_stop(struct wl_watch *watch);

#endif
