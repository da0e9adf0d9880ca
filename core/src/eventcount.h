/* SPDX-License-Identifier: MIT */
#ifndef CFI_EVENTCOUNT_H
#define CFI_EVENTCOUNT_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "futex.h"

/*
 * Sleeping until a condition holds that lives elsewhere, without a lock around
 * it and without a lost wake:
 *
 *     sleeper                             notifier
 *     key = cfi_eventcount_prepare()      makes the condition true
 *     condition true? then cancel()       cfi_eventcount_notify()
 *     else wait(key)
 *
 * Why none is lost: prepare counts the sleeper in, then reads the epoch;
 * notify raises the epoch, then looks for sleepers; all four sequentially
 * consistent. If notify sees no sleeper, its raise came before the sleeper's
 * reading of the epoch, so that the sleeper, which acquires it, sees the
 * condition true when it looks. If it sees one, it wakes it, or the raised
 * epoch keeps it from falling asleep. Zero is a good start; a wrap of the
 * epoch needs 2^32 notifications between a prepare and its wait.
 */
struct cfi_eventcount {
    _Atomic uint32_t epoch;
    _Atomic uint32_t sleepers;
};

static inline uint32_t cfi_eventcount_prepare(struct cfi_eventcount *event)
{
    atomic_fetch_add(&event->sleepers, 1);
    return atomic_load(&event->epoch);
}

static inline void cfi_eventcount_cancel(struct cfi_eventcount *event)
{
    atomic_fetch_sub(&event->sleepers, 1);
}

/* False: the deadline has passed. True: look at the condition again. */
static inline bool cfi_eventcount_wait(struct cfi_eventcount *event,
                                       uint32_t key, int64_t deadline_ns)
{
    bool in_time = cfi_futex_wait(&event->epoch, key, deadline_ns);
    atomic_fetch_sub(&event->sleepers, 1);
    return in_time;
}

/* The same for one who can be told from others, see futex.h. */
static inline bool cfi_eventcount_wait_as(struct cfi_eventcount *event,
                                          uint32_t key, int64_t deadline_ns,
                                          uint32_t kinds)
{
    bool in_time = cfi_futex_wait_as(&event->epoch, key, deadline_ns, kinds);
    atomic_fetch_sub(&event->sleepers, 1);
    return in_time;
}

static inline void cfi_eventcount_notify(struct cfi_eventcount *event,
                                         int count)
{
    atomic_fetch_add(&event->epoch, 1);
    if (atomic_load(&event->sleepers) != 0)
        cfi_futex_wake(&event->epoch, count);
}

/* Wakes one of these kinds; where none of them sleeps, any other one if
 * `must_wake`. */
static inline void cfi_eventcount_notify_kind(struct cfi_eventcount *event,
                                              uint32_t kinds, bool must_wake)
{
    atomic_fetch_add(&event->epoch, 1);
    if (atomic_load(&event->sleepers) != 0 &&
        !cfi_futex_wake_kind(&event->epoch, kinds) && must_wake)
        cfi_futex_wake(&event->epoch, 1);
}

#define CFI_EVERYBODY INT_MAX

#endif
