/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTURE_BOUND_H
#define CFI_FUTURE_BOUND_H

/*
 * Most tasks are run by whoever takes their entry from a queue, and nobody else
 * ever wants to move them. Such a future is bound to its entry: who has that
 * claims it by a plain store, and it goes from PENDING to FINISHED in one step.
 * Anybody else (who cancels it, or runs it in a wait) unbinds it first, and with
 * it all of its executor for good: those are claimed by a step each, as any.
 *
 *      who has the entry                 anybody else
 *      STARTED into its tie              unbound = BEGUN
 *      (instructions in this order)      cfi_barrier_all(), unbound = DONE
 *      unbound is 0? it is his           STARTED? a step to RUNNING + CONFIRMED,
 *      else a step to RUNNING, or it     for who has the entry; else one to
 *      is CONFIRMED already              PENDING, unbound
 *
 * Each writes its own word, then reads the other's. At the barrier the first has
 * read `unbound` already, then STARTED is visible after it; or he has not, then
 * he reads that it is not 0, and the steps decide. (tests/models/bound.pml)
 *
 * An executor may be gone before its last future, so `unbound` is one of a few
 * words that always are; some may share one.
 */
#include "future_head.h"
#include "future_tie.h"

enum { CFI_BONDS = 64 };
enum { CFI_UNBOUND_BEGUN = 1, CFI_UNBOUND_DONE };

extern _Atomic uint32_t cfi_unbound[CFI_BONDS];

static inline _Atomic uint32_t *
cfi_future_unbound(const struct cf_future *future)
{
    uintptr_t executor = (uintptr_t)future->executor;
    return &cfi_unbound[(executor >> 6 ^ executor >> 12) % CFI_BONDS];
}

/* Has anybody else met one of its executor? Before that STARTED decides. */
static inline bool cfi_future_may_be_unbound(const struct cf_future *future)
{
    return atomic_load(cfi_future_unbound(future)) != 0;
}

/* The rest of claim_entry(): others have unbound futures of this executor. */
bool cfi_future_claim_late(struct cf_future *future);

/* Before it is queued: by who knows that there is a barrier in all threads. */
static inline void cfi_future_bind(struct cf_future *future)
{
    /* relaxed, thrice: nobody else has it yet; a hint, and who unbinds finds the
     * bond in its head */
    if (cfi_future_tie(future) % 2 == 0 || future->has_extra ||
        future->ends_loudly || future->travels ||
        atomic_load_explicit(cfi_future_unbound(future),
                             memory_order_relaxed) != 0)
        return;
    atomic_store_explicit(
        &future->head,
        atomic_load_explicit(&future->head, memory_order_relaxed) | CFI_BOUND,
        memory_order_relaxed);
}

/* cfi_future_claim(), by who has its entry. */
static inline bool cfi_future_claim_entry(struct cf_future *future)
{
    if (!cfi_future_is_bound(future))
        return cfi_future_claim_in_place(future);
    cfi_future_note_start(future);
    atomic_signal_fence(memory_order_seq_cst);
    /* relaxed: ordered by the barrier of who unbinds, as above */
    return atomic_load_explicit(cfi_future_unbound(future),
                                memory_order_relaxed) == 0 ||
           cfi_future_claim_late(future);
}

/* Who has the entry will not run it; who runs it ends it otherwise than quietly,
 * and needs it RUNNING. */
void cfi_future_let_go(struct cf_future *future);
void cfi_future_confirm(struct cf_future *future);

#endif
