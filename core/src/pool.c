/* SPDX-License-Identifier: MIT */
/*
 * A pool's way in and out: who queues where is in station.c, who wakes whom in
 * pool_search.c, who is started in pool_start.c, what a thread does in
 * pool_threads.c.
 */
#include "pool.h"

#include <stdlib.h>
#include <string.h>

#include <cf/cpus.h>

#include "future_bound.h"
#include "future_tie.h"
#include "last_error.h"
#include "pool_impl.h"
#include "pool_place.h"
#include "pool_relief.h"
#include "queue.h"

size_t cfi_pool_default_workers(void)
{
    size_t count = cf_usable_cpus().count + 4;
    return count < 32 ? count : 32;
}

void cfi_pool_wake_all(struct cfi_pool *pool)
{
    cfi_eventcount_notify(&pool->work, CFI_EVERYBODY);
}

void cfi_pool_write_off(struct cfi_pool *pool, size_t worker)
{
    cfi_relief_write_off(&pool->threads, worker);
    cfi_pool_threads_write_off(&pool->threads);
}

enum cf_status cfi_pool_set_workers(struct cfi_pool *pool, size_t count)
{
    return cfi_pool_threads_set(&pool->threads, count);
}

static struct cfi_pool *new_pool(void)
{
    struct cfi_pool *pool =
        aligned_alloc(_Alignof(struct cfi_pool), sizeof *pool);
    if (pool != NULL)
        memset(pool, 0, sizeof *pool);
    return pool;
}

