/* SPDX-License-Identifier: MIT */
/*
 * The life of a pool's threads.
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
#include "pool_threads.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "gil.h"
#include "last_error.h"
#include "pool.h"

static void run_tasks(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;
    struct cf_future *future;

    while ((future = cfi_pool_next(threads->pool, thread)) != NULL) {
        if (threads->gil != NULL)
            cfi_gil_checkpoint(threads->gil);
        if (cfi_executor_is_broken(threads->executor))
            cfi_future_break(future);
        else
            cfi_future_run(future, &thread->worker);
    }
}

static void *thread_main(void *argument)
{
    struct cfi_pool_thread *thread = argument;
    struct cfi_pool_threads *threads = thread->threads;

    char name[16]; /* what the kernel keeps */
    snprintf(name, sizeof name, "cf-%.4s-%zu", threads->executor->backend->name,
             thread->worker.index);
    prctl(PR_SET_NAME, name);
    cfi_worker_set_current(&thread->worker);
    if (threads->gil != NULL)
        cfi_gil_acquire(threads->gil);
    bool has_begun = cfi_worker_begin(&thread->worker, threads->executor);
    atomic_fetch_add(&threads->ready, 1);
    cfi_eventcount_notify(&threads->started, CFI_EVERYBODY);
    run_tasks(thread);
    if (has_begun)
        cfi_worker_end(&thread->worker, threads->executor);
    if (threads->gil != NULL)
        cfi_gil_release(threads->gil);
    return NULL;
}

static void note_callbacks(struct cfi_worker *worker, bool begins)
{
    struct cfi_pool_threads *threads =
        ((struct cfi_pool_thread *)worker)->threads;

    if (!begins) {
        atomic_fetch_sub(&threads->calling_back, 1);
        return;
    }
    atomic_fetch_add(&threads->calling_back, 1);
    if (!cfi_pool_is_empty(threads->pool))
        /* if that fails, who is alive serves in time */
        (void)!cfi_pool_threads_ensure(threads);
}

/* The host's signals are for the host's threads: a worker leaves with all
 * blocked but those that its own instructions raise. */
static int create_thread(struct cfi_pool_thread *thread)
{
    sigset_t blocked, before;

    sigfillset(&blocked);
    sigdelset(&blocked, SIGSEGV);
    sigdelset(&blocked, SIGBUS);
    sigdelset(&blocked, SIGFPE);
    sigdelset(&blocked, SIGILL);
    sigdelset(&blocked, SIGTRAP);
    pthread_sigmask(SIG_SETMASK, &blocked, &before);
    int error = pthread_create(&thread->id, NULL, thread_main, thread);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return error;
}

/* Lock held. */
static enum cf_status start_thread(struct cfi_pool_threads *threads)
{
    size_t index = atomic_load(&threads->alive);
    struct cfi_pool_thread *thread = calloc(1, sizeof *thread);

    if (thread == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a worker thread");
    thread->threads = threads;
    thread->worker = (struct cfi_worker){
        .index = index,
        .executor = threads->executor,
        .gil = threads->gil,
        .calls_back = note_callbacks,
        .stopping = &threads->executor->stopping,
    };
    threads->table[index] = thread;
    int error = create_thread(thread);
    if (error != 0) {
        free(thread);
        errno = error;
        return cfi_fail_errno(CF_AGAIN, "cannot start a worker thread");
    }
    atomic_store(&threads->alive, index + 1);
    return CF_OK;
}

static void wait_until_ready(struct cfi_pool_threads *threads, size_t count)
{
    while (atomic_load(&threads->ready) < count) {
        uint32_t key = cfi_eventcount_prepare(&threads->started);
        if (atomic_load(&threads->ready) < count)
            cfi_eventcount_wait(&threads->started, key, INT64_MAX);
        else
            cfi_eventcount_cancel(&threads->started);
    }
}

enum cf_status cfi_pool_threads_start_all(struct cfi_pool_threads *threads)
{
    size_t wanted = threads->executor->max_workers;
    enum cf_status status = CF_OK;

    cfi_lock(&threads->lock);
    while (atomic_load(&threads->alive) < wanted && status == CF_OK)
        status = start_thread(threads);
    size_t alive = atomic_load(&threads->alive);
    cfi_unlock(&threads->lock);
    if (alive == 0)
        return status;
    threads->executor->max_workers = alive; /* what there is */
    wait_until_ready(threads, alive);
    return CF_OK;
}

static bool are_enough(const struct cfi_pool_threads *threads)
{
    size_t alive = atomic_load(&threads->alive);

    if (alive >= threads->executor->max_workers)
        return true;
    /* relaxed: see cfi_executor_enter() */
    size_t work = atomic_load_explicit(&threads->executor->unfinished,
                                       memory_order_relaxed);
    return alive >= work + atomic_load(&threads->calling_back);
}

enum cf_status cfi_pool_threads_ensure(struct cfi_pool_threads *threads)
{
    enum cf_status status = CF_OK;

    if (are_enough(threads))
        return CF_OK;
    cfi_lock(&threads->lock);
    if (!are_enough(threads))
        status = start_thread(threads);
    cfi_unlock(&threads->lock);
    return atomic_load(&threads->alive) > 0 ? CF_OK : status;
}

void cfi_pool_threads_join(struct cfi_pool_threads *threads)
{
    size_t alive = atomic_load(&threads->alive);

    for (size_t i = 0; i < alive; i++)
        pthread_join(threads->table[i]->id, NULL);
}

enum cf_status cfi_pool_threads_init(struct cfi_pool_threads *threads,
                                     struct cfi_pool *pool,
                                     struct cf_executor *executor,
                                     struct cfi_gil *gil)
{
    *threads = (struct cfi_pool_threads){
        .pool = pool,
        .executor = executor,
        .gil = gil,
        .table = calloc(executor->max_workers, sizeof threads->table[0]),
    };
    if (threads->table == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers",
                        executor->max_workers);
    return CF_OK;
}

void cfi_pool_threads_finish(struct cfi_pool_threads *threads)
{
    for (size_t i = 0; i < atomic_load(&threads->alive); i++)
        free(threads->table[i]);
    free(threads->table);
}
