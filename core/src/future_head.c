/* SPDX-License-Identifier: MIT */
/* Looks at a future's head, and the steps of which nothing follows. */
#include "future_head.h"

#include "executor_impl.h"
#include "future_bound.h"

bool cfi_future_is_final(const struct cf_future *future)
{
    return cfi_is_final(cfi_future_word(future));
}

/* Of one that its runner may have claimed by a plain store: RUNNING, as a step
 * of his would have left it. */
static uint32_t word_of_bound(const struct cf_future *future)
{
    uint32_t word = cfi_future_word(future);

    if (!(word & CFI_BOUND) || !cfi_future_has_started(future))
        return word;
    if (!cfi_future_may_be_unbound(future))
        return CF_STATE_RUNNING;
    cfi_future_unbind((struct cf_future *)(uintptr_t)future);
    return cfi_future_word(future);
}

static uint32_t settled_word(const struct cf_future *future)
{
    uint32_t word = cfi_future_word(future);
    return word & CFI_BOUND ? word_of_bound(future) : word;
}

bool cfi_future_has_begun(const struct cf_future *future)
{
    return cfi_state_of(settled_word(future)) != CF_STATE_PENDING;
}

bool cfi_future_claim(struct cf_future *future)
{
    return cfi_future_claim_in_place(future);
}

bool cfi_future_settle(struct cf_future *future)
{
    return cfi_future_move(future, CF_STATE_PENDING,
                           CF_STATE_PENDING | CFI_SETTLED, NULL) ||
           cfi_future_move(future, CF_STATE_RUNNING,
                           CF_STATE_RUNNING | CFI_SETTLED, NULL);
}

bool cfi_future_send(struct cf_future *future)
{
    return cfi_future_move(future, CF_STATE_PENDING,
                           CF_STATE_PENDING | CFI_SENT, NULL);
}

void cfi_future_unsend(struct cf_future *future)
{
    cfi_future_move(future, CF_STATE_PENDING | CFI_SENT, CF_STATE_PENDING,
                    NULL);
}

/* --- asked to end --- */

bool cfi_future_ask(struct cf_future *future)
{
    uint64_t head = atomic_load_explicit(&future->head, memory_order_relaxed);
    do {
        if (head & CFI_BOUND) {
            cfi_future_unbind(future);
            head = atomic_load_explicit(&future->head, memory_order_relaxed);
        }
        if ((head & CFI_PLACE) != CF_STATE_RUNNING &&
            (head & CFI_PLACE) != (CF_STATE_PENDING | CFI_SENT))
            return false;
        /* acq_rel: as in cfi_future_step() */
    } while (!atomic_compare_exchange_weak_explicit(
        &future->head, &head, head | CFI_ASKED, memory_order_acq_rel,
        memory_order_relaxed));
    return true;
}

bool cfi_future_is_asked(const struct cf_future *future)
{
    /* relaxed: a hint; who acts on it moves, or finds that it cannot */
    return (atomic_load_explicit(&future->head, memory_order_relaxed) &
            CFI_ASKED) != 0;
}

void cfi_future_unask(struct cf_future *future)
{
    /* acq_rel: keeps the release sequence that cfi_future_step() began */
    atomic_fetch_and_explicit(&future->head, ~(uint64_t)CFI_ASKED,
                              memory_order_acq_rel);
}

/* --- waited for --- */

bool cfi_future_set_watched(struct cf_future *future)
{
    /* acq_rel: either cfi_future_step() sees the flag, or this sees the final
     * state */
    return !cfi_is_final((uint32_t)atomic_fetch_or_explicit(
        &future->head, CFI_WATCHED, memory_order_acq_rel));
}

bool cfi_future_is_watched(const struct cf_future *future)
{
    return (cfi_future_word(future) & CFI_WATCHED) != 0;
}

bool cfi_future_is_open(struct cf_future *future, uint32_t *word)
{
    *word = cfi_future_word(future);
    /* acq_rel: either cfi_future_step() sees the flag and wakes us, or the word
     * has changed and we do not fall asleep */
    if (!cfi_is_final(*word) && !(*word & CFI_WAITED))
        *word = (uint32_t)atomic_fetch_or_explicit(&future->head, CFI_WAITED,
                                                   memory_order_acq_rel) |
                CFI_WAITED;
    return !cfi_is_final(*word);
}

enum cf_future_state cfi_future_state(const struct cf_future *future)
{
    uint32_t word = settled_word(future);
    if ((word & CFI_SENT) && cfi_future_is_ours(future)) {
        struct cf_executor *executor = future->executor;
        if (executor->backend->has_started(executor->state, future))
            return CF_STATE_RUNNING;
        word = cfi_future_word(future); /* it may have ended while we asked */
    }
    return cfi_state_of(word);
}

bool cfi_future_is_sent(const struct cf_future *future)
{
    return (cfi_future_word(future) & CFI_SENT) != 0;
}

bool cfi_future_is_being_cancelled(const struct cf_future *future)
{
    return future->executor != NULL && (cfi_future_word(future) & CFI_PLACE) ==
                                           (CF_STATE_PENDING | CFI_SETTLED);
}

bool cfi_future_is_settled(const struct cf_future *future)
{
    return (cfi_future_word(future) & CFI_SETTLED) != 0;
}