enum cf_status cfi_pool_start(struct cf_executor *executor, struct cfi_gil *gil,
                              struct cfi_pool **out)
{
    struct cfi_pool *pool = new_pool();
    if (pool == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an executor");
    enum cf_status status =
        cfi_pool_threads_init(&pool->threads, pool, executor, gil);
    if (status != CF_OK) {
        free(pool);
        return status;
    }
    if (executor->start_all)
        status = cfi_pool_threads_start_all(&pool->threads);
    if (status == CF_OK && cfi_executor_is_broken(executor)) {
        cfi_pool_stop(pool);
        status = cfi_fail(CF_BROKEN, "%s", executor->broken_why);
    }
    if (status != CF_OK) {
        cfi_pool_destroy(pool);
        return status;
    }
    *out = pool;
    return CF_OK;
}

static inline uint32_t own_shard(struct cfi_pool *pool)
{
    uint32_t own = cfi_thread_slot();

    /* relaxed: set by the first push of a shard, here, before it */
    if (!(atomic_load_explicit(&pool->used, memory_order_relaxed) >> own & 1))
        atomic_fetch_or(&pool->used, 1u << own);
    return own;
}

/* Compiled for one, the usual, and for any number: some 90 instructions of 220
 * less, for each task. */
#define FOR_EACH_COUNT static inline __attribute__((always_inline))

static void link_chunks(struct cf_future *const *futures, size_t count,
                        size_t chunk)
{
    for (size_t i = 0; i < count; i++) {
        bool is_last = (i + 1) % chunk == 0 || i + 1 == count;
        if (is_last)
            cfi_future_end_chunk(futures[i]);
        else
            cfi_future_set_next(futures[i], futures[i + 1]);
    }
}

/* In chunks of `chunk`; all or none. */
FOR_EACH_COUNT bool push(struct cfi_deque *deque,
                         struct cf_future *const *futures, size_t count,
                         size_t chunk)
{
    if (count == 1) {
        cfi_future_end_chunk(futures[0]);
        return cfi_deque_push(deque, futures[0]);
    }
    if (!cfi_deque_reserve(deque, (count - 1) / chunk + 1))
        return false;
    if (chunk > 1) /* else each is alone, as it was born */
        link_chunks(futures, count, chunk);
    cfi_deque_push_reserved(deque, futures, (count - 1) / chunk + 1, chunk);
    return true;
}

FOR_EACH_COUNT bool push_own(struct cfi_deque *own,
                             struct cf_future *const *futures, size_t count,
                             size_t chunk)
{
    bool is_in = push(own, futures, count, chunk);

    cfi_hints_release(cfi_deque_hints(own));
    return is_in;
}

FOR_EACH_COUNT bool push_outside(struct cfi_pool *pool,
                                 struct cf_future *const *futures, size_t count,
                                 size_t chunk)
{
    uint32_t shard = own_shard(pool);
    struct cfi_deque *deque = &pool->shards[shard];
    bool as_owner = cfi_biased_lock(cfi_shard_lock(pool, shard));
    if (as_owner && chunk == 1) /* so there is a barrier in all threads */
        for (size_t i = 0; i < count; i++)
            cfi_future_bind(futures[i]);
    bool is_in = push(deque, futures, count, chunk);
    struct cf_future *hints = cfi_deque_hints(deque);

    cfi_biased_unlock(cfi_shard_lock(pool, shard), as_owner);
    cfi_hints_release(hints);
    return is_in;
}

FOR_EACH_COUNT bool push_here(struct cfi_pool *pool,
                              struct cf_future *const *futures, size_t count,
                              size_t chunk)
{
    const struct cfi_worker *worker = cfi_worker_current();

    if (cfi_has_priority(futures[0])) { /* it comes alone */
        cfi_precedence_push(&pool->preferred, futures[0]);
        return true;
    }
    if (worker != NULL && worker->station != NULL &&
        worker->executor == pool->threads.executor) {
        bool is_in = push_own(&worker->station->deque, futures, count, chunk);
        cfi_relief_look(&pool->threads);
        return is_in;
    }
    return push_outside(pool, futures, count, chunk);
}

/* Behind a push: wakes who is to serve it, or starts a thread. */
static enum cf_status see_to_workers(struct cfi_pool *pool, size_t count)
{
    cfi_pool_call(pool);
    for (size_t i = 0; i < count && !cfi_pool_threads_are_all(&pool->threads);
         i++) {
        size_t alive = atomic_load(&pool->threads.alive);
        cfi_pool_threads_reinforce(&pool->threads);
        if (atomic_load(&pool->threads.alive) == alive)
            break; /* enough, or no more can be had */
    }
    return CF_OK;
}

/*
 * Looked at before the push: is anybody there to serve it? And after it, are
 * there enough? A worker that began callbacks meanwhile, and found the queues
 * empty still, is seen as occupied now, or it sees the entry (both sequentially
 * consistent).
 */
FOR_EACH_COUNT enum cf_status bring_in(struct cfi_pool *pool,
                                       struct cf_future *const *futures,
                                       size_t count, size_t chunk)
{
    if (atomic_load(&pool->threads.alive) == 0) {
        enum cf_status status = cfi_pool_threads_ensure(&pool->threads);
        if (status != CF_OK)
            return status;
    }
    if (!push_here(pool, futures, count, chunk))
        return cfi_fail(CF_NOMEM, "no memory to queue %zu tasks", count);
    return CF_OK;
}

FOR_EACH_COUNT enum cf_status submit(struct cfi_pool *pool,
                                     struct cf_future *const *futures,
                                     size_t count, size_t chunk)
{
    enum cf_status status = bring_in(pool, futures, count, chunk);
    return status == CF_OK ? see_to_workers(pool, count) : status;
}

__attribute__((noinline)) static enum cf_status
submit_one(struct cfi_pool *pool, struct cf_future *first)
{
    return submit(pool, &first, 1, 1);
}

/* Where a worker can queue what its task submits: it has room there, and is not
 * alone with the task. NULL: the long way. */
static inline struct cfi_station *place_of(const struct cfi_pool *pool,
                                           const struct cf_future *first)
{
    const struct cfi_worker *worker = cfi_worker_current();

    if (worker == NULL || worker->station == NULL ||
        worker->executor != pool->threads.executor || cfi_has_priority(first) ||
        !cfi_deque_has_room(&worker->station->deque, 1) ||
        (!cfi_pool_is_calm(pool) && atomic_load(&pool->threads.alive) == 0))
        return NULL;
    return worker->station;
}

/* The same for what a task submits, mostly: see pool_calm.c. */
enum cf_status cfi_pool_submit(struct cfi_pool *pool, struct cf_future *first)
{
    struct cfi_station *place = place_of(pool, first);

