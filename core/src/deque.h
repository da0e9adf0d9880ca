/* SPDX-License-Identifier: MIT */
#ifndef CFI_DEQUE_H
#define CFI_DEQUE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "future_impl.h"
#include "lock.h"

/*
 * Queued futures, as addresses in a ring that grows. One owner at a time puts
 * in at the young end; anybody takes from the old end, in order; the owner may
 * take back what it put in last. Others take with the lock, the owner without.
 *
 *        old                       young
 *         v                          v
 *      ---[ f3 ][ f4 ][ f5 ][ f6 ][ f7 ]---
 *
 * The owner's line and the takers' line are apart. Zero is an empty deque.
 */
struct cfi_deque {
    _Alignas(64) _Atomic uint64_t young; /* the owner writes it           */
    uint64_t emptied_seen;               /* as the owner last saw it      */
    uint64_t mask;                       /* room less one                 */
    _Atomic(struct cf_future *) *ring;   /* NULL before the first push    */
    struct cf_future *hints;             /* see cfi_deque_hints()         */

    _Alignas(64) _Atomic uint64_t old; /* who takes writes it             */
    _Atomic uint64_t emptied; /* below it all has been read, as far as takers
                                 with the lock can tell                   */
    struct cfi_lock lock;     /* also held where `ring` and `mask` change    */
};

/* What a deque has room for once it was initialised or trimmed. */
enum { CFI_DEQUE_LEAST_ROOM = 128 };

/* Room for so many, so that as many pushes into the empty deque cannot fail.
 * False without memory. */
bool cfi_deque_init(struct cfi_deque *deque);

/* --- the owner --- */

/* Puts a future in at the young end; a reference goes along. What is no more
 * than an empty hint may be taken out to make room. False without memory. */
bool cfi_deque_push(struct cfi_deque *deque, struct cf_future *future);

/* Room for so many more: as many pushes cannot fail. As push() else. */
bool cfi_deque_reserve(struct cfi_deque *deque, size_t more);

/*
 * What was taken out to make that room, NULL: nothing; to be released once the
 * push is done and no lock is held: that may call the user's functions, which
 * may submit, to this deque as well.
 */
static inline struct cf_future *cfi_deque_hints(struct cfi_deque *deque)
{
    struct cf_future *hints = deque->hints;

    if (hints != NULL)
        deque->hints = NULL;
    return hints;
}

void cfi_hints_release_all(struct cf_future *first);

static inline void cfi_hints_release(struct cf_future *first)
{
    if (first != NULL)
        cfi_hints_release_all(first);
}

/* Puts in every `step`th of them, `count` in all, where room was reserved: for
 * takers as if one after the other, but with fewer stores for them to see. */
void cfi_deque_push_reserved(struct cfi_deque *deque,
                             struct cf_future *const *futures, size_t count,
                             size_t step);

/* Takes back `future`, if it lies at one of the ends; its reference comes
 * along. */
bool cfi_deque_take_back(struct cfi_deque *deque, struct cf_future *future);

/* Takes the oldest; NULL: there is none. Its reference comes along. */
struct cf_future *cfi_deque_take_own(struct cfi_deque *deque);

/* Gives back memory that a burst left; for an owner that has nothing to do. */
void cfi_deque_trim(struct cfi_deque *deque);

/* Frees the memory of an empty deque. */
void cfi_deque_finish(struct cfi_deque *deque);

/* --- anybody --- */

/*
 * Up to `most` futures from the old end, oldest first, with their references.
 * `*left`: there was more. The second form is for a deque whose owner never
 * takes anything.
 */
size_t cfi_deque_steal(struct cfi_deque *deque, struct cf_future **futures,
                       size_t most, bool *left);
size_t cfi_deque_take(struct cfi_deque *deque, struct cf_future **futures,
                      size_t most, bool *left);

/* How many there are, about. */
static inline size_t cfi_deque_count(const struct cfi_deque *deque)
{
    /* relaxed: nothing is done with an entry on the strength of it */
    uint64_t old = atomic_load_explicit(&deque->old, memory_order_relaxed);
    uint64_t young = atomic_load_explicit(&deque->young, memory_order_relaxed);
    return young > old ? young - old : 0;
}

/* Sequentially consistent, as a thread that is about to sleep needs it. */
static inline bool cfi_deque_is_empty(const struct cfi_deque *deque)
{
    return atomic_load(&deque->old) >= atomic_load(&deque->young);
}

#endif
