/* SPDX-License-Identifier: MIT */
#ifndef CFI_BELL_H
#define CFI_BELL_H

#include <stdalign.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "futex.h"

/*
 * What the host sleeps on while all rings are empty; the one piece of memory
 * that all workers of an executor share. At worst it wakes nobody.
 *
 * Two kinds of host threads sleep here: waiters, who fetch the answer that they
 * wait for themselves, and the drainer, for everything else. A worker that has
 * committed an answer wakes one waiter; where there is none, the drainer;
 * where a thread is counted in as one that looks, nobody: it is awake, and
 * looks at all rings once it has counted itself out.
 *
 *     sleeper                                worker
 *     key = prepare(): counts itself in      commits an answer
 *     any answers? then leave()              ring(): is anybody counted in?
 *     else sleeps while epoch == key         raises the epoch, wakes one
 *     leave(): counts itself out
 *     looks once more
 *
 * Why no answer is left lying: the count and the commit are sequentially
 * consistent. Who is counted out when the worker looks comes back to look
 * before it sleeps, or is a waiter that has gone; then the worker sees no
 * waiter and turns to the drainer. Who is counted in when the worker looks
 * will look at the rings after that, by its last look at the latest, provided
 * that it wakes: the key is read before it counts itself in, so a ring that saw
 * it either finds it asleep or has changed the epoch under its key.
 *
 * One ring is enough for each sleep: the count shares its word with a number
 * that rises whenever somebody comes or goes. A worker that sees the word for
 * which it has rung already knows that the thread it woke is still on its way
 * to look. Each worker keeps that word for itself: who is stopped or killed
 * while ringing keeps nobody else's ring from being heard; and after a death
 * the host looks by itself.
 */
struct cfi_seat {
    alignas(64) _Atomic uint64_t word; /* comings and goings << 16 | sleepers */
    _Atomic uint32_t epoch;            /* slept on                           */
};

struct cfi_bell {
    struct cfi_seat waiters;
    struct cfi_seat drainer;
    alignas(64) _Atomic uint32_t lookers;
    _Atomic uint32_t intake_awaited; /* the host could post no descriptor */
};

/* A worker's memory: the word of each seat that it has rung for. */
struct cfi_ringer {
    uint64_t waiters;
    uint64_t drainer;
};

#define CFI_SEAT_SLEEPERS ((uint64_t)0xffff)
#define CFI_SEAT_TURN     ((uint64_t)0x10000)

static inline uint32_t cfi_seat_prepare(struct cfi_seat *seat)
{
    uint32_t key = atomic_load(&seat->epoch);
    atomic_fetch_add(&seat->word, CFI_SEAT_TURN + 1);
    return key;
}

/* Who sat here looks at the rings after this. */
static inline void cfi_seat_leave(struct cfi_seat *seat)
{
    atomic_fetch_add(&seat->word, CFI_SEAT_TURN - 1);
}

static inline void cfi_seat_wake(struct cfi_seat *seat)
{
    atomic_fetch_add(&seat->epoch, 1);
    cfi_futex_wake_shared(&seat->epoch, 1);
}

/* True: somebody sat here, and has been or will be woken. */
static inline bool cfi_seat_ring(struct cfi_seat *seat, uint64_t *rung)
{
    uint64_t word = atomic_load(&seat->word);

    if ((word & CFI_SEAT_SLEEPERS) == 0)
        return false;
    if (word != *rung) {
        cfi_seat_wake(seat);
        *rung = word;
    }
    return true;
}

/* A thread that counts itself in, while it may stand still for others, looks at
 * the rings after it has counted itself out; so a worker that sees it here, after
 * its commit, was seen. */
static inline void cfi_bell_look_begin(struct cfi_bell *bell)
{
    atomic_fetch_add(&bell->lookers, 1);
}

static inline void cfi_bell_look_end(struct cfi_bell *bell)
{
    atomic_fetch_sub(&bell->lookers, 1);
}

/* Tells who waits for answers, unless he is awake. False: nobody does. */
static inline bool cfi_bell_tell_waiters(struct cfi_bell *bell,
                                         struct cfi_ringer *ringer)
{
    return cfi_seat_ring(&bell->waiters, &ringer->waiters) ||
           atomic_load(&bell->lookers) != 0;
}

static inline void cfi_bell_ring(struct cfi_bell *bell,
                                 struct cfi_ringer *ringer)
{
    if (!cfi_bell_tell_waiters(bell, ringer))
        cfi_seat_ring(&bell->drainer, &ringer->drainer);
}

/* The same for a worker that has taken descriptors in, if the host waits for
 * that. It sets the word, then tries to post once more; here it is the other way
 * round, all sequentially consistent: so one sees the other. */
static inline void cfi_bell_tell_intake(struct cfi_bell *bell,
                                        struct cfi_ringer *ringer)
{
    if (atomic_exchange(&bell->intake_awaited, 0) != 0)
        cfi_bell_ring(bell, ringer);
}

#endif
