/* SPDX-License-Identifier: MIT */
/*
 * Who queues where, who takes what, who wakes whom. The threads' life is in
 * pool_threads.c.
 *
 *      outside threads              workers
 *      A    B    C                  W0        W1
 *      |     \  /                   |         |
 *    shard   shard                deque     deque      <- nested submits
 *
 * Queues. An outside thread submits to a shard of its own (one of eight, by
 * its slot; beyond eight threads, two may meet there, on its lock), a worker to
 * the deque of its station. So two submitters share no line, and one
 * submitter's tasks stay in order. Takers take the oldest: a worker looks at
 * its own deque, then at the shards in turn, then at other stations; every
 * 61st time at the shards first, so that tasks which submit tasks keep nobody
 * outside waiting for ever. From a shard short tasks are taken several at a
 * time into the own deque, where others can steal them: as many as lately took
 * 16 us, 128 at the most, so that longer ones start in order; of fewer, two
 * workers had the shard's lines come over from each other so often that they
 * got no more done than one (docs/performance.md). Every 4th portion is put off
 * for one task of another station: one that was taken along with a task that
 * turned out long does not wait until nothing later is left. Tasks with a
 * priority are in a queue of their own: precedence.c.
 *
 * Branches of running tasks (branches.c) come last, when no task is to be had:
 * they would run where they were forked all the same, and a task that never
 * stops forking keeps no other waiting.
 */
#include <stdlib.h>

#include "clock.h"
#include "pool_impl.h"

#define OUTSIDE_EVERY 61
#define OTHERS_EVERY  4
#define MOST_AT_ONCE  128

_Static_assert((int)MOST_AT_ONCE <= (int)CFI_DEQUE_LEAST_ROOM,
               "a portion fits into an empty deque");

/* How many tasks to take from a shard: as many as lately took CFI_AHEAD_NS. */
static size_t portion(struct cfi_station *station)
{
    int64_t before_ns = station->taken_ns;

    station->taken_ns = cfi_now_ns();
    if (before_ns == 0)
        station->at_once = 1;
    else if (station->taken_ns - before_ns > CFI_AHEAD_NS)
        station->at_once = (station->at_once + 1) / 2;
    else if (station->at_once < MOST_AT_ONCE)
        station->at_once *= 2;
    return station->at_once;
}

/* The oldest of the shards, turn and turn about. With `alone` just one, else
 * as many as are due, of which all but the first go to the own deque. It is
 * empty and has room for them, but who steals from it may not have read yet
 * what he has taken hold of. */
static struct cf_future *take_outside(struct cfi_pool *pool,
                                      struct cfi_station *station, bool alone)
{
    struct cf_future *futures[MOST_AT_ONCE];
    uint32_t used = atomic_load(&pool->used);
    bool is_left = false;
    size_t count = 0;

    if (!alone && !cfi_deque_reserve(&station->deque, MOST_AT_ONCE - 1))
        alone = true; /* never: an empty one need not grow */
    for (uint32_t i = 0; i < CFI_SHARDS && count == 0; i++) {
        uint32_t at = (station->shard + i) % CFI_SHARDS;
        struct cfi_deque *deque = &pool->shards[at];
        if (!(used >> at & 1) || cfi_deque_is_empty(deque))
            continue;
        count = cfi_deque_take(deque, futures, alone ? 1 : portion(station),
                               &is_left);
        station->shard = at + 1;
    }
    if (count == 0)
        return NULL;
    if (count > 1) /* relaxed: our own end; published by the push */
        atomic_store_explicit(
            &station->outside_until,
            atomic_load_explicit(&station->deque.young, memory_order_relaxed) +
                count - 1,
            memory_order_relaxed);
    cfi_deque_push_reserved(&station->deque, futures + 1, count - 1, 1);
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(futures[i], 1); /* the submitter's cache has them */
    if (is_left || count > 1)
        cfi_pool_call(pool);
    return futures[0];
}

/* Is what the deque gives next from a shard, and older than what lies there? */
static bool is_outside_next(const struct cfi_station *station)
{
    /* relaxed, both: others may take it first, and what follows is younger */
    return atomic_load_explicit(&station->deque.old, memory_order_relaxed) <
           atomic_load_explicit(&station->outside_until, memory_order_relaxed);
}

/* The oldest of another worker, beginning with the one behind us; with
 * `is_inner` of what a task has queued. */
static struct cf_future *steal(struct cfi_pool *pool,
                               struct cfi_station *station, bool is_inner)
{
    struct cf_future *future;
    bool is_left;

    for (struct cfi_station *victim = station->next; victim != station;
         victim = victim->next) {
        if (victim == NULL)
            victim = atomic_load(&pool->stations);
        if (victim == station)
            break;
        if (cfi_deque_is_empty(&victim->deque) ||
            (is_inner && is_outside_next(victim)) ||
            cfi_deque_steal(&victim->deque, &future, 1, &is_left) == 0)
            continue;
        if (is_left)
            cfi_pool_call(pool);
        return future;
    }
    return NULL;
}

/* The own deque is empty. */
static struct cf_future *look_elsewhere(struct cfi_pool *pool,
                                        struct cfi_station *station)
{
    struct cf_future *future = NULL;

    if (++station->portions % OTHERS_EVERY == 0)
        future = steal(pool, station, false);
    if (future == NULL)
        future = take_outside(pool, station, false);
    return future != NULL ? future : steal(pool, station, false);
}

