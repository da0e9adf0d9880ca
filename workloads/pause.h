/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_PAUSE_H
#define CFBENCH_PAUSE_H

#include <cf/task.h>

/* Sleeps, as a blocking part of the task; not shorter for a signal. */
void wl_pause(struct cf_task *task, double ms);

#endif
