/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTURE_TIE_H
#define CFI_FUTURE_TIE_H

#include <stddef.h>
#include <stdint.h>

#include "block.h"
#include "future_impl.h"

/*
 * What ties a future to others. Even: the next item of its array, to be run by
 * the same worker, 0 where there is none. Odd: there is none, and
 *
 *      63 ... 32   how far the block lies from this one, in steps of blocks,
 *                  that its submitter took some futures later; 0: not known
 *      31          STARTED, see future_bound.h
 *      30 ...  1   its own place in its array, unless has_item says that the
 *                  rest has it
 *
 * Who reads results reads them mostly in the order in which he submitted: so
 * each tells him of one that he will want soon, whose line another processor's
 * cache has.
 */
enum { CFI_TIE_PLACE_BITS = 30 };

#define CFI_TIE_PLACE   (((uint64_t)1 << CFI_TIE_PLACE_BITS) - 1)
#define CFI_TIE_STARTED ((uint64_t)1 << 31)

static inline uint64_t cfi_future_tie(const struct cf_future *future)
{
    /* relaxed: set before it was queued, or with the lock of its queue; where
     * it is odd it stays so, and STARTED is ordered by future_bound.h */
    return atomic_load_explicit(&future->tie, memory_order_relaxed);
}

static inline struct cf_future *cfi_future_next(const struct cf_future *future)
{
    uint64_t tie = cfi_future_tie(future);
    return tie % 2 == 0 ? (struct cf_future *)(uintptr_t)tie : NULL;
}

static inline void cfi_future_set_next(struct cf_future *future,
                                       struct cf_future *next)
{
    atomic_store_explicit(&future->tie, (uintptr_t)next, memory_order_relaxed);
}

static inline void cfi_future_end_chunk(struct cf_future *future)
{
    if (cfi_future_next(future) != NULL)
        cfi_future_set_next(future, NULL);
}

/* At its birth: `later` is a block near it, or it itself. (Of one too far away
 * for the distance some other address is fetched, which does no harm.) */
static inline void cfi_future_tie_to(struct cf_future *future,
                                     const void *later)
{
    uint64_t bytes = (uint64_t)(uintptr_t)later - (uintptr_t)future;
    atomic_init(&future->tie, bytes / CFI_BLOCK_STEP << 32 | 1);
}

/* See future_bound.h: by who has its entry, of one whose tie is odd. */
static inline void cfi_future_note_start(struct cf_future *future)
{
    atomic_store_explicit(&future->tie,
                          cfi_future_tie(future) | CFI_TIE_STARTED,
                          memory_order_relaxed);
}

static inline bool cfi_future_has_started(const struct cf_future *future)
{
    return (cfi_future_tie(future) & CFI_TIE_STARTED) != 0;
}

/* It is read, or given back: the one that is to be soon is fetched. */
static inline void cfi_future_fetch_later(const struct cf_future *future)
{
    uint64_t tie = cfi_future_tie(future);

    if (tie % 2 == 0)
        return;
    const char *later =
        (const char *)future + ((int64_t)tie >> 32) * CFI_BLOCK_STEP;
    __builtin_prefetch(later, 1);
    if (future->is_abroad) /* and so is that one */
        __builtin_prefetch(later + CFI_BLOCK_REST_AT, 1);
}

/* The same for who goes through an array and is at place `i`. */
static inline void cfi_futures_fetch_later(struct cf_future *const *futures,
                                           size_t count, size_t i)
{
    if (count - i > CFI_BLOCK_AHEAD)
        __builtin_prefetch(futures[i + CFI_BLOCK_AHEAD], 1);
}

static inline size_t cfi_future_item(const struct cf_future *future)
{
    if (future->has_item)
        return (size_t)cfi_rest(future)->item_high << 32 |
               cfi_rest(future)->item_low;
    uint64_t tie = cfi_future_tie(future);
    return tie % 2 != 0 ? tie >> 1 & CFI_TIE_PLACE : 0;
}

/* At its birth. Below 2^48: more futures than that fit no memory. `is_alone`: it
 * will have no next one. */
static inline void cfi_future_set_item(struct cf_future *future, size_t item,
                                       bool is_alone)
{
    if (is_alone && item >> CFI_TIE_PLACE_BITS == 0) {
        uint64_t tie = cfi_future_tie(future);
        atomic_init(&future->tie, tie | item << 1 | 1);
        return;
    }
    future->has_item = true;
    cfi_rest(future)->item_low = (uint32_t)item;
    cfi_rest(future)->item_high = (uint16_t)(item >> 32);
}

#endif
