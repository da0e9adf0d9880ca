/* SPDX-License-Identifier: MIT */
/* A lock that somebody has. */
#include "lock.h"

#include "spin.h"

#define LOOKS 20 /* of 0.1 us */

void cfi_lock_held(struct cfi_lock *lock)
{
    for (int i = 0; i < LOOKS; i++) {
        cfi_spin_pause();
        /* relaxed: a hint; who takes it acquires */
        if (atomic_load_explicit(&lock->word, memory_order_relaxed) == 0 &&
            cfi_lock_try(lock))
            return;
    }
    /* acquire: pairs with the release in cfi_unlock(); 2, since who slept
     * cannot know whether others still do */
    while (atomic_exchange_explicit(&lock->word, 2, memory_order_acquire) != 0)
        cfi_futex_wait(&lock->word, 2, INT64_MAX);
}
