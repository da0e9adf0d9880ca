/* SPDX-License-Identifier: MIT */
#ifndef CFI_CLOCK_H
#define CFI_CLOCK_H

#include <stdint.h>
#include <time.h>

/* Time inside the library is int64_t nanoseconds of the monotonic clock, the
 * same in every process of this machine. */

static inline int64_t cfi_timespec_ns(const struct timespec *time)
{
    return (int64_t)time->tv_sec * 1000000000 + time->tv_nsec;
}

static inline struct timespec cfi_ns_timespec(int64_t ns)
{
    return (struct timespec){.tv_sec = ns / 1000000000,
                             .tv_nsec = ns % 1000000000};
}

static inline int64_t cfi_clock_ns(clockid_t clock)
{
    struct timespec now;
    clock_gettime(clock, &now);
    return cfi_timespec_ns(&now);
}

static inline int64_t cfi_now_ns(void)
{
    return cfi_clock_ns(CLOCK_MONOTONIC);
}

/* The moment `timeout_ns` from now; INT64_MAX (never) where that overflows,
 * CF_FOREVER included. A time-out of zero or less is a moment in the past. */
static inline int64_t cfi_deadline_ns(int64_t timeout_ns)
{
    int64_t deadline;
    if (timeout_ns <= 0)
        return INT64_MIN;
    if (timeout_ns == INT64_MAX) /* the usual one, which needs no clock */
        return INT64_MAX;
    if (__builtin_add_overflow(cfi_now_ns(), timeout_ns, &deadline))
        return INT64_MAX;
    return deadline;
}

#endif
