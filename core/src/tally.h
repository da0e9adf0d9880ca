/* SPDX-License-Identifier: MIT */
#ifndef CFI_TALLY_H
#define CFI_TALLY_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "biased_lock.h"

struct cf_executor;

/* How tasks end. */
enum cfi_ending {
    CFI_SUCCEEDED,
    CFI_FAILED,
    CFI_EXPIRED,
    CFI_STOPPED,
    CFI_CRASHED,
    CFI_CANCELLED,
    CFI_BROKEN,
    CFI_WAYS_TO_END,
    CFI_UNREAD = CFI_WAYS_TO_END, /* besides one of those above   */
    CFI_RETRIED,                  /* an attempt that was not the last */
    CFI_ENDINGS,
};

/* Open tasks are counted apart by when they came; see admission.c. */
enum { CFI_EPOCHS = 4 };

/*
 * What becomes of an executor's tasks, counted where it happens: a worker has
 * a tally of its own, other threads share a few. `entered` and `left` only
 * ever grow; what is wanted are sums and differences, see tally.c.
 */
struct cfi_tally {
    _Alignas(64) _Atomic uint64_t entered[CFI_EPOCHS]; /* counted in         */
    _Atomic uint64_t left[CFI_EPOCHS];   /* of these, all over               */
    _Atomic uint64_t ended[CFI_ENDINGS]; /* of these, with an outcome        */
    _Atomic uint64_t refused;            /* of these, never queued           */
    struct cfi_tally *next; /* a worker's: set before it is in the list */
};

/* What threads that are no workers of the executor share by their slot. */
struct cfi_outside {
    struct cfi_biased_lock lock; /* of `entered`; of a pool's shard as well */
    struct cfi_tally tally;
};

/* In one's own tally, which nobody else writes. */
static inline void cfi_tally_count(_Atomic uint64_t *count, uint64_t more)
{
    /* relaxed: one's own; release: pairs with the acquire in sum() */
    atomic_store_explicit(
        count, atomic_load_explicit(count, memory_order_relaxed) + more,
        memory_order_release);
}

static inline void cfi_outside_enter(struct cfi_outside *outside, size_t count,
                                     uint32_t epoch)
{
    bool as_owner = cfi_biased_lock(&outside->lock);

    cfi_tally_count(&outside->tally.entered[epoch], count);
    cfi_biased_unlock(&outside->lock, as_owner);
}

/* Has a worker's tally counted; it lives as long as the executor. */
void cfi_tally_add(struct cf_executor *executor, struct cfi_tally *tally);

/* `count` tasks have ended, and after all not; were refused; are over. */
void cfi_tally_end(struct cf_executor *executor, enum cfi_ending ending);
void cfi_tally_unend(struct cf_executor *executor, enum cfi_ending ending);
void cfi_tally_refuse(struct cf_executor *executor, size_t count);
void cfi_tally_leave(struct cf_executor *executor, size_t count,
                     uint32_t epoch);

/* Have all that entered in this epoch left again? True: at some moment during
 * the call, all had. */
bool cfi_tally_is_level(const struct cf_executor *executor, uint32_t epoch);

/* After a store that refuses whoever enters from now on (sequentially
 * consistent): whoever was not refused is counted. */
void cfi_tally_see_all(struct cf_executor *executor);

/* Tasks that entered and have no outcome yet; how many ended in which way; how
 * many were accepted. */
uint64_t cfi_tally_unfinished(struct cf_executor *executor);
uint64_t cfi_tally_ended(const struct cf_executor *executor,
                         enum cfi_ending ending);
uint64_t cfi_tally_accepted(const struct cf_executor *executor);

#endif
