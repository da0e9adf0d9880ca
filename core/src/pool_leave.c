/* SPDX-License-Identifier: MIT */
/*
 * How a pool's threads leave.
 *
 * Between two tasks a thread leaves when it is above the bound (fewer workers
 * were asked for, or whom it stood in for is back), when it has run as many
 * tasks as a worker may, or when it was idle for too long. It takes itself out
 * of the table under the lock and, still under it, looks whether something is
 * queued: a submit looks for threads after its push, so either it sees that one
 * is gone, or the thread sees what it pushed. Then whoever may go on does, or
 * starts the one that follows it.
 *
 * A thread that has left is joined by the next to leave, the last one by the
 * pool's end, so none is left over. Its index is the user's, for tables of its
 * own, until its finalizer has run: who follows it on that index begins after
 * that, and takes another one if it may. So nobody waits for a finalizer but
 * who comes after it; tasks wait only where all workers are about to be such.
 *
 * At the end every task is final, so a thread that is inside a task can only be
 * in one that was written off. It is not waited for: it keeps the executor, by
 * a reference, until it comes back and ends by itself.
 */
#include "pool_leave.h"

#include <stdlib.h>

#include "clock.h"
#include "pool.h"
#include "pool_absence.h"
#include "pool_relief.h"

bool cfi_pool_thread_is_surplus(const struct cfi_pool_thread *thread)
{
    const struct cfi_pool_threads *threads = thread->threads;

    return cfi_pool_thread_is_spare(thread) &&
           (atomic_load(&threads->alive) > cfi_pool_threads_bound(threads) ||
            cfi_pool_is_awaited(threads) || !cfi_pool_spare_takes_all(threads));
}

int64_t cfi_pool_thread_idle_deadline_ns(const struct cfi_pool_thread *thread)
{
    int64_t timeout_ns = thread->threads->executor->options.idle_timeout_ns;

    return timeout_ns > 0 ? cfi_deadline_ns(timeout_ns) : INT64_MAX;
}

bool cfi_pool_thread_is_detached(const struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    cfi_lock(&threads->lock);
    bool is_detached = thread->is_detached;
    cfi_unlock(&threads->lock);
    return is_detached;
}

void cfi_pool_thread_count(struct cfi_pool_thread *thread, int change)
{
    struct cfi_pool_threads *threads = thread->threads;

    if (thread->is_relief) {
        threads->relief.alive += (size_t)change;
        return;
    }
    atomic_fetch_add(&threads->alive, (size_t)change);
    if (!cfi_pool_thread_is_spare(thread))
        atomic_fetch_add(&threads->regular, (size_t)change);
}

void cfi_pool_thread_take_out(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    threads->table[thread->worker.index] = NULL;
    TAILQ_INSERT_TAIL(&threads->leavers, thread, leaver);
    cfi_pool_thread_count(thread, -1);
    thread->has_left = true;
    atomic_fetch_add(&threads->leaving, 1);
}

static void put_back(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    threads->table[thread->worker.index] = thread;
    TAILQ_REMOVE(&threads->leavers, thread, leaver);
    cfi_pool_thread_count(thread, 1);
    thread->has_left = false;
    atomic_fetch_sub(&threads->leaving, 1);
}

static bool is_being_left(const struct cfi_pool_threads *threads, size_t index)
{
    const struct cfi_pool_thread *leaver = TAILQ_FIRST(&threads->leavers);

    while (leaver != NULL && leaver->worker.index != index)
        leaver = TAILQ_NEXT(leaver, leaver);
    return leaver != NULL;
}

size_t cfi_pool_threads_find_index(const struct cfi_pool_threads *threads,
                                   bool is_relief)
{
    size_t most = threads->executor->max_workers, found = threads->capacity;

    for (size_t i = threads->capacity; i-- > 0;) {
        if (threads->table[i] != NULL)
            continue;
        if (is_relief && !is_being_left(threads, i))
            return i;
        found = i;
    }
    if (is_relief)
        return threads->capacity;
    size_t end =
        found < most && most < threads->capacity ? most : threads->capacity;
    for (size_t i = found; i < end; i++)
        if (threads->table[i] == NULL && !is_being_left(threads, i))
            return i;
    return found;
}

struct cfi_pool_thread *
cfi_pool_threads_find_worker(const struct cfi_pool_threads *threads,
                             size_t number)
{
    const struct cf_executor *executor = threads->executor;
    size_t index = number - executor->first_worker;

    if (executor->first_spare > 0 && number >= executor->first_spare)
        index = number - executor->first_spare + executor->max_workers;
    return index < threads->capacity ? threads->table[index] : NULL;
}

static bool is_index_free(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    cfi_lock(&threads->lock);
    bool is_free = !is_being_left(threads, thread->worker.index);
    cfi_unlock(&threads->lock);
    return is_free;
}

