/* SPDX-License-Identifier: MIT */
/* How a biased lock changes hands: all of it under its inner lock. */
#include "biased_lock.h"

#include "barrier.h"
#include "futex.h"

const char cfi_nobodys, cfi_nobodys_now;

void cfi_biased_wake(struct cfi_biased_lock *biased)
{
    cfi_futex_wake(&biased->held, 1);
}

/* From the thread that owns it, if that is another than this. Lock held. */
static void revoke(struct cfi_biased_lock *biased)
{
    const void *owner = atomic_load(&biased->owner);

    /* who has no slot yet owns nothing, and gets none for this */
    if (owner == NULL || owner == &cfi_nobodys ||
        owner == cfi_this_thread.token)
        return;
    /* relaxed: the barrier orders it before what follows; acquire: pairs with
     * the release in cfi_biased_give() */
    atomic_store_explicit(&biased->owner, &cfi_nobodys_now,
                          memory_order_relaxed);
    cfi_barrier_all();
    while (atomic_load_explicit(&biased->held, memory_order_acquire) != 0)
        cfi_futex_wait(&biased->held, 1, INT64_MAX);
}

bool cfi_biased_claim(struct cfi_biased_lock *biased)
{
    for (;;) {
        cfi_lock(&biased->lock);
        const void *owner = atomic_load(&biased->owner);
        if (owner == NULL && !cfi_barrier_all_exists())
            return false;
        if (owner != NULL && owner != cfi_thread_token()) {
            revoke(biased);
            atomic_store(&biased->owner, &cfi_nobodys);
            return false;
        }
        /* sequentially consistent: see cfi_biased_is_anothers() */
        atomic_store(&biased->owner, cfi_thread_token());
        cfi_unlock(&biased->lock);
        if (cfi_biased_take(biased))
            return true;
    }
}

const void *cfi_biased_borrow(struct cfi_biased_lock *biased)
{
    cfi_lock(&biased->lock);
    const void *owner = atomic_load(&biased->owner);
    revoke(biased);
    return owner;
}

void cfi_biased_hand_back(struct cfi_biased_lock *biased, const void *owner)
{
    /* release: pairs with the acquire in cfi_biased_take() */
    atomic_store_explicit(&biased->owner, owner, memory_order_release);
    cfi_unlock(&biased->lock);
}
