/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_PAUSE_H
#define CFBENCH_PAUSE_H

#include <stdint.h>

#include <cf/task.h>

/* Sleeps, as a blocking part of the task; not shorter for a signal. */
void wl_pause(struct cf_task *task, double ms);

/* The same from `begun_ns` on, a time of wl_pause_now_ns(); one that has passed
 * by then is no sleep. */
void wl_pause_from(struct cf_task *task, int64_t begun_ns, double ms);
int64_t wl_pause_now_ns(void);

#endif
