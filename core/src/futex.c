/* SPDX-License-Identifier: MIT */
/*
 * The futex system call, which glibc does not wrap. Deadlines are absolute on
 * the monotonic clock (FUTEX_WAIT_BITSET takes them so), hence a spurious
 * return stretches no time-out.
 */
#include "futex.h"

#include <errno.h>
#include <limits.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"

static bool wait_on(const _Atomic uint32_t *word, uint32_t expected,
                    int64_t deadline_ns, int flags, uint32_t kinds)
{
    struct timespec until, *timeout = NULL;
    int saved_errno = errno;

    if (deadline_ns != INT64_MAX) {
        if (deadline_ns <= 0)
            return false;
        until = cfi_ns_timespec(deadline_ns);
        timeout = &until;
    }
    long rc = syscall(SYS_futex, word, FUTEX_WAIT_BITSET | flags, expected,
                      timeout, NULL, kinds);
    bool in_time = rc == 0 || errno != ETIMEDOUT;
    errno = saved_errno;
    return in_time;
}

static void wake_on(const _Atomic uint32_t *word, int count, int flags)
{
    int saved_errno = errno;
    syscall(SYS_futex, word, FUTEX_WAKE | flags, count, NULL, NULL, 0);
    errno = saved_errno;
}

bool cfi_futex_wait_as(const _Atomic uint32_t *word, uint32_t expected,
                       int64_t deadline_ns, uint32_t kinds)
{
    return wait_on(word, expected, deadline_ns, FUTEX_PRIVATE_FLAG, kinds);
}

bool cfi_futex_wait(const _Atomic uint32_t *word, uint32_t expected,
                    int64_t deadline_ns)
{
    return cfi_futex_wait_as(word, expected, deadline_ns,
                             FUTEX_BITSET_MATCH_ANY);
}

bool cfi_futex_wait_shared(const _Atomic uint32_t *word, uint32_t expected,
                           int64_t deadline_ns)
{
    return wait_on(word, expected, deadline_ns, 0, FUTEX_BITSET_MATCH_ANY);
}

void cfi_futex_wake(const _Atomic uint32_t *word, int count)
{
    wake_on(word, count, FUTEX_PRIVATE_FLAG);
}

void cfi_futex_wake_shared(const _Atomic uint32_t *word, int count)
{
    wake_on(word, count, 0);
}

bool cfi_futex_wake_kind(const _Atomic uint32_t *word, uint32_t kinds)
{
    int saved_errno = errno;
    long woken =
        syscall(SYS_futex, word, FUTEX_WAKE_BITSET | FUTEX_PRIVATE_FLAG, 1,
                NULL, NULL, kinds);
    errno = saved_errno;
    return woken > 0;
}
