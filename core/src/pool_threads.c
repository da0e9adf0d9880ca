/* SPDX-License-Identifier: MIT */
/*
 * The life of a pool's threads: what each does. Who is started, and when:
 * pool_start.c. Who is not free though no task keeps him, and who stands in:
 * pool_absence.c. Who leaves: pool_leave.c.
 *
 * A worker whose initializer failed breaks the executor, and goes on: somebody
 * has to end what is queued, and what was let in just before.
 *
 * A worker that shares a lock (gil) keeps it from one task to the next and
 * lets go before it sleeps.
 *
 * The threads' lock is taken before the pool's where both are needed.
 */
#include "pool_threads.h"

#include <stdlib.h>
#include <unistd.h>

#include "admission.h"
#include "gil.h"
#include "last_error.h"
#include "observe.h"
#include "pool_absence.h"
#include "pool_impl.h"
#include "pool_leave.h"
#include "pool_place.h"
#include "pool_relief.h"
#include "thread_options.h"

/* The next task for a spare thread; `*is_claimed`: it was awaited. */
static struct cfi_work next_for_spare(struct cfi_pool_thread *thread,
                                      cf_function **function, bool *is_claimed)
{
    struct cfi_pool_threads *threads = thread->threads;

    cfi_worker_catch_up(&thread->worker);
    atomic_fetch_add(&threads->standing_by, 1);
    struct cfi_work work = {0};
    work.future = cfi_pool_claim_awaited(threads, function);
    *is_claimed = work.future != NULL;
    if (!*is_claimed && !cfi_pool_thread_is_surplus(thread))
        work = cfi_pool_next(threads->pool, thread);
    atomic_fetch_sub(&threads->standing_by, 1);
    /* a sleeper that came meanwhile counted on us, who have taken another */
    if (cfi_is_work(work) && !*is_claimed && cfi_pool_is_awaited(threads))
        cfi_pool_threads_reinforce(threads);
    return work;
}

void cfi_pool_thread_run(struct cfi_pool_thread *thread, struct cfi_work work)
{
    struct cfi_pool_threads *threads = thread->threads;

    if (work.branch != NULL) { /* a part of a task that another has taken */
        cfi_branch_run(work.branch, &thread->worker, NULL);
        cfi_worker_end_if_forked(&thread->worker);
        return;
    }
    if (threads->gil != NULL)
        cfi_gil_checkpoint(threads->gil);
    if (cfi_executor_is_broken(threads->executor)) {
        cfi_worker_catch_up(&thread->worker);
        cfi_future_break(work.future);
    } else {
        cfi_future_run(work.future, &thread->worker);
    }
}

/* Is the thread one too many since it looked? Then what it has taken is queued
 * again. What was submitted after that was taken after it, and the number is read
 * after the entry. */
__attribute__((noinline)) static bool gives_back(struct cfi_pool_thread *thread,
                                                 struct cf_future *future)
{
    return future != NULL && cfi_pool_thread_is_surplus(thread) &&
           cfi_pool_put_back(thread->threads->pool, thread->worker.station,
                             future);
}

/* Both: false where there is none. They are apart because a work that may come
 * from either is put together in memory, from which it is read again at once as
 * a whole: 10 ns a task. */
__attribute__((noinline)) static bool
run_next_as_spare(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;
    cf_function *function = NULL;
    bool is_claimed;
    struct cfi_work work = next_for_spare(thread, &function, &is_claimed);

    if (!cfi_is_work(work) || (!is_claimed && gives_back(thread, work.future)))
        return false;
    if (!is_claimed) {
        cfi_pool_thread_run(thread, work);
        return true;
    }
    if (threads->gil != NULL)
        cfi_gil_checkpoint(threads->gil);
    cfi_future_run_claimed(work.future, function, &thread->worker);
    cf_future_release(work.future);
    return true;
}

static bool run_next(struct cfi_pool_thread *thread)
{
    if (cfi_pool_thread_is_spare(thread))
        return run_next_as_spare(thread);
    struct cfi_work work = cfi_pool_next(thread->threads->pool, thread);
    if (!cfi_is_work(work) ||
        (cfi_pool_thread_is_spare(thread) && gives_back(thread, work.future)))
        return false;
    cfi_pool_thread_run(thread, work);
    return true;
}

static void run_tasks(struct cfi_pool_thread *thread)
{
    if (thread->is_relief && !cfi_relief_serve(thread))
        return;
    do {
        while (run_next(thread) && !cfi_pool_thread_is_used_up(thread))
            ;
        cfi_worker_catch_up(&thread->worker);
    } while (!cfi_pool_thread_leave(thread));
}

void *cfi_pool_thread_main(void *argument)
{
    struct cfi_pool_thread *thread = argument;
    struct cfi_pool_threads *threads = thread->threads;
    struct cf_executor *executor = threads->executor;
    size_t index = thread->worker.index;

    cfi_thread_prepare(executor, index);
    cfi_worker_set_current(&thread->worker);
    cfi_pool_thread_await_index(thread); /* with the lock of who started it */
    cfi_pool_thread_arrive(thread);
    if (threads->gil != NULL)
        cfi_gil_acquire(threads->gil);
    bool has_begun = cfi_worker_begin(&thread->worker, executor);
    cfi_observe_worker(executor, CF_EVENT_WORKER_STARTED, index, getpid());
    atomic_fetch_add(&threads->ready, 1);
    cfi_eventcount_notify(&threads->started, CFI_EVERYBODY);
    run_tasks(thread);
    if (!cfi_pool_thread_is_detached(thread)) { /* else nobody expects it */
        if (has_begun)
            cfi_worker_end(&thread->worker, executor);
        cfi_observe_worker(executor, CF_EVENT_WORKER_ENDED, index, getpid());
        cfi_pool_thread_vacate_index(thread);
    }
    cfi_worker_set_current(NULL);
    if (threads->gil != NULL)
        cfi_gil_release(threads->gil);
    cfi_pool_leave(threads->pool, thread->worker.station);
    cfi_pool_thread_end(thread);
    return NULL;
}

/* --- beginning and end --- */

enum cf_status cfi_pool_threads_init(struct cfi_pool_threads *threads,
                                     struct cfi_pool *pool,
                                     struct cf_executor *executor,
                                     struct cfi_gil *gil)
{
    *threads = (struct cfi_pool_threads){
        .pool = pool,
        .executor = executor,
        .gil = gil,
    };
    TAILQ_INIT(&threads->sleepers);
    TAILQ_INIT(&threads->leavers);
    TAILQ_INIT(&threads->relief.resting);
    if (!cfi_pool_threads_widen(threads))
        return cfi_fail(CF_NOMEM, "no memory for %zu workers",
                        (size_t)executor->max_workers);
    return CF_OK;
}

void cfi_pool_threads_finish(struct cfi_pool_threads *threads)
{
    for (size_t i = 0; i < threads->capacity; i++)
        free(threads->table[i]);
    free(threads->last);
    free(threads->table);
}
