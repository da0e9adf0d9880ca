/* SPDX-License-Identifier: MIT */
/*
 * Who queues where, who takes what, who wakes whom. The threads' life is in
 * pool_threads.c.
 *
 *      outside threads              workers
 *      A    B    C                  W0        W1
 *      |     \  /                   |         |
 *    shard   shard                deque     deque      <- nested submits
 *        \_______\______________ portion   portion     <- taken along
 *
 * Queues. An outside thread submits to a shard of its own (one of eight, by
 * its slot; beyond eight threads, two may meet there, on its lock), a worker to
 * the deque of its station. So two submitters share no line, and one
 * submitter's tasks stay in order. Takers take the oldest: a worker looks at
 * its own portion and deque, then at the shards in turn, then at other deques;
 * every 61st time at the shards first, so that tasks which submit tasks keep
 * nobody outside waiting for ever. From a shard short tasks are taken several at
 * a time as a portion: as many as lately took 16 us, 128 at the most, so that
 * longer ones start in order; of fewer, two workers had the shard's lines come
 * over from each other so often that they got no more done than one
 * (docs/performance.md).
 *
 * What lies in a portion behind a task that turns out long is stolen, all of it,
 * by a worker that has nothing else; and every 4th portion is put off for a look
 * at the others' deques and portions, so that in a pool that never runs dry it
 * does not wait until nothing later is left. A portion of which its worker goes
 * on taking is left alone: to steal it costs a barrier in all threads, and by
 * then it is mostly done. Tasks with a priority are in a queue of their own:
 * precedence.c.
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
#define A_STREAM      12 /* taken at a time */

/* How many tasks to take from a shard: as many as lately took CFI_AHEAD_NS. */
static size_t portion_size(struct cfi_station *station)
{
    int64_t before_ns = station->taken_ns;

    station->taken_ns = cfi_now_ns();
    if (before_ns == 0)
        station->at_once = 1;
    else if (station->taken_ns - before_ns > CFI_AHEAD_NS)
        station->at_once = (station->at_once + 1) / 2;
    else if (station->at_once < CFI_PORTION_MOST)
        station->at_once *= 2;
    return station->at_once;
}

/* The first of what was taken is for now, the others are the own portion, which
 * is empty. */
static struct cf_future *take_along(struct cfi_station *station,
                                    struct cf_future *const *futures,
                                    size_t count)
{
    if (count > 1)
        cfi_portion_fill(&station->portion, futures + 1, count - 1);
    for (size_t i = 0; i < count; i++)
        __builtin_prefetch(futures[i],
                           1); /* in the submitter's cache, mostly */
    return count > 0 ? futures[0] : NULL;
}

/* What was taken along is in sight again. While it was in nobody's queue, who went
 * away found no reason to start a thread in his place: he counts himself, then
 * looks, and here it is filled in, then counted, all sequentially consistent. */
static void tell_of_portion(struct cfi_pool *pool)
{
    cfi_pool_call(pool);
    if (!cfi_pool_threads_are_all(&pool->threads))
        cfi_pool_threads_reinforce(&pool->threads);
}

/* The oldest of the shards, turn and turn about. With `alone` just one, else
 * as many as are due, and nothing else is to be had here. */
static struct cf_future *take_outside(struct cfi_pool *pool,
                                      struct cfi_station *station, bool alone)
{
    struct cf_future *futures[CFI_PORTION_MOST];
    uint32_t used = atomic_load(&pool->used);
    bool is_left = false;
    size_t count = 0;

    for (uint32_t i = 0; i < CFI_SHARDS && count == 0; i++) {
        uint32_t at = (station->shard + i) % CFI_SHARDS;
        struct cfi_deque *deque = &pool->shards[at];
        if (!(used >> at & 1) || cfi_deque_is_empty(deque))
            continue;
        count = cfi_deque_take(deque, futures,
                               alone ? 1 : portion_size(station), &is_left);
        station->shard = at + 1;
    }
    station->taken = (uint32_t)count;
    struct cf_future *first = take_along(station, futures, count);
    if (count > 1)
        tell_of_portion(pool);
    else if (is_left)
        cfi_pool_call(pool);
    return first;
}

/* The station behind this one, in turn; NULL: `own` comes next. */
static struct cfi_station *behind(struct cfi_pool *pool,
                                  const struct cfi_station *station,
                                  const struct cfi_station *own)
{
    struct cfi_station *next = station->next;

    if (next == NULL)
        next = atomic_load(&pool->stations);
    return next != own ? next : NULL;
}

