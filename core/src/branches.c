/* SPDX-License-Identifier: MIT */
/*
 * The open branches of one worker: a stack for it, of which thieves take the
 * other end, by the protocol of Cilk-5 ("THE", see deque.c) on numbers that are
 * depths.
 *
 *        stolen, and not joined          may be stolen
 *      [ 0 ][ 1 ][ 2 ]                 [ 3 ][ 4 ][ 5 ]
 *                      ^ old                           ^ young
 *
 *      owner, joining 5               thief, with the lock
 *      young = 5                      old = old + 1
 *      old > 5? then lock, decide     young < old? then step back
 *
 * All four are sequentially consistent, so one sees the other. What is joined
 * is the last that was forked: if that was stolen, so were all before it, and
 * nothing is left. Then both ends stand behind it, where what the owner runs
 * meanwhile may fork, and go down when it has ended, with the lock. So a number
 * is used again and again, and a deep one once only; a slot is written by its
 * thief until `has_ended`, and by nobody after.
 *
 * Waking. Only a branch that is put where none waits yet is told of, after it
 * was published: who is told of one, takes it, and sees the next before it runs
 * it, or before it sleeps; and a push that came too late for that sees `old`
 * moved, since it writes its end before it reads the other. It is told to
 * - a sleeper of the pool, by the pool's rule (pool_search.c): who looks for
 *   work looks here too before it sleeps.
 * - who waits for the owner to end a branch of his (branch.c): he sets
 *   `is_followed`, then looks here, then sleeps on `news`.
 * - a relief thread, where a worker sleeps that has none (pool_relief.c).
 * - nobody, where fewer threads run than may: then one is started, a next one
 *   when that has come up.
 * tests/models/branch.pml searches it, pool.pml the sleepers of the pool.
 */
#include "branches.h"

#include <stdlib.h>

#include "pool_impl.h"
#include "pool_relief.h"
#include "task_impl.h"

static unsigned segment_of(uint64_t at)
{
    return 63u - (unsigned)__builtin_clzll(at / CFI_FIRST_SLOTS + 1);
}

struct cfi_slot *cfi_branches_grow(struct cfi_branches *branches, uint64_t at)
{
    unsigned segment = segment_of(at);

    if (segment >= CFI_SEGMENTS)
        return NULL;
    struct cfi_slot *slots =
        calloc((size_t)CFI_FIRST_SLOTS << segment, sizeof *slots);
    if (slots == NULL)
        return NULL;
    atomic_store_explicit(&branches->segments[segment], slots,
                          memory_order_relaxed); /* published by `young` */
    return cfi_slot_at(branches, at);
}

void cfi_branches_tell(struct cfi_branches *branches)
{
    if (atomic_load(&branches->is_followed) != 0 &&
        atomic_exchange(&branches->is_followed, 0) != 0)
        cfi_eventcount_notify(&branches->news, CFI_EVERYBODY);
    cfi_relief_look(&branches->pool->threads);
    cfi_pool_call(branches->pool);
    if (!cfi_pool_threads_are_all(&branches->pool->threads))
        cfi_pool_add_hand(branches->pool);
}

bool cfi_branches_settle(struct cfi_branches *branches, uint64_t at)
{
    cfi_lock(&branches->lock);
    bool is_ours = atomic_load(&branches->old) <= at;
    if (!is_ours)
        atomic_store(&branches->young, at + 1);
    cfi_unlock(&branches->lock);
    return is_ours;
}

void cfi_branches_close(struct cfi_branches *branches, uint64_t at)
{
    cfi_lock(&branches->lock);
    atomic_store(&branches->young, at); /* first: so it looks empty all along */
    atomic_store(&branches->old, at);
    cfi_unlock(&branches->lock);
}

void cfi_branches_trim(struct cfi_branches *branches)
{
    for (unsigned i = 1; i < CFI_SEGMENTS; i++) {
        free(branches->segments[i]); /* no thief reads where nothing is */
        branches->segments[i] = NULL;
    }
}

void cfi_branches_finish(struct cfi_branches *branches)
{
    cfi_branches_trim(branches);
    free(branches->segments[0]);
}

/*
 * A pool that ends lets go of workers inside a task that was written off. Its
 * branches are not begun any more: who has `running` set before it looks
 * whether the pool ends is let go of as well, or sees that it does. Nor are
 * they by a worker whose initializer failed.
 */
static bool may_begin(const struct cfi_pool *pool)
{
    return atomic_load(&pool->is_ending) == 0 &&
           !cfi_executor_is_broken(pool->threads.executor);
}

bool cfi_branches_are_offered(const struct cfi_branches *branches)
{
    return !cfi_branches_are_none(branches) && may_begin(branches->pool);
}

struct cfi_slot *cfi_branches_steal(struct cfi_branches *branches,
                                    struct cfi_worker *thief)
{
    struct cfi_slot *slot = NULL;

    if (!cfi_branches_are_offered(branches))
        return NULL;
    cfi_lock(&branches->lock);
    uint64_t old = atomic_load(&branches->old);
    atomic_store(&branches->old, old + 1);
    uint64_t young = atomic_load(&branches->young);
    if (young > old) {
        struct cf_future *running = atomic_load(&thief->running);
        slot = cfi_slot_at(branches, old);
        atomic_store(&thief->running, (struct cf_future *)slot->task->future);
        if (may_begin(branches->pool)) {
            slot->thief = &thief->station->branches;
            /* relaxed: the owner reads it after it had the lock */
            atomic_store_explicit(&slot->has_ended, 0, memory_order_relaxed);
        } else {
            atomic_store(&thief->running, running);
            slot = NULL;
        }
    }
    if (slot == NULL)
        atomic_store(&branches->old, old);
    cfi_unlock(&branches->lock);
    return slot;
}
