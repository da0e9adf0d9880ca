/* SPDX-License-Identifier: MIT */
/*
 * Worker threads around one first-in-first-out queue.
 *
 * Wakes: a submitter wakes a worker only when the queue was empty; a worker
 * that takes an entry and leaves others behind wakes the next. So while there
 * is an entry, some worker is awake or has been woken, and a burst of submits
 * costs one system call, not one each.
 *
 * Starting: a thread is started when fewer are alive than there are tasks
 * without an outcome; that count falls before the outcome is visible, so tasks
 * submitted one after the other use one thread. If none can be started, those
 * that live serve; with none alive the submit fails and nothing was queued.
 *
 * A worker that runs callbacks, which may block, does not count as free: it is
 * added to the tasks, and if something is queued when it begins, a thread is
 * started for that.
 *
 * A worker whose initializer failed breaks the executor, and goes on: somebody
 * has to end what is queued, and what was let in just before.
 *
 * A worker that shares a lock (gil) keeps it from one task to the next and
 * lets go before it sleeps.
 */
#include "pool.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include <cf/cpus.h>

#include "eventcount.h"
#include "gil.h"
#include "last_error.h"
#include "queue.h"

struct thread {
    struct cfi_worker worker; /* first: it is cast back */
    struct cfi_pool *pool;
    pthread_t id;
};

struct cfi_pool {
    struct cf_executor *executor;
    struct cfi_gil *gil;
    struct cfi_eventcount work;    /* an entry, or the end                */
    struct cfi_eventcount started; /* `ready` has grown                   */
    _Atomic size_t ready;          /* threads that have come up           */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct cfi_queue queue;
    bool is_ending;
    size_t alive;
    size_t calling_back;     /* of these, in callbacks */
    struct thread threads[]; /* the first `alive` are running */
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

/* Sleeps until there is something to do; NULL: the pool ends. */
static struct cf_future *wait_for_work(struct cfi_pool *pool)
{
    struct cf_future *future;
    bool is_ending;

    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&pool->work);
        future = take(pool, &is_ending);
        if (future != NULL || is_ending) {
            cfi_eventcount_cancel(&pool->work);
            return future;
        }
        cfi_eventcount_wait(&pool->work, key, INT64_MAX);
    }
}

static struct cf_future *next_task(struct cfi_pool *pool)
{
    bool is_ending;
    struct cf_future *future = take(pool, &is_ending);

    if (future == NULL && !is_ending) {
        cfi_sleep_begin();
        future = wait_for_work(pool);
        cfi_sleep_end();
    }
    return future;
}

static void *thread_main(void *argument)
{
    struct thread *thread = argument;
    struct cfi_pool *pool = thread->pool;
    struct cf_future *future;

    char name[16]; /* what the kernel keeps */
    snprintf(name, sizeof name, "cf-%.4s-%zu", pool->executor->backend->name,
             thread->worker.index);
    prctl(PR_SET_NAME, name);
    cfi_worker_set_current(&thread->worker);
    if (pool->gil != NULL)
        cfi_gil_acquire(pool->gil);
    bool has_begun = cfi_worker_begin(&thread->worker, pool->executor);
    atomic_fetch_add(&pool->ready, 1);
    cfi_eventcount_notify(&pool->started, CFI_EVERYBODY);

    while ((future = next_task(pool)) != NULL) {
        if (pool->gil != NULL)
            cfi_gil_checkpoint(pool->gil);
        if (cfi_executor_is_broken(pool->executor))
            cfi_future_break(future);
        else
            cfi_future_run(future, &thread->worker);
    }
    if (has_begun)
        cfi_worker_end(&thread->worker, pool->executor);
    if (pool->gil != NULL)
        cfi_gil_release(pool->gil);
    return NULL;
}

static void note_callbacks(struct cfi_worker *worker, bool begins);

/* The host's signals are for the host's threads: a worker leaves with all
 * blocked but those that its own instructions raise. Lock held. */