/* The oldest of another worker's deque, beginning with the one behind us. */
static struct cf_future *steal(struct cfi_pool *pool,
                               struct cfi_station *station)
{
    struct cf_future *future;
    bool is_left;

    for (struct cfi_station *victim = behind(pool, station, station);
         victim != NULL; victim = behind(pool, victim, station)) {
        if (cfi_deque_is_empty(&victim->deque) ||
            cfi_deque_steal(&victim->deque, &future, 1, &is_left) == 0)
            continue;
        if (is_left)
            cfi_pool_call(pool);
        return future;
    }
    return NULL;
}

/* Another worker's portion, the first that is not empty, if nothing was taken of
 * it since the last look; with `any`, whichever. The own is empty, and so is the
 * own deque. */
static struct cf_future *steal_portion(struct cfi_pool *pool,
                                       struct cfi_station *station, bool any)
{
    struct cf_future *futures[CFI_PORTION_MOST];
    size_t count = 0;

    for (struct cfi_station *victim = behind(pool, station, station);
         victim != NULL && count == 0; victim = behind(pool, victim, station)) {
        if (cfi_portion_is_empty(&victim->portion))
            continue;
        if (!any && !cfi_portion_stands(&victim->portion, &station->look))
            return NULL; /* its worker looks at those behind it */
        count = cfi_portion_steal(&victim->portion, futures);
    }
    struct cf_future *first = take_along(station, futures, count);
    if (count > 1)
        tell_of_portion(pool);
    return first;
}

/* A few, in a stream of short tasks? Not in requests of which each waits for the
 * last, nor in handfuls. */
static bool is_thin(struct cfi_pool *pool, const struct cfi_station *station)
{
    size_t count;

    if (station->taken < A_STREAM || station->at_once < CFI_PORTION_MOST ||
        pool->threads.gil != NULL)
        return false;
    count = cfi_pool_count_outside(pool);
    return count > 0 && count < CFI_PORTION_MOST / 2;
}

/* The own portion and deque are empty. */
static struct cf_future *look_elsewhere(struct cfi_pool *pool,
                                        struct cfi_station *station)
{
    bool others_first = ++station->portions % OTHERS_EVERY == 0;
    struct cf_future *future = NULL;

    if (others_first && (future = steal(pool, station)) == NULL)
        future = steal_portion(pool, station, false);
    if (future == NULL && is_thin(pool, station))
        cfi_pool_let_gather(pool, station);
    if (future == NULL)
        future = take_outside(pool, station, false);
    if (future == NULL && !others_first)
        future = steal(pool, station);
    return future;
}

static struct cf_future *look_in_order(struct cfi_pool *pool,
                                       struct cfi_station *station)
{
    struct cf_future *future = cfi_portion_take(&station->portion);

    station->turn++;
    if (future != NULL)
        return future;
    if (station->turn % OUTSIDE_EVERY == 0)
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

    for (struct cfi_station *victim = behind(pool, own, own);
         slot == NULL && victim != NULL; victim = behind(pool, victim, own))
        slot = cfi_branches_steal(&victim->branches, worker);
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

struct cfi_work cfi_station_look_behind(struct cfi_pool *pool,
                                        struct cfi_worker *worker, bool any)
{
    return (struct cfi_work){.future =
                                 steal_portion(pool, worker->station, any)};
}

struct cfi_work cfi_station_look_inside(struct cfi_pool *pool,
                                        struct cfi_worker *worker)
{
    struct cfi_station *station = worker->station;
    struct cfi_work work = {0};

    work.future =
        cfi_deque_take_own(&station->deque); /* left by who was here */
    if (work.future == NULL)
        work.future = steal(pool, station);
    if (work.future == NULL)
        work.branch = steal_branch(pool, worker);
    return work;
}

bool cfi_pool_has_inner(struct cfi_pool *pool)
{
    struct cfi_station *station = atomic_load(&pool->stations);

    while (station != NULL && cfi_deque_is_empty(&station->deque) &&
           !cfi_branches_are_offered(&station->branches))
        station = station->next;
    return station != NULL;
}

bool cfi_pool_has_portions(struct cfi_pool *pool)
{
    struct cfi_station *station = atomic_load(&pool->stations);

    while (station != NULL && cfi_portion_is_empty(&station->portion))
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
            !cfi_portion_is_empty(&station->portion) ||
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
    if (!cfi_deque_is_empty(&station->deque) ||
        !cfi_portion_is_empty(&station->portion))
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
