/* SPDX-License-Identifier: MIT */
/*
 * A deque between one owner and many takers: the protocol of Cilk-5 (Frigo,
 * Leiserson, Randall 1998, "THE"). Takers hold a lock, so there is one at a
 * time; the owner needs it only where it meets the taker at the last entry.
 *
 *      owner, taking back             taker, with the lock
 *      young = young - 1              old = old + n
 *      old > young? then lock,        young < old? then
 *          decide, unlock                 old = what the owner left
 *
 * Each writes its own end, then reads the other's; all four are sequentially
 * consistent, or a full barrier is between the owner's (a worker that takes back
 * what it waits for claims it there: pool_claim.h): so at least one sees the
 * other. A taker that does steps back; an
 * owner that does waits for the lock and looks again. Nothing is taken twice,
 * nothing is left.
 *
 * The owner takes from the old end too, without the lock, so there both move
 * `old` by compare-and-swap, a taker that steps back as well: the owner may
 * have pushed again, and taken from above the reservation. Who looks at the
 * deque between a reservation and the step back may miss what was pushed
 * meanwhile; so that taker looks again.
 *
 * A push publishes by a sequentially consistent store of `young`, for takers
 * and for who is about to sleep, or with release, where those are seen to in
 * another way (pool_calm.c); several may be published by one store, since an
 * entry is written before it and read after it. The ring is
 * replaced under the lock, which keeps takers out, so that the old one can be
 * freed at once: no taker reads a ring that is gone, on whatever machine. The
 * larger one is made before that, with its pages, which may take milliseconds.
 *
 * Indices are 64 bits wide and never wrap. `old` may be seen one batch too
 * high for a moment, where a taker is about to step back, and what a taker has
 * reserved is not read yet: so the owner judges the room by `emptied`, which
 * follows `old` once the entries are read, or by `old` with the lock; else a
 * push could overwrite what is being taken. (tests/models/deque.pml)
 */
#include "deque.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "future_tie.h"

#define PUBLISH_EVERY 64 /* so that takers need not wait for a long array */
#define LARGE_BYTES   ((size_t)128 << 10) /* a ring whose pages are many */

typedef _Atomic(struct cf_future *) entry;

static uint64_t room_of(const struct cfi_deque *deque)
{
    return deque->ring != NULL ? deque->mask + 1 : 0;
}

static void set_entry(struct cfi_deque *deque, uint64_t at,
                      struct cf_future *future)
{
    /* relaxed: published by the store of `young` */
    atomic_store_explicit(&deque->ring[at & deque->mask], future,
                          memory_order_relaxed);
}

/* The owner's own end, or the takers' with the lock held. */
static uint64_t own_end(const _Atomic uint64_t *end)
{
    return atomic_load_explicit(end, memory_order_relaxed);
}

/* What lay below `old` has been read. Lock held. */
static void set_old(struct cfi_deque *deque, uint64_t old)
{
    /* relaxed: whoever reads it next has the lock, or is the owner, who in
     * cfi_deque_keep_back() sees it by the barrier that came before */
    atomic_store_explicit(&deque->old, old, memory_order_relaxed);
    /* release: pairs with the acquire in see_emptied() */
    atomic_store_explicit(&deque->emptied, old, memory_order_release);
}

/* NULL without memory. The pages of a large one are made here, where no taker
 * waits for a lock meanwhile. */
static entry *new_ring(uint64_t room)
{
    const uintptr_t page = 4096;
    size_t bytes = room * sizeof(entry);
    entry *ring = malloc(bytes);

    if (ring != NULL && bytes >= LARGE_BYTES) {
        uintptr_t from = ((uintptr_t)ring + page - 1) & ~(page - 1);
        uintptr_t to = ((uintptr_t)ring + bytes) & ~(page - 1);
        (void)!madvise((void *)from, to - from, MADV_POPULATE_WRITE);
    }
    return ring;
}

/* Replaces the ring by another, which has room enough; returns the old one, to
 * be freed. Lock held. */
static entry *replace_ring(struct cfi_deque *deque, entry *ring, uint64_t room)
{
    uint64_t old = own_end(&deque->old), young = own_end(&deque->young);
    entry *before = deque->ring;

    for (uint64_t at = old; at < young; at++)
        atomic_init(&ring[at & (room - 1)], cfi_deque_entry(deque, at));
    deque->ring = ring;
    deque->mask = room - 1;
    return before;
}

