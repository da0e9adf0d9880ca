/* SPDX-License-Identifier: MIT */
/*
 * A pool is calm while nobody sleeps in it, all its workers are there and none
 * of them is away: then a push has nobody to wake and no thread to start. What a
 * task submits to its own executor needs no full barrier then, an eighth of what
 * recursion by futures costs (docs/performance.md); it would be there for those
 * who are about to sleep, and they have one in all threads instead.
 *
 *      push                            who is to be seen by pushes
 *      entry, young = young + 1        writes: it sleeps, is away, has left ...
 *      (instructions in this order)    calm? then ENDING, cfi_barrier_all(), NO
 *      calm? then that is all          looks whether something is queued
 *      else a full barrier, and looks
 *      for sleepers and the others
 *
 * At the barrier the push has read that the pool is calm, then its entry is
 * visible after it; or it has not, then it reads that it is not, and what was
 * written before. Who finds ENDING has a barrier of his own: the other's may be
 * still to come. Only who has set ENDING sets NO, so that nobody takes a later
 * calm for the one that he has ended.
 *
 * A worker that has paid for as many full barriers as one in all threads costs,
 * for nothing, makes the pool calm, then looks whether it should be. If not it
 * ends that, and does what the pushes in between would have.
 *
 * Only who steps down as a searcher needs no barrier before it looks: it does so
 * for who sleeps, and he has ended the calm, or is about to and looks himself.
 * tests/models/pool.pml searches it (CALM).
 */
#include "barrier.h"
#include "pool_impl.h"

#define PAID 4096 /* full barriers, of 4 ns; one in all threads: 15 us */

enum { NO, CALM, ENDING }; /* NO is zero, CALM is CFI_POOL_CALM */

_Static_assert((int)CALM == (int)CFI_POOL_CALM, "one of the states");

void cfi_pool_end_calm(struct cfi_pool *pool)
{
    uint32_t seen = atomic_load(&pool->calm);

    if (seen == NO)
        return;
    bool is_ours = seen == CALM &&
                   atomic_compare_exchange_strong(&pool->calm, &seen, ENDING);
    if (!is_ours && seen == NO)
        return; /* another one has ended it meanwhile */
    cfi_barrier_all();
    if (is_ours)
        atomic_store(&pool->calm, NO);
}

static bool should_be_calm(struct cfi_pool *pool)
{
    return !cfi_pool_has_sleepers(pool) &&
           cfi_pool_threads_are_all(&pool->threads);
}

bool cfi_pool_grow_calm(struct cfi_pool *pool, struct cfi_station *station)
{
    uint32_t none = NO;

    if (++station->paid < PAID)
        return true;
    station->paid = 0;
    if (!cfi_barrier_all_exists() ||
        !atomic_compare_exchange_strong(&pool->calm, &none, CALM) ||
        should_be_calm(pool))
        return true;
    cfi_pool_end_calm(pool);
    return false;
}
