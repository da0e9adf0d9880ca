/* SPDX-License-Identifier: MIT */
/*
 * Which threads of a pool are started, and when: one more when fewer are alive
 * than there are tasks without an outcome; that count falls before the outcome is
 * visible, so tasks submitted one after the other use one thread. If none can be
 * started, those that live serve; with none alive the submit fails and nothing was
 * queued.
 */
#include <errno.h>
#include <stdlib.h>

#include "last_error.h"
#include "pool_impl.h"
#include "pool_leave.h"
#include "pool_relief.h"
#include "thread_options.h"

static int create_thread(struct cfi_pool_thread *thread)
{
    const struct cf_executor *executor = thread->threads->executor;
    pthread_attr_t attributes;

    int error =
        cfi_thread_attributes(executor, thread->worker.index, &attributes);
    if (error != 0)
        return error;
    error = cfi_thread_create(&thread->id, &attributes, cfi_pool_thread_main,
                              thread);
    pthread_attr_destroy(&attributes);
    return error;
}

bool cfi_pool_threads_widen(struct cfi_pool_threads *threads)
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
        thread != NULL && cfi_pool_threads_widen(threads)
            ? cfi_pool_enter(threads->pool)
            : NULL;

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
        if (*status == CF_OK && !threads->is_ending &&
            !cfi_relief_is_first(threads))
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
    if (threads->is_ending) { /* the table is the end's now */
        cfi_unlock(&threads->lock);
        return cfi_fail(CF_SHUTDOWN, "the executor has been destroyed");
    }
    size_t before = threads->executor->max_workers;
    size_t spare_before = threads->executor->max_spare_workers;
    cfi_executor_change_workers(threads->executor, count);
    bool has_room = cfi_pool_threads_widen(threads);
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
