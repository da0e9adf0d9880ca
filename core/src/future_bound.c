/* SPDX-License-Identifier: MIT */
/* Futures that are claimed by a plain store: the other ways. */
#include "future_bound.h"

#include "barrier.h"

_Atomic uint32_t cfi_unbound[CFI_BONDS];

/* From being bound to `to`; false: it is not bound any more. Its flags stay. */
static bool step_from_bound(struct cf_future *future, uint64_t to)
{
    uint64_t head = atomic_load_explicit(&future->head, memory_order_relaxed);
    do {
        if (!(head & CFI_BOUND))
            return false;
        /* acq_rel: as in cfi_future_step() */
    } while (!atomic_compare_exchange_weak_explicit(
        &future->head, &head, (head & ~(uint64_t)CFI_BOUND) | to,
        memory_order_acq_rel, memory_order_relaxed));
    return true;
}

void cfi_future_unbind(struct cf_future *future)
{
    _Atomic uint32_t *unbound = cfi_future_unbound(future);

    if (atomic_load(unbound) != CFI_UNBOUND_DONE) {
        atomic_store(unbound, CFI_UNBOUND_BEGUN);
        cfi_barrier_all();
        atomic_store(unbound, CFI_UNBOUND_DONE);
    }
    step_from_bound(future, cfi_future_has_started(future)
                                ? CF_STATE_RUNNING | CFI_CONFIRMED
                                : CF_STATE_PENDING);
}

bool cfi_future_claim_late(struct cf_future *future)
{
    return step_from_bound(future, CF_STATE_RUNNING) ||
           (cfi_future_word(future) & CFI_CONFIRMED) != 0 ||
           cfi_future_claim_in_place(future);
}

void cfi_future_let_go(struct cf_future *future)
{
    step_from_bound(future, CF_STATE_PENDING);
}

void cfi_future_confirm(struct cf_future *future)
{
    step_from_bound(future, CF_STATE_RUNNING);
}
