/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTURE_HEAD_H
#define CFI_FUTURE_HEAD_H

/*
 * The first eight bytes of a future. The state and its flags are the low half,
 * the word that waiters sleep on; the references are the high half:
 *
 *      bits 0-1 state | SENT | SETTLED | WAITED: some thread sleeps on it
 *                                      | WATCHED: `watches` has somebody
 *                                      | ASKED: its task is to end
 *                                      | WRITTEN_OFF: without its runner
 *                      | BOUND | CONFIRMED: see future_bound.h
 *
 * Whoever makes it final reads the flags in the same step, so that a task
 * which nobody waits for costs neither a system call nor a lock, and a waiter
 * who sets its flag in time cannot be missed. A reference can go in that step
 * too.
 *
 * The outcome is written by the one thread that ends the task, before that
 * step (release), and read only after it was seen (acquire).
 */
#include "future_impl.h"

#define CFI_STATE       3u
#define CFI_SENT        4u
#define CFI_SETTLED     8u
#define CFI_WAITED      16u
#define CFI_WATCHED     32u
#define CFI_ASKED       64u
#define CFI_WRITTEN_OFF 128u
#define CFI_BOUND       256u
#define CFI_CONFIRMED   512u

/* where it stands in the drawing of future.c; what a step carries along */
#define CFI_PLACE (CFI_STATE | CFI_SENT | CFI_SETTLED | CFI_BOUND)
#define CFI_FLAGS (CFI_WAITED | CFI_WATCHED | CFI_ASKED | CFI_CONFIRMED)

static inline enum cf_future_state cfi_state_of(uint32_t word)
{
    return (enum cf_future_state)(word & CFI_STATE);
}

static inline bool cfi_is_final(uint32_t word)
{
    return cfi_state_of(word) >= CF_STATE_CANCELLED;
}

/* acquire: pairs with the release in cfi_future_step(); behind a final state
 * stands the outcome */
static inline uint32_t cfi_future_word(const struct cf_future *future)
{
    return (uint32_t)atomic_load_explicit(&future->head, memory_order_acquire);
}

/* Was it ended without its runner? */
static inline bool cfi_future_is_written_off(const struct cf_future *future)
{
    return (cfi_future_word(future) & CFI_WRITTEN_OFF) != 0;
}

/* PENDING, and whose claim is whose entry has; anybody else has to unbind it,
 * after which it is RUNNING or plainly PENDING, or elsewhere. */
static inline bool cfi_future_is_bound(const struct cf_future *future)
{
    /* relaxed: it is bound before others see it, and who relies on it steps */
    return (atomic_load_explicit(&future->head, memory_order_relaxed) &
            CFI_BOUND) != 0;
}
void cfi_future_unbind(struct cf_future *future);

/* One step, from exactly `from` to `to`, by which `references` are given back
 * (CFI_REFERENCE or 0); false where the future is elsewhere, or has one of the
 * flags `unless`. `*before`: the head as it was. */
static inline bool cfi_future_step(struct cf_future *future, uint32_t from,
                                   uint32_t unless, uint32_t to,
                                   uint64_t references, uint64_t *before)
{
    uint64_t head = atomic_load_explicit(&future->head, memory_order_relaxed);
    do {
        while ((head & (CFI_PLACE | unless)) != from) {
            if (!(head & CFI_BOUND))
                return false;
            cfi_future_unbind(future);
            head = atomic_load_explicit(&future->head, memory_order_relaxed);
        }
        /* release: what was written into the future before, for those who
         * acquire the head in cfi_future_word() and in cf_future_release();
         * acquire: a claimer reads what the submitter wrote */
    } while (!atomic_compare_exchange_weak_explicit(
        &future->head, &head,
        ((head & ~(uint64_t)UINT32_MAX) - references) | to | (head & CFI_FLAGS),
        memory_order_acq_rel, memory_order_relaxed));
    *before = head;
    return true;
}

/* cfi_future_claim(), for who runs tasks. */
static inline bool cfi_future_claim_in_place(struct cf_future *future)
{
    uint64_t before;

    return cfi_future_step(future, CF_STATE_PENDING, 0, CF_STATE_RUNNING, 0,
                           &before);
}

/* A step of who keeps the reference; `*flags` (may be NULL) is what was set. */
static inline bool cfi_future_move(struct cf_future *future, uint32_t from,
                                   uint32_t to, uint32_t *flags)
{
    uint64_t before;

    if (!cfi_future_step(future, from, 0, to, 0, &before))
        return false;
    if (flags != NULL)
        *flags = before & CFI_FLAGS;
    return true;
}

#endif