bool cfi_deque_init(struct cfi_deque *deque)
{
    entry *ring = new_ring(CFI_DEQUE_LEAST_ROOM);

    if (ring == NULL)
        return false;
    free(replace_ring(deque, ring, CFI_DEQUE_LEAST_ROOM));
    return true;
}

/* An entry whose task has started or ended serves nobody any more. */
static bool is_hint(const struct cf_future *future)
{
    return cfi_future_next(future) == NULL && cfi_future_has_begun(future);
}

/* Are hints many enough for a look at every future, which is in nobody's cache?
 * Asks some, an odd distance apart, so that no order of theirs hides them from
 * every size of the ring. Lock held, by the owner. */
static bool are_hints_many(const struct cfi_deque *deque)
{
    enum { ASKED = 32, MANY = ASKED / 4 };
    uint64_t old = own_end(&deque->old), young = own_end(&deque->young);
    uint64_t step = (young - old) / ASKED | 1;
    size_t hints = 0;

    for (uint64_t at = old; at < young; at += step)
        hints += is_hint(cfi_deque_entry(deque, at));
    return hints >= MANY;
}

/* Takes hints out, the others keep their order. Lock held, by the owner. */
static void drop_hints(struct cfi_deque *deque)
{
    uint64_t from = own_end(&deque->young), to = from;

    while (from-- > own_end(&deque->old)) {
        struct cf_future *future = cfi_deque_entry(deque, from);
        if (is_hint(future)) {
            cfi_rest(future)->next = deque->hints;
            deque->hints = future;
        } else {
            set_entry(deque, --to, future);
        }
    }
    set_old(deque, to);
}

static void see_emptied(struct cfi_deque *deque)
{
    /* acquire: pairs with the releases in set_old() and cfi_deque_steal() */
    uint64_t emptied =
        atomic_load_explicit(&deque->emptied, memory_order_acquire);

    if (emptied > deque->emptied_seen) /* it does not count what we took */
        deque->emptied_seen = emptied;
}

/* The room that `needed` entries take, more than `room` where `grows`. */
static uint64_t room_for(uint64_t needed, uint64_t room, bool grows)
{
    uint64_t bigger = room > 0 ? room : CFI_DEQUE_LEAST_ROOM;

    while (bigger < needed || (grows && bigger == room))
        bigger *= 2;
    return bigger;
}

/* Makes room for `more` without the hints, if they are many enough; how much
 * the ring is to have room for. */
static uint64_t thin(struct cfi_deque *deque, uint64_t more)
{
    uint64_t room = room_of(deque);
    bool is_thinned = false;

    cfi_lock(&deque->lock);
    uint64_t old = own_end(&deque->old), young = own_end(&deque->young);
    if (young - old + more > room && young > old && are_hints_many(deque)) {
        drop_hints(deque);
        old = own_end(&deque->old);
        is_thinned = true;
    }
    deque->emptied_seen = old; /* no taker is at it: read, all below */
    cfi_unlock(&deque->lock);
    uint64_t needed = young - old + more;
    return room_for(needed, room, is_thinned && (needed - 1) * 2 > room);
}

/* Sees to room for `more`: without the hints, if that is half of it, else
 * grows. Takers go on while the larger ring is made. */
static bool make_room(struct cfi_deque *deque, uint64_t more)
{
    uint64_t room = thin(deque, more);
    entry *ring = room > room_of(deque) ? new_ring(room) : NULL;

    if (ring != NULL) {
        cfi_lock(&deque->lock);
        ring = replace_ring(deque, ring, room);
        cfi_unlock(&deque->lock);
        free(ring);
    }
    return cfi_deque_has_room(deque, more);
}

bool cfi_deque_reserve(struct cfi_deque *deque, size_t more)
{
    if (cfi_deque_has_room(deque, more))
        return true;
    see_emptied(deque);
    return cfi_deque_has_room(deque, more) || make_room(deque, more);
}

void cfi_hints_release_all(struct cf_future *first)
{
    struct cf_future *next;

    for (struct cf_future *hint = first; hint != NULL; hint = next) {
        next = cfi_rest(hint)->next;
        cf_future_release(hint);
    }
}

void cfi_deque_push_reserved(struct cfi_deque *deque,
                             struct cf_future *const *futures, size_t count,
                             size_t step)
{
    uint64_t young = own_end(&deque->young);

    for (size_t i = 0; i < count; i++) {
        set_entry(deque, young++, futures[i * step]);
        /* release: for who looks already; the last is for sleepers, too */
        if (i % PUBLISH_EVERY == PUBLISH_EVERY - 1)
            atomic_store_explicit(&deque->young, young, memory_order_release);
    }
    atomic_store(&deque->young, young);
}

