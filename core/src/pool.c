/* SPDX-License-Identifier: MIT */
/*
 * One first-in-first-out queue, and the worker threads around it, whose life
 * is in pool_threads.c.
 *
 * Wakes: a submitter wakes a worker only when the queue was empty; a worker
 * that takes an entry and leaves others behind wakes the next. So while there
 * is an entry, some worker is awake or has been woken, and a burst of submits
 * costs one system call, not one each.
 */
#include "pool.h"

#include <stdlib.h>

#include <cf/cpus.h>

#include "eventcount.h"
#include "last_error.h"
#include "pool_threads.h"
#include "queue.h"

struct cfi_pool {
    struct cfi_pool_threads threads;
    struct cfi_eventcount work; /* an entry, or the end */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct cfi_queue queue;
    bool is_ending;
};

size_t cfi_pool_default_workers(void)
{
    size_t count = cf_usable_cpus().count + 4;
    return count < 32 ? count : 32;
}

/* The oldest entry, NULL when there is none. Passes the wake on. */
static struct cf_future *take(struct cfi_pool *pool, bool *is_ending)
{
    cfi_lock(&pool->lock);
    struct cf_future *future = cfi_queue_pop(&pool->queue);
    bool is_more = !cfi_queue_is_empty(&pool->queue);
    *is_ending = pool->is_ending;
    cfi_unlock(&pool->lock);
    if (is_more)
        cfi_eventcount_notify(&pool->work, 1);
    return future;
}

/* Sleeps until there is something to do; NULL: the thread is to leave. */
static struct cf_future *wait_for_work(struct cfi_pool *pool,
                                       const struct cfi_pool_thread *thread)
{
    int64_t deadline_ns = cfi_pool_thread_idle_deadline_ns(thread);
    struct cf_future *future;
    bool is_ending, in_time = true;

    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&pool->work);
        future = take(pool, &is_ending);
        if (future != NULL || is_ending || !in_time ||
            cfi_pool_thread_is_surplus(thread)) {
            cfi_eventcount_cancel(&pool->work);
            return future;
        }
        in_time = cfi_eventcount_wait(&pool->work, key, deadline_ns);
    }
}

struct cf_future *cfi_pool_next(struct cfi_pool *pool,
                                struct cfi_pool_thread *thread)
{
    bool is_ending;
    struct cf_future *future = take(pool, &is_ending);

    if (future == NULL && !is_ending) {
        cfi_sleep_begin();
        future = wait_for_work(pool, thread);
        cfi_sleep_end();
    }
    return future;
}

void cfi_pool_wake_all(struct cfi_pool *pool)
{
    cfi_eventcount_notify(&pool->work, CFI_EVERYBODY);
}

void cfi_pool_write_off(struct cfi_pool *pool)
{
    cfi_pool_threads_write_off(&pool->threads);
}

enum cf_status cfi_pool_set_workers(struct cfi_pool *pool, size_t count)
{
    return cfi_pool_threads_set(&pool->threads, count);
}

bool cfi_pool_is_empty(struct cfi_pool *pool)
{
    cfi_lock(&pool->lock);
    bool is_empty = cfi_queue_is_empty(&pool->queue);
    cfi_unlock(&pool->lock);
    return is_empty;
}

enum cf_status cfi_pool_start(struct cf_executor *executor, struct cfi_gil *gil,
                              struct cfi_pool **out)
{
    struct cfi_pool *pool = calloc(1, sizeof *pool);
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

/*
 * Looked at before the push: is anybody there to serve it? And after it: a
 * worker that began callbacks meanwhile, and found the queue empty still, is
 * seen as occupied now, or it sees the entry (the lock orders the two).
 */
enum cf_status cfi_pool_submit(struct cfi_pool *pool, struct cf_future *first)
{
    enum cf_status status = cfi_pool_threads_ensure(&pool->threads);
    if (status != CF_OK)
        return status;
    cfi_lock(&pool->lock);
    bool was_empty = cfi_queue_is_empty(&pool->queue);
    cfi_queue_push(&pool->queue, first);
    cfi_unlock(&pool->lock);
    if (was_empty)
        cfi_eventcount_notify(&pool->work, 1);
    (void)!cfi_pool_threads_ensure(&pool->threads);
    return CF_OK;
}

void cfi_pool_cancel_pending(struct cfi_pool *pool)
{
    cfi_lock(&pool->lock);
    struct cfi_queue queue = pool->queue;
    pool->queue = (struct cfi_queue){0};
    cfi_unlock(&pool->lock);
    cfi_queue_cancel(&queue);
}

void cfi_pool_stop(struct cfi_pool *pool)
{
    cfi_lock(&pool->lock);
    pool->is_ending = true;
    cfi_unlock(&pool->lock);
    cfi_eventcount_notify(&pool->work, CFI_EVERYBODY);
    cfi_pool_threads_join(&pool->threads);
}

void cfi_pool_destroy(struct cfi_pool *pool)
{
    cfi_pool_threads_finish(&pool->threads);
    free(pool);
}