static enum cf_status start_thread(struct cfi_pool *pool)
{
    struct thread *thread = &pool->threads[pool->alive];
    sigset_t blocked, before;

    thread->pool = pool;
    thread->worker = (struct cfi_worker){
        .index = pool->alive,
        .executor = pool->executor,
        .gil = pool->gil,
        .calls_back = note_callbacks,
        .stopping = &pool->executor->stopping,
    };
    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGTRAP);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int error = pthread_create(&thread->id, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    if (error != 0) {
        errno = error;
        return cfi_fail_errno(CF_AGAIN, "cannot start a worker thread");
    }
    pool->alive++;
    return CF_OK;
}

/* Starts every thread it can and waits until they have come up. */
static enum cf_status start_all(struct cfi_pool *pool)
{
    size_t wanted = pool->executor->max_workers;

    cfi_lock(&pool->lock);
    while (pool->alive < wanted && start_thread(pool) == CF_OK)
        ;
    size_t alive = pool->alive;
    cfi_unlock(&pool->lock);
    if (alive == 0)
        return CF_AGAIN;
    pool->executor->max_workers = alive; /* what there is */

    while (atomic_load(&pool->ready) < alive) {
        uint32_t key = cfi_eventcount_prepare(&pool->started);
        if (atomic_load(&pool->ready) < alive)
            cfi_eventcount_wait(&pool->started, key, INT64_MAX);
        else
            cfi_eventcount_cancel(&pool->started);
    }
    return CF_OK;
}

enum cf_status cfi_pool_start(struct cf_executor *executor, struct cfi_gil *gil,
                              struct cfi_pool **out)
{
    struct cfi_pool *pool = calloc(
        1, sizeof *pool + executor->max_workers * sizeof pool->threads[0]);
    if (pool == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers",
                        executor->max_workers);
    pool->executor = executor;
    pool->gil = gil;
    if (executor->start_all) {
        enum cf_status status = start_all(pool);
        if (status == CF_OK && cfi_executor_is_broken(executor)) {
            cfi_pool_stop(pool);
            status = cfi_fail(CF_BROKEN, "%s", executor->broken_why);
        }
        if (status != CF_OK) {
            free(pool);
            return status;
        }
    }
    *out = pool;
    return CF_OK;
}

/* Lock held. */
static enum cf_status ensure_workers(struct cfi_pool *pool)
{
    struct cf_executor *executor = pool->executor;

    /* relaxed: see cfi_executor_enter() */
    if (pool->alive >= executor->max_workers ||
        pool->alive >=
            pool->calling_back + atomic_load_explicit(&executor->unfinished,
                                                      memory_order_relaxed))
        return CF_OK;
    enum cf_status status = start_thread(pool);
    return pool->alive > 0 ? CF_OK : status;
}

static void note_callbacks(struct cfi_worker *worker, bool begins)
{
    struct cfi_pool *pool = ((struct thread *)worker)->pool;

    cfi_lock(&pool->lock);
    if (begins)
        pool->calling_back++;
    else
        pool->calling_back--;
    if (begins && !cfi_queue_is_empty(&pool->queue))
        (void)!ensure_workers(pool); /* else who is alive serves in time */
    cfi_unlock(&pool->lock);
}

enum cf_status cfi_pool_submit(struct cfi_pool *pool, struct cf_future *first)
{
    cfi_lock(&pool->lock);
    enum cf_status status = ensure_workers(pool);
    bool was_empty = cfi_queue_is_empty(&pool->queue);
    if (status == CF_OK)
        cfi_queue_push(&pool->queue, first);
    cfi_unlock(&pool->lock);
    if (status == CF_OK && was_empty)
        cfi_eventcount_notify(&pool->work, 1);
    return status;
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
    size_t alive = pool->alive;
    cfi_unlock(&pool->lock);
    cfi_eventcount_notify(&pool->work, CFI_EVERYBODY);
    for (size_t i = 0; i < alive; i++)
        pthread_join(pool->threads[i].id, NULL);
}

void cfi_pool_destroy(struct cfi_pool *pool)
{
    free(pool);
}
