/* SPDX-License-Identifier: MIT */
#ifndef CFI_LOCK_H
#define CFI_LOCK_H

#include <limits.h>
#include <stdatomic.h>
#include <stdint.h>

#include "futex.h"

/*
 * A mutex in four bytes, so that every future can have one: 0 free, 1 held,
 * 2 held and somebody may sleep (the third mutex of Drepper's "Futexes Are
 * Tricky"). Zero is a free lock; it needs no destroying. Threads of one
 * process only. Held for a few instructions, never while user code runs.
 */
struct cfi_lock {
    _Atomic uint32_t word;
};

static inline void cfi_lock(struct cfi_lock *lock)
{
    uint32_t seen = 0;

    /* acquire: pairs with the release in cfi_unlock() */
    if (atomic_compare_exchange_strong_explicit(
            &lock->word, &seen, 1, memory_order_acquire, memory_order_relaxed))
        return;
    /* the same pair; 2, since who slept cannot know whether others still do */
    while (atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0)
        cfi_futex_wait(&lock->word, 2, INT64_MAX);
}

static inline void cfi_unlock(struct cfi_lock *lock)
{
    /* release: pairs with the acquires in cfi_lock() */
    if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) == 2)
        cfi_futex_wake(&lock->word, 1);
}

#endif