static void sleep_until_free(struct cfi_pool_thread *thread)
{
    struct cfi_eventcount *vacated = &thread->threads->vacated;

    for (;;) {
        uint32_t key = cfi_eventcount_prepare(vacated);
        if (is_index_free(thread)) {
            cfi_eventcount_cancel(vacated);
            return;
        }
        cfi_eventcount_wait(vacated, key, INT64_MAX);
    }
}

/* Meanwhile it is as one that runs callbacks: of no use to any task, which may
 * be what the finalizer waits for. */
void cfi_pool_thread_await_index(struct cfi_pool_thread *thread)
{
    if (is_index_free(thread))
        return;
    cfi_pool_absence.calls_back(&thread->worker, true);
    sleep_until_free(thread);
    cfi_pool_absence.calls_back(&thread->worker, false);
}

void cfi_pool_thread_vacate_index(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    if (!thread->has_left)
        return;
    cfi_lock(&threads->lock);
    TAILQ_REMOVE(&threads->leavers, thread, leaver);
    cfi_unlock(&threads->lock);
    cfi_eventcount_notify(&threads->vacated, CFI_EVERYBODY);
}

/* Something is queued, and the thread is out of the table. Is it to leave all
 * the same? Lock held. */
static bool is_followed(struct cfi_pool_thread *thread, bool is_surplus)
{
    if (is_surplus)
        return true; /* it would take nothing of that */
    return cfi_pool_thread_is_used_up(thread) &&
           cfi_pool_threads_add(thread->threads, false, NULL) == CF_OK;
}

bool cfi_pool_thread_leave(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;
    bool leaves = true;

    cfi_lock(&threads->lock);
    if (threads->is_ending) { /* the table stays: the end joins by it */
        cfi_unlock(&threads->lock);
        return true;
    }
    if (cfi_pool_thread_is_spare(thread) && cfi_pool_is_awaited(threads)) {
        cfi_unlock(&threads->lock);
        return false;
    }
    bool is_surplus = cfi_pool_thread_is_surplus(thread);
    cfi_pool_thread_take_out(thread);
    cfi_pool_end_calm(threads->pool);
    bool is_empty = cfi_pool_is_empty(threads->pool);
    if (!is_empty && !is_followed(thread, is_surplus)) {
        put_back(thread);
        thread->worker.ran = 0;
        leaves = false;
    }
    cfi_unlock(&threads->lock);
    if (leaves && !is_empty) {
        /* a wake may have been meant for it; and who submitted counted it */
        cfi_pool_wake_all(threads->pool);
        cfi_pool_threads_reinforce(threads);
    }
    return leaves;
}

/* Waits for whoever left before, and is the next to be waited for. */
static void leave_in_turn(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    cfi_lock(&threads->lock);
    struct cfi_pool_thread *before = threads->last;
    threads->last = thread;
    cfi_unlock(&threads->lock);
    if (before != NULL) {
        pthread_join(before->id, NULL);
        free(before);
    }
    if (atomic_fetch_sub(&threads->leaving, 1) == 1)
        cfi_eventcount_notify(&threads->left, 1);
}

void cfi_pool_thread_end(struct cfi_pool_thread *thread)
{
    struct cf_executor *executor = thread->threads->executor;

    if (thread->has_left) {
        leave_in_turn(thread);
    } else if (cfi_pool_thread_is_detached(thread)) {
        free(thread);
        cfi_executor_release(executor);
    }
}

/* Lets go of a thread that is inside a task. Lock held. */
static void detach(struct cfi_pool_threads *threads,
                   struct cfi_pool_thread *thread)
{
    thread->is_detached = true;
    threads->table[thread->worker.index] = NULL;
    cfi_executor_retain(threads->executor);
    pthread_detach(thread->id);
}

static void await_leaving(struct cfi_pool_threads *threads)
{
    while (atomic_load(&threads->leaving) > 0) {
        uint32_t key = cfi_eventcount_prepare(&threads->left);
        if (atomic_load(&threads->leaving) > 0)
            cfi_eventcount_wait(&threads->left, key, INT64_MAX);
        else
            cfi_eventcount_cancel(&threads->left);
    }
    if (threads->last != NULL)
        pthread_join(threads->last->id, NULL);
}

void cfi_pool_threads_join(struct cfi_pool_threads *threads)
{
    cfi_lock(&threads->lock);
    threads->is_ending = true;
    cfi_relief_wake_all(threads);
    for (size_t i = 0; i < threads->capacity; i++)
        if (threads->table[i] != NULL &&
            atomic_load(&threads->table[i]->worker.running) != NULL)
            detach(threads, threads->table[i]);
    cfi_unlock(&threads->lock);
    for (size_t i = 0; i < threads->capacity; i++)
        if (threads->table[i] != NULL)
            pthread_join(threads->table[i]->id, NULL);
    await_leaving(threads);
}
