/* SPDX-License-Identifier: MIT */
#ifndef CFI_BIASED_LOCK_H
#define CFI_BIASED_LOCK_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "lock.h"
#include "thread_slot.h"

/*
 * A lock for what one thread does again and again and another hardly ever: the
 * thread that came first owns it and takes it by plain stores, a tenth of what
 * a locked instruction costs; any other has to revoke that (Kawachiya, Koseki,
 * Onodera 2002, "Lock Reservation"; here by a barrier in all threads instead
 * of stopping the owner).
 *
 *      owner                              who revokes, with `lock`
 *      held = 1                           owner = nobody's
 *      (instructions in this order)       cfi_barrier_all()
 *      owner is me? it has the lock       held == 0? it has the lock
 *      else held = 0, wakes, the long way else sleeps on `held`
 *
 * Each writes its own word, then reads the other's. At the barrier the owner
 * has read `owner` already, then its `held` is visible after it; or it has not,
 * then it reads what was written before it. So never both.
 * (tests/models/biased_lock.pml)
 *
 * Once revoked it is a plain lock for good: a second owner could not tell its
 * own `held` from what the first, late, takes back. While there is no barrier
 * in all threads it is one as well. Zero is a free lock that nobody owns yet.
 * What else is said of a cfi_lock holds of it.
 */
struct cfi_biased_lock {
    const void *_Atomic owner; /* a thread's token, or a value below */
    _Atomic uint32_t held;     /* by the owner                       */
    struct cfi_lock lock;      /* any other's; `owner` changes under it */
};

/* Values of `owner`, beside NULL: nobody has come yet. */
extern const char cfi_nobodys;     /* for good            */
extern const char cfi_nobodys_now; /* it is being revoked */

/* The rest of what follows, where it is not the owner who comes, or where the
 * owner meets who revokes. claim(): has it as its owner; false: by the inner
 * lock. */
bool cfi_biased_claim(struct cfi_biased_lock *biased);
void cfi_biased_wake(struct cfi_biased_lock *biased);

static inline void cfi_biased_give(struct cfi_biased_lock *biased)
{
    /* release: pairs with the acquire in revoke(). relaxed: ordered by the
     * revoker's barrier, as above */
    atomic_store_explicit(&biased->held, 0, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&biased->owner, memory_order_relaxed) !=
        cfi_thread_token())
        cfi_biased_wake(biased);
}

/* As the owner, who has come before; false: it is not, or not any more. */
static inline bool cfi_biased_take(struct cfi_biased_lock *biased)
{
    /* relaxed, twice: ordered by the revoker's barrier, as above; acquire: pairs
     * with the release of who handed the lock back, see borrow() */
    if (atomic_load_explicit(&biased->owner, memory_order_relaxed) !=
        cfi_thread_token())
        return false;
    atomic_store_explicit(&biased->held, 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    if (atomic_load_explicit(&biased->owner, memory_order_acquire) ==
        cfi_thread_token())
        return true;
    cfi_biased_give(biased);
    return false;
}

/* To be given to unlock(): as its owner? */
static inline bool cfi_biased_lock(struct cfi_biased_lock *biased)
{
    return cfi_biased_take(biased) || cfi_biased_claim(biased);
}

static inline void cfi_biased_unlock(struct cfi_biased_lock *biased,
                                     bool as_owner)
{
    if (as_owner)
        cfi_biased_give(biased);
    else
        cfi_unlock(&biased->lock);
}

/* For once: its owner keeps it. Returns what hand_back() is to be told. */
const void *cfi_biased_borrow(struct cfi_biased_lock *biased);
void cfi_biased_hand_back(struct cfi_biased_lock *biased, const void *owner);

/* May its owner, another thread, be reading now what this one has just written
 * (sequentially consistent)? Then a barrier in all threads is due before it is
 * asked what the owner has written. */
static inline bool cfi_biased_is_anothers(const struct cfi_biased_lock *biased)
{
    const void *owner = atomic_load(&biased->owner);

    return owner != NULL && owner != &cfi_nobodys &&
           owner != cfi_this_thread.token; /* NULL: it has none yet */
}

#endif