/* It has stepped back to `young`: a taker is at that entry, or was before. */
bool cfi_deque_settle(struct cfi_deque *deque, uint64_t young)
{
    cfi_lock(&deque->lock);
    bool is_ours = own_end(&deque->old) <= young;
    if (!is_ours)
        atomic_store(&deque->young, young + 1);
    cfi_unlock(&deque->lock);
    return is_ours;
}

static bool take_oldest(struct cfi_deque *deque, const struct cf_future *future)
{
    cfi_lock(&deque->lock);
    uint64_t old = own_end(&deque->old);
    bool is_it =
        old < own_end(&deque->young) && cfi_deque_entry(deque, old) == future;
    if (is_it)
        set_old(deque, old + 1);
    cfi_unlock(&deque->lock);
    return is_it;
}

bool cfi_deque_take_back(struct cfi_deque *deque,
                         const struct cf_future *future)
{
    if (!cfi_deque_step_back(deque, future))
        return own_end(&deque->young) > 0 && take_oldest(deque, future);
    return cfi_deque_keep_back(deque, false);
}

static void copy(const struct cfi_deque *deque, uint64_t from, uint64_t to,
                 struct cf_future **futures)
{
    for (uint64_t at = from; at < to; at++)
        futures[at - from] = cfi_deque_entry(deque, at);
}

/* Steps back from what the owner has taken back meanwhile; what is left of the
 * reservation from `old` to `to`. */
static uint64_t keep(struct cfi_deque *deque, uint64_t old, uint64_t to)
{
    for (;;) {
        uint64_t young = atomic_load(&deque->young), seen = to;
        if (young >= to)
            return to;
        uint64_t kept = young > old ? young : old;
        if (atomic_compare_exchange_strong(&deque->old, &seen, kept))
            return kept;
        /* it took what is above: so it has filled our places again */
    }
}

/* Takes hold of up to `most` from the old end; `*from`: the first. Lock held,
 * so nobody but the owner can come in between, by cfi_deque_take_own(). */
static size_t reserve(struct cfi_deque *deque, size_t most, uint64_t *from)
{
    for (;;) {
        uint64_t old = atomic_load(&deque->old),
                 young = atomic_load(&deque->young);
        if (old >= young)
            return 0;
        uint64_t to = young - old < most ? young : old + most;
        *from = old;
        if (!atomic_compare_exchange_strong(&deque->old, &old, to))
            continue;
        to = keep(deque, old, to);
        if (to > old)
            return to - old;
        /* none is kept: what was pushed meanwhile nobody has seen */
    }
}

size_t cfi_deque_steal(struct cfi_deque *deque, struct cf_future **futures,
                       size_t most, bool *left)
{
    uint64_t from = 0;

    cfi_lock(&deque->lock);
    size_t count = reserve(deque, most, &from);
    copy(deque, from, from + count, futures);
    if (count > 0) /* release: pairs with the acquire in see_emptied() */
        atomic_store_explicit(&deque->emptied, from + count,
                              memory_order_release);
    *left = count > 0 && !cfi_deque_is_empty(deque);
    cfi_unlock(&deque->lock);
    return count;
}

size_t cfi_deque_take(struct cfi_deque *deque, struct cf_future **futures,
                      size_t most, bool *left)
{
    cfi_lock(&deque->lock);
    /* acquire: pairs with the store in push() */
    uint64_t old = own_end(&deque->old),
             young = atomic_load_explicit(&deque->young, memory_order_acquire);
    uint64_t count = young - old < most ? young - old : most;
    copy(deque, old, old + count, futures);
    set_old(deque, old + count);
    *left = old + count < young;
    cfi_unlock(&deque->lock);
    return count;
}

void cfi_deque_trim(struct cfi_deque *deque)
{
    entry *ring = room_of(deque) > CFI_DEQUE_LEAST_ROOM
                      ? new_ring(CFI_DEQUE_LEAST_ROOM)
                      : NULL;

    if (ring == NULL)
        return; /* it stays as it is */
    cfi_lock(&deque->lock);
    if (own_end(&deque->old) == own_end(&deque->young))
        ring = replace_ring(deque, ring, CFI_DEQUE_LEAST_ROOM);
    cfi_unlock(&deque->lock);
    free(ring);
}

void cfi_deque_finish(struct cfi_deque *deque)
{
    free(deque->ring);
}
