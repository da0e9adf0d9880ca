/* SPDX-License-Identifier: MIT */
#ifndef BENCH_CLOCK_H
#define BENCH_CLOCK_H

/* The one clock of all measuring: monotonic, in nanoseconds. */
#include <stdint.h>
#include <time.h>

static inline int64_t clock_now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static inline double clock_seconds(int64_t duration_ns)
{
    return (double)duration_ns * 1e-9;
}

/* `duration_ns` from now; what is too far away is the end of time. */
static inline int64_t clock_deadline_ns(int64_t duration_ns)
{
    int64_t now = clock_now_ns();

    return duration_ns < INT64_MAX - now ? now + duration_ns : INT64_MAX;
}

#endif
