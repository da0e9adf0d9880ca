/* SPDX-License-Identifier: MIT */
#ifndef BENCH_WATCH_H
#define BENCH_WATCH_H

/* A process beside the one that measures that, should this one be killed, ends
 * the programs it has started (leftover.h). */
#include <stddef.h>

#include <cf/status.h>

struct watch;

/* Marks what will be started, and starts watching. CF_OK, or a status with one
 * line in `why`. */
CF_MUST_CHECK
enum cf_status watch_start(struct watch **watch, char *why, size_t why_bytes);

/* NULL is allowed. */
void watch_stop(struct watch *watch);

#endif
