/* SPDX-License-Identifier: MIT */
/*
 * The end of the sleep is fixed before it starts, so a signal that interrupts
 * it, or a GIL that is waited for behind it, moves nothing.
 */
#include "pause.h"

#include <errno.h>
#include <time.h>

enum { NS_PER_S = 1000000000 };

int64_t wl_pause_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * NS_PER_S + now.tv_nsec;
}

void wl_pause_from(struct cf_task *task, int64_t begun_ns, double ms)
{
    int64_t end_ns = begun_ns + (int64_t)(ms * 1e6);
    const struct timespec deadline = {.tv_sec = end_ns / NS_PER_S,
                                      .tv_nsec = end_ns % NS_PER_S};

    cf_blocking_begin(task);
    while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &deadline, NULL) ==
           EINTR)
        continue;
    cf_blocking_end(task);
}

void wl_pause(struct cf_task *task, double ms)
{
    wl_pause_from(task, wl_pause_now_ns(), ms);
}
