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

/* Room for so many more: as many pushes cannot fail. What is no more than an
 * empty hint may be taken out to make room. False without memory. */
bool cfi_deque_reserve(struct cfi_deque *deque, size_t more);

/* Is there so much room, as far as the owner has seen? (The ring is no larger
 * than its mask says; it has none before the first push.) */
static inline bool cfi_deque_has_room(const struct cfi_deque *deque,
                                      uint64_t more)
{
    /* relaxed: the owner's own end */
    uint64_t young = atomic_load_explicit(&deque->young, memory_order_relaxed);

    return deque->ring != NULL &&
           young - deque->emptied_seen + more <= deque->mask + 1;
}

static inline struct cf_future *cfi_deque_entry(const struct cfi_deque *deque,
                                                uint64_t at)
{
    /* relaxed: who took the index has acquired `young`, which came after */
    return atomic_load_explicit(&deque->ring[at & deque->mask],
                                memory_order_relaxed);
}

/* Puts a future in at the young end, where there is room; a reference goes
 * along. Published in the order `published`: release at least. */
static inline void cfi_deque_put(struct cfi_deque *deque,
                                 struct cf_future *future,
                                 memory_order published)
{
    /* relaxed: the owner's own end */
    uint64_t young = atomic_load_explicit(&deque->young, memory_order_relaxed);

    /* the takers' caches have it since the ring's last round, and the store of
     * `young` waits for the entry */
    __builtin_prefetch((const void *)&deque->ring[(young + 16) & deque->mask],
                       1);
    /* relaxed: published by the store of `young` */
    atomic_store_explicit(&deque->ring[young & deque->mask], future,
                          memory_order_relaxed);
    atomic_store_explicit(&deque->young, young + 1, published);
}

/* What was put in with release is published as by a sequentially consistent
 * store. */
static inline void cfi_deque_publish(struct cfi_deque *deque)
{
    /* relaxed: the owner's own end */
    atomic_store(&deque->young,
                 atomic_load_explicit(&deque->young, memory_order_relaxed));
}

/* Puts one in, sequentially consistent, and makes room as reserve() does. */
static inline bool cfi_deque_push(struct cfi_deque *deque,
                                  struct cf_future *future)
{
    if (!cfi_deque_has_room(deque, 1) && !cfi_deque_reserve(deque, 1))
        return false;
    cfi_deque_put(deque, future, memory_order_seq_cst);
    return true;
}

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

/*
 * Takes back `future` with its reference, if it lies at one of the ends: the
 * youngest in two steps. After step_back(), where that is true, keep_back()
 * tells whether the owner has it; it must follow. Between them the owner may
 * make a step of another word, which spares it one here where it has made it:
 * `has_stepped`. For any other future take_back() does it all.
 */
static inline bool cfi_deque_step_back(struct cfi_deque *deque,
                                       const struct cf_future *future)
{
    /* relaxed: the owner's own end */
    uint64_t young = atomic_load_explicit(&deque->young, memory_order_relaxed);

    if (young == 0 || cfi_deque_entry(deque, young - 1) != future)
        return false;
    /* release: a taker that reads it acquires what lies below, as from a
     * push */
    atomic_store_explicit(&deque->young, young - 1, memory_order_release);
    return true;
}

/* Is a read-modify-write of any word a full barrier? */
#if defined __x86_64__ || defined __i386__
#define CFI_STEP_IS_BARRIER true
#else
#define CFI_STEP_IS_BARRIER false
#endif

bool cfi_deque_settle(struct cfi_deque *deque, uint64_t young);

static inline bool cfi_deque_keep_back(struct cfi_deque *deque,
                                       bool has_stepped)
{
    /* relaxed: the owner's own end */
    uint64_t young = atomic_load_explicit(&deque->young, memory_order_relaxed);

    if (CFI_STEP_IS_BARRIER && has_stepped)
        atomic_signal_fence(memory_order_seq_cst);
    else
        atomic_store(&deque->young, young);
    return atomic_load(&deque->old) <= young || cfi_deque_settle(deque, young);
}

bool cfi_deque_take_back(struct cfi_deque *deque,
                         const struct cf_future *future);

/* Takes the oldest; NULL: there is none. Its reference comes along. */
static inline struct cf_future *cfi_deque_take_own(struct cfi_deque *deque)
{
    /* relaxed: the owner's own end */
    uint64_t old = atomic_load(&deque->old),
             young = atomic_load_explicit(&deque->young, memory_order_relaxed);

    while (old < young) {
        /* nobody else writes entries, nor replaces the ring */
        struct cf_future *future = cfi_deque_entry(deque, old);
        if (atomic_compare_exchange_weak(&deque->old, &old, old + 1))
            return future;
    }
    return NULL;
}

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