static struct cf_future *look_in_order(struct cfi_pool *pool,
                                       struct cfi_station *station)
{
    struct cf_future *future = NULL;

    if (++station->turn % OUTSIDE_EVERY == 0 && !is_outside_next(station))
        future = take_outside(pool, station, true);
    if (future == NULL)
        future = cfi_deque_take_own(&station->deque);
    return future != NULL ? future : look_elsewhere(pool, station);
}

/* Something with a priority is there, or was. */
static struct cf_future *look_by_priority(struct cfi_pool *pool,
                                          struct cfi_station *station)
{
    struct cf_future *future = cfi_precedence_take_due(&pool->preferred);

    if (future == NULL) {
        future = look_in_order(pool, station);
        if (future != NULL)
            cfi_precedence_note_other(&pool->preferred);
        else
            future = cfi_precedence_take(&pool->preferred);
    }
    if (future != NULL && !cfi_precedence_is_empty(&pool->preferred))
        cfi_pool_call(pool);
    return future;
}

/* The oldest branch of another worker's task. */
static struct cfi_slot *steal_branch(struct cfi_pool *pool,
                                     struct cfi_worker *worker)
{
    struct cfi_station *own = worker->station;
    struct cfi_slot *slot = NULL;

    for (struct cfi_station *victim = own->next; slot == NULL && victim != own;
         victim = victim->next) {
        if (victim == NULL)
            victim = atomic_load(&pool->stations);
        if (victim == own)
            break;
        slot = cfi_branches_steal(&victim->branches, worker);
    }
    return slot;
}

struct cfi_work cfi_station_look(struct cfi_pool *pool,
                                 struct cfi_worker *worker)
{
    struct cfi_work work = {0};

    work.future = cfi_precedence_is_empty(&pool->preferred)
                      ? look_in_order(pool, worker->station)
                      : look_by_priority(pool, worker->station);
    if (work.future == NULL && worker->branches != NULL)
        work.branch = steal_branch(pool, worker);
    return work;
}

struct cfi_work cfi_station_look_inside(struct cfi_pool *pool,
                                        struct cfi_worker *worker)
{
    struct cfi_station *station = worker->station;
    struct cfi_work work = {0};

    if (!is_outside_next(station)) /* left by who had the station before */
        work.future = cfi_deque_take_own(&station->deque);
    if (work.future == NULL)
        work.future = steal(pool, station, true);
    if (work.future == NULL)
        work.branch = steal_branch(pool, worker);
    return work;
}

bool cfi_pool_has_inner(struct cfi_pool *pool)
{
    struct cfi_station *station = atomic_load(&pool->stations);

    while (station != NULL &&
           (cfi_deque_is_empty(&station->deque) || is_outside_next(station)) &&
           !cfi_branches_are_offered(&station->branches))
        station = station->next;
    return station != NULL;
}

size_t cfi_pool_count_outside(struct cfi_pool *pool)
{
    uint32_t used = atomic_load(&pool->used);
    size_t count = 0;

    for (uint32_t i = 0; i < CFI_SHARDS; i++)
        if (used >> i & 1)
            count += cfi_deque_count(&pool->shards[i]);
    return count;
}

bool cfi_pool_is_empty(struct cfi_pool *pool)
{
    uint32_t used = atomic_load(&pool->used);

    if (!cfi_precedence_is_empty(&pool->preferred))
        return false;
    for (uint32_t i = 0; i < CFI_SHARDS; i++)
        if ((used >> i & 1) && !cfi_deque_is_empty(&pool->shards[i]))
            return false;
    for (struct cfi_station *station = atomic_load(&pool->stations);
         station != NULL; station = station->next)
        if (!cfi_deque_is_empty(&station->deque) ||
            cfi_branches_are_offered(&station->branches))
            return false;
    return true;
}

/* --- stations --- */

static struct cfi_station *free_station(struct cfi_pool *pool)
{
    struct cfi_station *station = atomic_load(&pool->stations);

    while (station != NULL && station->is_taken)
        station = station->next;
    return station;
}

static struct cfi_station *add_station(struct cfi_pool *pool)
{
    struct cfi_station *station =
        aligned_alloc(_Alignof(struct cfi_station), sizeof *station);
    if (station == NULL)
        return NULL;
    *station = (struct cfi_station){.branches.pool = pool,
                                    .next = atomic_load(&pool->stations)};
    if (!cfi_deque_init(&station->deque)) {
        free(station);
        return NULL;
    }
    cfi_tally_add(pool->threads.executor, &station->tally);
    atomic_store(&pool->stations, station);
    return station;
}

struct cfi_station *cfi_pool_enter(struct cfi_pool *pool)
{
    cfi_lock(&pool->lock);
    struct cfi_station *station = free_station(pool);
    if (station == NULL)
        station = add_station(pool);
    if (station != NULL)
        station->is_taken = true;
    cfi_unlock(&pool->lock);
    return station;
}

void cfi_pool_leave(struct cfi_pool *pool, struct cfi_station *station)
{
    cfi_lock(&pool->lock);
    station->is_taken = false;
    cfi_unlock(&pool->lock);
    if (!cfi_deque_is_empty(&station->deque))
        cfi_pool_call(pool);
}

void cfi_stations_finish(struct cfi_pool *pool)
{
    struct cfi_station *station = atomic_load(&pool->stations), *next;

    for (; station != NULL; station = next) {
        next = station->next;
        cfi_deque_finish(&station->deque);
        cfi_branches_finish(&station->branches);
        free(station);
    }
}