    if (place == NULL)
        return submit_one(pool, first);
    cfi_future_end_chunk(first);
    cfi_deque_put(&place->deque, first, memory_order_release);
    atomic_signal_fence(memory_order_seq_cst);
    bool is_calm = cfi_pool_is_calm(pool);
    if (!is_calm)
        cfi_deque_publish(&place->deque);
    cfi_relief_look(&pool->threads);
    if (is_calm)
        return CF_OK;
    if (cfi_pool_has_sleepers(pool) ||
        !cfi_pool_threads_are_all(&pool->threads))
        return see_to_workers(pool, 1);
    return cfi_pool_grow_calm(pool, place) ? CF_OK
                                           : see_to_workers(pool, SIZE_MAX);
}

enum cf_status cfi_pool_submit_array(struct cfi_pool *pool,
                                     struct cf_future *const *futures,
                                     size_t count, size_t chunk)
{
    return submit(pool, futures, count, chunk);
}

bool cfi_pool_put_back(struct cfi_pool *pool, struct cfi_station *station,
                       struct cf_future *first)
{
    bool is_in = true;

    if (cfi_has_priority(first)) {
        cfi_precedence_push(&pool->preferred, first);
    } else {
        is_in = cfi_deque_push(&station->deque, first);
        cfi_hints_release(cfi_deque_hints(&station->deque));
    }
    if (is_in)
        (void)see_to_workers(pool, 1);
    return is_in;
}

/* With one worker and no help, or a lock that all share, nothing is gained by
 * another processor. */
enum cf_status cfi_pool_submit_parts(struct cfi_pool *pool,
                                     struct cf_future *const *futures,
                                     size_t count, bool caller_sleeps)
{
    enum cf_status status = bring_in(pool, futures, count, 1);

    if (status != CF_OK)
        return status;
    if (count + !caller_sleeps > 1 && pool->threads.gil == NULL)
        cfi_pool_spread(pool, caller_sleeps);
    return see_to_workers(pool, count);
}

static void cancel_held(struct cf_future *first)
{
    cfi_future_let_go(first);
    cfi_chunk_cancel(first);
}

static void cancel_all(struct cfi_deque *deque)
{
    struct cf_future *first;
    bool is_left;

    while (cfi_deque_steal(deque, &first, 1, &is_left) > 0)
        cancel_held(first);
}

static void cancel_portion(struct cfi_portion *portion)
{
    struct cf_future *firsts[CFI_PORTION_MOST];
    size_t count = cfi_portion_steal(portion, firsts);

    for (size_t i = 0; i < count; i++)
        cancel_held(firsts[i]);
}

void cfi_pool_cancel_pending(struct cfi_pool *pool)
{
    struct cf_future *future;

    while ((future = cfi_precedence_take(&pool->preferred)) != NULL)
        cfi_chunk_cancel(future);
    for (size_t i = 0; i < CFI_SHARDS; i++)
        cancel_all(&pool->shards[i]);
    for (struct cfi_station *station = atomic_load(&pool->stations);
         station != NULL; station = station->next) {
        cancel_portion(&station->portion);
        cancel_all(&station->deque);
    }
}

void cfi_pool_stop(struct cfi_pool *pool)
{
    atomic_store(&pool->is_ending, 1);
    cfi_eventcount_notify(&pool->work, CFI_EVERYBODY);
    cfi_pool_threads_join(&pool->threads);
    /* All tasks are over: what is queued still are hints. Now, not in destroy:
     * one whose task failed holds the executor, and so us. */
    cfi_pool_cancel_pending(pool);
}

void cfi_pool_destroy(struct cfi_pool *pool)
{
    cfi_pool_threads_finish(&pool->threads);
    cfi_stations_finish(pool);
    for (size_t i = 0; i < CFI_SHARDS; i++)
        cfi_deque_finish(&pool->shards[i]);
    free(pool);
}
