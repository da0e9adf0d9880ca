/* SPDX-License-Identifier: MIT */
/*
 * The life of a pool's threads.
 *
 * Starting: a thread is started when fewer are alive than there are tasks
 * without an outcome; that count falls before the outcome is visible, so tasks
 * submitted one after the other use one thread. If none can be started, those
 * that live serve; with none alive the submit fails and nothing was queued.
 *
 * Who is not free though no task keeps him, and who stands in: pool_absence.c.
 * Who leaves: pool_leave.c.
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

#include <errno.h>
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
    if (!*is_claimed && cfi_pool_spare_takes_all(threads))
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

/* False: there is none. */
static bool run_next(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;
    cf_function *function = NULL;
    bool is_claimed = false;

    struct cfi_work work = cfi_pool_thread_is_spare(thread)
                               ? next_for_spare(thread, &function, &is_claimed)
                               : cfi_pool_next(threads->pool, thread);
    if (!cfi_is_work(work))
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

static void run_tasks(struct cfi_pool_thread *thread)
{
    if (thread->is_relief && !cfi_relief_serve(thread))
        return;
    do {
        while (run_next(thread) && !cfi_pool_thread_is_over(thread))
            ;
        cfi_worker_catch_up(&thread->worker);
    } while (!cfi_pool_thread_leave(thread));
}

static void *thread_main(void *argument)
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

/* --- starting --- */

static int create_thread(struct cfi_pool_thread *thread)
{
    const struct cf_executor *executor = thread->threads->executor;
    pthread_attr_t attributes;

    int error =
        cfi_thread_attributes(executor, thread->worker.index, &attributes);
    if (error != 0)
        return error;
    error = cfi_thread_create(&thread->id, &attributes, thread_main, thread);
    pthread_attr_destroy(&attributes);
    return error;
}

/* Room in the table for the bound as it is. Lock held. */
static bool widen(struct cfi_pool_threads *threads)
{
    size_t wanted =
        threads->executor->max_workers + threads->executor->max_spare_workers;

    if (threads->capacity >= wanted)
        return true;
    struct cfi_pool_thread **table = calloc(wanted, sizeof table[0]);
    if (table == NULL)
        return false;
    for (size_t i = 0; i < threads->capacity; i++)
        table[i] = threads->table[i];
    free(threads->table);
    threads->table = table;
    threads->capacity = wanted;
    return true;
}

enum cf_status cfi_pool_threads_add(struct cfi_pool_threads *threads,
                                    bool is_relief,
                                    struct cfi_pool_thread **added)
{
    struct cfi_pool_thread *thread = calloc(1, sizeof *thread);
    struct cfi_station *station =
        thread != NULL && widen(threads) ? cfi_pool_enter(threads->pool) : NULL;

    if (station == NULL) {
        free(thread);
        return cfi_fail(CF_NOMEM, "no memory for a worker thread");
    }
    size_t index = cfi_pool_threads_find_index(threads, is_relief);
    thread->threads = threads;
    thread->is_relief = is_relief;
    thread->worker.index = index;
    thread->worker.executor = threads->executor;
    thread->worker.gil = threads->gil;
    thread->worker.station = station;
    thread->worker.tally = &station->tally;
    thread->worker.branches = threads->gil == NULL ? &station->branches : NULL;
    thread->worker.absence = &cfi_pool_absence;
    /* who may have to wait for the shared lock between two tasks does not */
    thread->worker.says_later = threads->gil == NULL;
    thread->worker.stopping = &threads->executor->stopping;
    int error = index < threads->capacity ? create_thread(thread) : EAGAIN;
    if (error != 0) {
        cfi_pool_leave(threads->pool, station);
        free(thread);
        errno = error;
        return cfi_fail_errno(CF_AGAIN, "cannot start a worker thread");
    }
    threads->table[index] = thread;
    atomic_fetch_add(&threads->created, 1);
    atomic_store(&threads->has_no_hand, false);
    cfi_pool_thread_count(thread, 1);
    if (added != NULL)
        *added = thread;
    return CF_OK;
}

/* After the number of workers has changed. Lock held. */
static void count_regular(struct cfi_pool_threads *threads)
{
    size_t count = 0;

    for (size_t i = 0; i < threads->capacity; i++)
        count += threads->table[i] != NULL &&
                 !cfi_pool_thread_is_spare(threads->table[i]);
    atomic_store(&threads->regular, count);
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

/* Starts up to max_workers; how many there are then. Only that there is none is
 * a failure. */
static size_t start_most(struct cfi_pool_threads *threads,
                         enum cf_status *status)
{
    struct cfi_noted noted = cfi_noted();

    *status = CF_OK;
    cfi_lock(&threads->lock);
    size_t most = threads->executor->max_workers;
    for (size_t i = atomic_load(&threads->regular); i < most; i++)
        if (*status == CF_OK && !cfi_relief_is_first(threads))
            *status = cfi_pool_threads_add(threads, false, NULL);
    size_t regular = atomic_load(&threads->regular);
    cfi_unlock(&threads->lock);
    if (*status != CF_OK && regular > 0)
        cfi_note_again(&noted);
    return regular;
}

enum cf_status cfi_pool_threads_start_all(struct cfi_pool_threads *threads)
{
    enum cf_status status;
    size_t count = start_most(threads, &status);

    if (count == 0)
        return status;
    cfi_lock(&threads->lock);
    threads->executor->max_workers = count; /* what there is */
    count_regular(threads);
    cfi_unlock(&threads->lock);
    wait_until_ready(threads, count);
    return CF_OK;
}

static bool are_enough(const struct cfi_pool_threads *threads)
{
    size_t alive = atomic_load(&threads->alive);

    if (atomic_load(&threads->regular) >= threads->executor->max_workers &&
        (alive >= cfi_pool_threads_bound(threads) ||
         !cfi_pool_threads_want_spare(threads)))
        return true;
    size_t work = cfi_tally_unfinished(threads->executor);
    return alive >= work + atomic_load(&threads->calling_back) +
                        atomic_load(&threads->executor->written_off);
}

/* As ensure(), for what are not enough. */
static enum cf_status start_one(struct cfi_pool_threads *threads)
{
    struct cfi_noted noted = cfi_noted();
    enum cf_status status = CF_OK;

    cfi_lock(&threads->lock);
    if (!threads->is_ending && !are_enough(threads) &&
        !cfi_relief_is_first(threads))
        status = cfi_pool_threads_add(threads, false, NULL);
    if (status != CF_OK)
        cfi_relief_stand_in(threads);
    cfi_unlock(&threads->lock);
    if (status == CF_OK || atomic_load(&threads->alive) == 0)
        return status;
    cfi_note_again(&noted);
    return CF_OK;
}

enum cf_status cfi_pool_threads_ensure(struct cfi_pool_threads *threads)
{
    return are_enough(threads) ? CF_OK : start_one(threads);
}

void cfi_pool_threads_reinforce(struct cfi_pool_threads *threads)
{
    if (are_enough(threads))
        return;
    struct cfi_noted noted = cfi_noted();
    if (start_one(threads) != CF_OK)
        cfi_note_again(&noted);
}

void cfi_pool_threads_add_hand(struct cfi_pool_threads *threads)
{
    if (atomic_load(&threads->alive) >= threads->executor->max_workers ||
        atomic_load(&threads->created) != atomic_load(&threads->ready) ||
        atomic_load(&threads->has_no_hand) ||
        !cfi_executor_is_ours(threads->executor))
        return;
    struct cfi_noted noted = cfi_noted();
    cfi_lock(&threads->lock);
    if (!threads->is_ending &&
        atomic_load(&threads->alive) < threads->executor->max_workers &&
        atomic_load(&threads->created) == atomic_load(&threads->ready) &&
        !cfi_relief_is_first(threads) &&
        cfi_pool_threads_add(threads, false, NULL) != CF_OK) {
        atomic_store(&threads->has_no_hand, true);
        cfi_note_again(&noted);
    }
    cfi_unlock(&threads->lock);
}

enum cf_status cfi_pool_threads_set(struct cfi_pool_threads *threads,
                                    size_t count)
{
    enum cf_status status;

    cfi_lock(&threads->lock);
    size_t before = threads->executor->max_workers;
    size_t spare_before = threads->executor->max_spare_workers;
    cfi_executor_change_workers(threads->executor, count);
    bool has_room = widen(threads);
    if (!has_room) {
        threads->executor->max_workers = before;
        threads->executor->max_spare_workers = spare_before;
    }
    count_regular(threads);
    cfi_relief_give_places(threads);
    cfi_unlock(&threads->lock);
    cfi_pool_end_calm(threads->pool);
    if (!has_room)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers", count);
    if (count < before)
        cfi_pool_wake_all(threads->pool);
    if (threads->executor->start_all && start_most(threads, &status) == 0)
        return status;
    for (size_t alive = SIZE_MAX; alive != atomic_load(&threads->alive) &&
                                  !cfi_pool_is_empty(threads->pool);) {
        alive = atomic_load(&threads->alive);
        cfi_pool_threads_reinforce(threads); /* by one; none: they are enough */
    }
    return CF_OK;
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
    if (!widen(threads))
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
