/* SPDX-License-Identifier: MIT */
/*
 * Ending another thread's wait. A thread that asked for it sleeps on two words
 * at once (futex_waitv, Linux 5.16): the one it waits for, and its own, which
 * an interrupt sets. The kernel compares both before it puts the thread to
 * sleep, so an interrupt between the last look and the sleep is not lost; one
 * that comes while the thread does not wait stays in the word for the next
 * wait. A thread that never asked pays nothing.
 *
 * A filter may forbid the call once it was used. Then a thread sleeps on the
 * one word for a moment at a time, and looks for the others in between.
 */
#include "interrupt.h"

#include <errno.h>
#include <linux/futex.h>
#include <stddef.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "last_error.h"

#define MOMENT_NS 1000000

struct cf_waiter {
    _Atomic uint32_t interrupted; /* 1: end a wait; slept on */
    bool is_used;                 /* the thread's own: it asked for it */
    bool was_interrupted; /* the thread's own: how its last wait ended */
};

static _Thread_local struct cf_waiter self;

static long wait_for_any(struct futex_waitv *words, unsigned count,
                         const struct timespec *until)
{
    return syscall(SYS_futex_waitv, words, count, 0, until, CLOCK_MONOTONIC);
}

static struct futex_waitv on(const _Atomic uint32_t *word, uint32_t expected)
{
    return (struct futex_waitv){.val = expected,
                                .uaddr = (uintptr_t)word,
                                .flags = FUTEX_32 | FUTEX_PRIVATE_FLAG};
}

bool cfi_can_wait_for_either(void)
{
    /* a wait that cannot begin tells whether the kernel knows the call */
    struct futex_waitv words[2] = {on(&self.interrupted, 2),
                                   on(&self.interrupted, 2)};
    return wait_for_any(words, 2, NULL) >= 0 || errno == EAGAIN;
}

enum cf_status cf_waiter_of_this_thread(struct cf_waiter **waiter)
{
    if (waiter == NULL)
        return cfi_fail(CF_INVALID, "no place given for the waiter");
    if (!self.is_used && !cfi_can_wait_for_either())
        return cfi_fail_errno(CF_UNSUPPORTED, "waits cannot be interrupted");
    self.is_used = true;
    *waiter = &self;
    return CF_OK;
}

void cf_interrupt(struct cf_waiter *waiter)
{
    if (waiter == NULL)
        return;
    atomic_store(&waiter->interrupted, 1);
    cfi_futex_wake(&waiter->interrupted, 1);
}

/* Uses an interrupt up. */
static bool is_interrupted(void)
{
    return atomic_load(&self.interrupted) != 0 &&
           atomic_exchange(&self.interrupted, 0) != 0;
}

bool cfi_is_interruptible(void)
{
    return self.is_used;
}

bool cfi_use_interrupt(void)
{
    return self.is_used && is_interrupted();
}

/* For a wait that the system has refused. False: the deadline has passed. */
static bool sleep_for_a_moment(const struct futex_waitv *word,
                               int64_t deadline_ns)
{
    int64_t until_ns = cfi_now_ns() + MOMENT_NS;
    bool is_last = deadline_ns <= until_ns;

    return cfi_futex_wait((const _Atomic uint32_t *)(uintptr_t)word->uaddr,
                          (uint32_t)word->val,
                          is_last ? deadline_ns : until_ns) ||
           !is_last;
}

static bool is_refused(int error)
{
    return error != 0 && error != ETIMEDOUT && error != EAGAIN &&
           error != EINTR;
}

/* Sleeps on `count` words, the first of which the threads of this process alone
 * have. */
static bool interruptible_wait(struct futex_waitv *words, unsigned count,
                               int64_t deadline_ns)
{
    struct timespec until, *timeout = NULL;
    int saved_errno = errno;

    self.was_interrupted = false;
    if (deadline_ns <= 0)
        return false;
    if (deadline_ns != INT64_MAX) {
        until = cfi_ns_timespec(deadline_ns);
        timeout = &until;
    }
    int error = wait_for_any(words, count, timeout) >= 0 ? 0 : errno;
    errno = saved_errno;
    bool in_time = is_refused(error) ? sleep_for_a_moment(words, deadline_ns)
                                     : error != ETIMEDOUT;
    self.was_interrupted = cfi_use_interrupt();
    return in_time && !self.was_interrupted;
}

bool cfi_interruptible_wait(const _Atomic uint32_t *word, uint32_t expected,
                            int64_t deadline_ns)
{
    if (!self.is_used) {
        self.was_interrupted = false;
        return cfi_futex_wait(word, expected, deadline_ns);
    }
    struct futex_waitv words[2] = {on(word, expected),
                                   on(&self.interrupted, 0)};
    return interruptible_wait(words, 2, deadline_ns);
}

bool cfi_interruptible_wait_either(const _Atomic uint32_t *word,
                                   uint32_t expected,
                                   const _Atomic uint32_t *shared,
                                   uint32_t shared_expected,
                                   int64_t deadline_ns)
{
    struct futex_waitv words[3] = {on(word, expected),
                                   on(shared, shared_expected),
                                   on(&self.interrupted, 0)};

    words[1].flags = FUTEX_32;
    return interruptible_wait(words, self.is_used ? 3 : 2, deadline_ns);
}

bool cfi_was_interrupted(void)
{
    return self.was_interrupted;
}

void cfi_forget_interrupt(void)
{
    self.was_interrupted = false;
}

bool cfi_interruptible_event_wait(struct cfi_eventcount *event, uint32_t key,
                                  int64_t deadline_ns)
{
    bool in_time = cfi_interruptible_wait(&event->epoch, key, deadline_ns);
    cfi_eventcount_cancel(event);
    return in_time;
}

enum cf_status cfi_fail_timeout(const char *what)
{
    bool was_interrupted = self.was_interrupted;
    cfi_forget_interrupt();
    return cfi_fail(CF_TIMEOUT, "%s%s", what,
                    was_interrupted ? ": interrupted" : "");
}
