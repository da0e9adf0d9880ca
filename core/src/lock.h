/* SPDX-License-Identifier: MIT */
#ifndef CFI_LOCK_H
#define CFI_LOCK_H

#include <limits.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "futex.h"

/*
 * A mutex in four bytes, so that every future can have one: 0 free, 1 held,
 * 2 held and somebody may sleep (the third mutex of Drepper's "Futexes Are
 * Tricky"). Zero is a free lock; it needs no destroying. Threads of one
 * process only. Held for a few instructions, a system call at times, never
 * while user code runs; so who finds it held looks again for a microsecond or two
 * before it sleeps.
 */
struct cfi_lock {
    _Atomic uint32_t word;
};

/* False: somebody has it. */
static inline bool cfi_lock_try(struct cfi_lock *lock)
{
    uint32_t nobodys = 0;

    /* acquire: pairs with the release in cfi_unlock() */
    return atomic_compare_exchange_strong_explicit(
        &lock->word, &nobodys, 1, memory_order_acquire, memory_order_relaxed);
}

/* The rest of cfi_lock(), for a lock that somebody has. */
void cfi_lock_held(struct cfi_lock *lock);

static inline void cfi_lock(struct cfi_lock *lock)
{
    if (!cfi_lock_try(lock))
        cfi_lock_held(lock);
}

static inline void cfi_unlock(struct cfi_lock *lock)
{
    /* release: pairs with the acquires of who takes it next */
    if (atomic_exchange_explicit(&lock->word, 0, memory_order_release) == 2)
        cfi_futex_wake(&lock->word, 1);
}

#endif
