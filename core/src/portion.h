/* SPDX-License-Identifier: MIT */
#ifndef CFI_PORTION_H
#define CFI_PORTION_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "future_impl.h"
#include "lock.h"

enum { CFI_PORTION_MOST = 128 };

/*
 * What a worker has taken along from a shard, oldest first. It takes one after
 * the other by plain stores. A task may turn out long; then another worker
 * takes all that lies behind it, at the price of a barrier in all threads.
 *
 *      owner                              thief, with `lock`
 *      next = n + 1                       end = 0
 *      (instructions in this order)       cfi_barrier_all()
 *      n < end? it has entry n            it has what lies from `next` on
 *      else waits for the lock: it has
 *      n if the thief saw it taken
 *
 * Each writes its own word, then reads the other's. At the barrier the owner
 * has read `end` already, then its `next` is visible after it; or it has not,
 * then it reads 0 and asks what the thief saw. So never both, and never
 * neither. (tests/models/portion.pml)
 *
 * Indices never wrap. Only the owner fills it, when it is empty, and with the
 * lock: so no thief of the last filling is about still. The owner may change
 * by another lock. Zero is an empty portion.
 */
struct cfi_portion {
    _Alignas(64) _Atomic uint64_t next; /* the owner writes it               */
    bool is_fenced; /* filled while there was no barrier in all threads: the
                       owner has one of his own                              */

    _Alignas(64) _Atomic uint64_t end; /* written with the lock              */
    uint64_t kept; /* below it the owner had taken: the last thief  */
    struct cfi_lock lock;
    struct cf_future *entries[CFI_PORTION_MOST];
};

/* --- the owner --- */

/* Puts `count` in, CFI_PORTION_MOST at the most, with their references, into an
 * empty one: as by a sequentially consistent store. */
void cfi_portion_fill(struct cfi_portion *portion,
                      struct cf_future *const *futures, size_t count);

/* A thief has met the owner, who has taken hold of entry `at`: has he it? */
bool cfi_portion_settle(struct cfi_portion *portion, uint64_t at);

/* The oldest, with its reference; NULL: there is none. */
static inline struct cf_future *cfi_portion_take(struct cfi_portion *portion)
{
    /* relaxed, thrice: the owner's own word; nothing follows from `end` yet;
     * ordered by the thief's barrier, as above. Sequentially consistent without
     * such a barrier, as the thief's store and load are. */
    uint64_t at = atomic_load_explicit(&portion->next, memory_order_relaxed);

    if (at >= atomic_load_explicit(&portion->end, memory_order_relaxed))
        return NULL;
    struct cf_future *future = portion->entries[at % CFI_PORTION_MOST];
    if (portion->is_fenced)
        atomic_store(&portion->next, at + 1);
    else
        atomic_store_explicit(&portion->next, at + 1, memory_order_relaxed);
    atomic_signal_fence(memory_order_seq_cst);
    if (at < atomic_load(&portion->end) || cfi_portion_settle(portion, at))
        return future;
    return NULL;
}

/* --- anybody --- */

/* Sequentially consistent, as a thread that is about to sleep needs it. What the
 * owner has just taken may seem to be there still. */
static inline bool cfi_portion_is_empty(const struct cfi_portion *portion)
{
    return atomic_load(&portion->next) >= atomic_load(&portion->end);
}

/* Which one a thief has looked at, and how far it was. */
struct cfi_portion_look {
    const struct cfi_portion *portion;
    uint64_t next;
};

/* Has the owner taken nothing since this look, which then is of now? */
bool cfi_portion_stands(const struct cfi_portion *portion,
                        struct cfi_portion_look *look);

/* All that the owner has not taken, with the references: how many. Not for the
 * owner. */
size_t cfi_portion_steal(struct cfi_portion *portion,
                         struct cf_future *futures[CFI_PORTION_MOST]);

#endif
