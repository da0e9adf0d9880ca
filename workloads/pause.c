/* SPDX-License-Identifier: MIT */
/*
 * The end of the sleep is fixed before it starts, so a signal that interrupts
 * it, or a GIL that is waited for behind it, moves nothing.
 */
#include "pause.h"

#include <errno.h>
#include <stdint.h>
#include <time.h>

enum { NS_PER_S = 1000000000 };

static struct timespec deadline_after(double ms)
{
    struct timespec deadline;
    int64_t ns;

    clock_gettime(CLOCK_MONOTONIC, &deadline);
    ns = deadline.tv_nsec + (int64_t)(ms * 1e6);
    deadline.tv_sec += ns / NS_PER_S;
    deadline.tv_nsec = ns % NS_PER_S;
    return deadline;
}

void wl_pause(struct cf_task *task, double ms)
{
    struct timespec deadline = deadline_after(ms);

    cf_blocking_begin(task);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) ==
           EINTR)
        continue;
    cf_blocking_end(task);
}
