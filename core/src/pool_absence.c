/* SPDX-License-Identifier: MIT */
/*
 * Workers that are not free though no task keeps them, and who stands in.
 *
 * One that runs callbacks, which may block, is added to the tasks when threads
 * are counted. One that sleeps in a task's wait, or has not come back from a
 * task that was written off, raises the bound of threads, by
 * `max_spare_workers` at most: a spare thread takes its place, with an index
 * behind the others, and leaves when it is of no use any more.
 *
 * What a spare thread runs depends on what the sleepers wait for:
 *
 *      a task of this pool that nobody has begun   that task, nothing else
 *      a task of this pool that runs               nothing: it has a thread (but
 *                                                  see pool_relief.c)
 *      anything else (a promise, another pool's)   whatever is queued
 *      (and for a task that was written off)       whatever is queued
 *
 * Where somebody waits for anything else and nobody is awake (but for relief
 * threads, who do not take whatever is queued), one more does: a sleeper of the
 * second row may wait for that one, and what it waits for may be queued behind
 * both.
 *
 * It is counted apart from the workers: one that is left alone, since those
 * were idle for long, keeps none of them from being started.
 *
 * The first row is what keeps nested waits alive. A spare thread that took the
 * oldest entry instead could begin another task that waits like the first one,
 * and so on until every thread sleeps and the tasks that all of them wait for
 * lie in the queues. So spare threads run out only where that many waits are
 * inside each other.
 *
 * Sleepers with a task that nobody has begun are in a list, guarded by the
 * threads' lock; who looks and finds it begun takes the sleeper off. Who
 * registers looks for a spare thread after that; a spare thread that leaves
 * looks at the list, under the lock, after it has taken itself out. One of the
 * two sees the other.
 */
#include "pool_absence.h"

#include "pool.h"
#include "pool_relief.h"

/* Sleepers, and workers written off. Who sleeps until a running task ends is one
 * of them: that task may be a spare thread's, and wait for another. */
static size_t absent(const struct cfi_pool_threads *threads)
{
    return atomic_load(&threads->asleep) +
           atomic_load(&threads->executor->written_off);
}

size_t cfi_pool_threads_bound(const struct cfi_pool_threads *threads)
{
    size_t most = threads->executor->max_spare_workers;
    size_t spare = absent(threads);

    return threads->executor->max_workers + (spare < most ? spare : most);
}

/* For how many workers spare threads take whatever is queued. */
static size_t replaced(const struct cfi_pool_threads *threads)
{
    return atomic_load(&threads->elsewhere) +
           atomic_load(&threads->executor->written_off);
}

bool cfi_pool_is_awaited(const struct cfi_pool_threads *threads)
{
    return atomic_load(&threads->awaiting) > 0 &&
           !cfi_executor_is_broken(threads->executor);
}

bool cfi_pool_spare_takes_all(const struct cfi_pool_threads *threads)
{
    return replaced(threads) > 0 || cfi_executor_is_broken(threads->executor);
}

/* Nobody but relief threads, which are not in `alive`. One that falls asleep is
 * added here first, then to `asleep`, and looks after that; one that wakes is taken
 * off in the same order, and `asleep` is read first. So who meets it in between
 * may start one thread too many, but where he starts none, and one was needed, it
 * will. (One whose task is written off meanwhile is a worker by then, and twice on
 * either side.) */
static bool is_nobody_awake(const struct cfi_pool_threads *threads)
{
    size_t away = absent(threads);

    return atomic_load(&threads->alive) + atomic_load(&threads->relief_away) <=
           away;
}

bool cfi_pool_threads_want_spare(const struct cfi_pool_threads *threads)
{
    size_t most = threads->executor->max_workers;
    size_t alive = atomic_load(&threads->alive), away = replaced(threads);

    return atomic_load(&threads->awaiting) >
               atomic_load(&threads->standing_by) ||
           alive < most + away || (away > 0 && is_nobody_awake(threads));
}

/* Lock held. */
static void take_off(struct cfi_pool_threads *threads,
                     struct cfi_pool_thread *thread)
{
    TAILQ_REMOVE(&threads->sleepers, thread, sleeper);
    thread->is_awaiting = false;
    atomic_fetch_sub(&threads->awaiting, 1);
}

struct cf_future *cfi_pool_claim_awaited(struct cfi_pool_threads *threads,
                                         cf_function **function)
{
    const struct cf_executor *executor = threads->executor;
    struct cfi_pool_thread *thread;
    struct cf_future *future, *claimed = NULL;

    if (!cfi_pool_is_awaited(threads))
        return NULL;
    cfi_lock(&threads->lock);
    while (claimed == NULL &&
           (thread = TAILQ_FIRST(&threads->sleepers)) != NULL) {
        future = cfi_awaited_pending(thread->awaited, executor);
        if (future == NULL) {
            take_off(threads, thread);
            continue;
        }
        *function = future->function;
        if (cfi_future_claim(future))
            claimed = cf_future_retain(future);
    }
    cfi_unlock(&threads->lock);
    return claimed;
}

/* If no thread can be started, who is alive serves in time. */
void cfi_pool_threads_start_for_the_queue(struct cfi_pool_threads *threads)
{
    if (cfi_pool_is_awaited(threads) || !cfi_pool_is_empty(threads->pool))
        cfi_pool_threads_reinforce(threads);
}

/* What they are to do has changed: spare threads look up. */
static void call_spare(struct cfi_pool_threads *threads)
{
    if (atomic_load(&threads->alive) > atomic_load(&threads->regular))
        cfi_pool_wake_all(threads->pool);
}

static struct cfi_pool_threads *threads_of(struct cfi_worker *worker)
{
    return ((struct cfi_pool_thread *)worker)->threads;
}

static void note_callbacks(struct cfi_worker *worker, bool begins)
{
    struct cfi_pool_threads *threads = threads_of(worker);

    if (!begins) {
        atomic_fetch_sub(&threads->calling_back, 1);
        return;
    }
    atomic_fetch_add(&threads->calling_back, 1);
    cfi_pool_threads_start_for_the_queue(threads);
}

/* Who waits for running tasks of this pool alone needs nobody for that, but is one
 * less for what others wait for. Of such a one and of one that waits elsewhere the
 * second to come sees the first: both count themselves, then look. */
static bool note_sleep(struct cfi_worker *worker, struct cfi_awaited *awaited)
{
    struct cfi_pool_thread *thread = (struct cfi_pool_thread *)worker;
    struct cfi_pool_threads *threads = thread->threads;

    thread->waits_elsewhere = awaited->executor != worker->executor;
    thread->is_away = thread->is_relief; /* it may become a worker in here */
    if (thread->is_away)                 /* first: see is_nobody_awake() */
        atomic_fetch_add(&threads->relief_away, 1);
    atomic_fetch_add(&threads->asleep, 1);
    cfi_lock(&threads->lock);
    if (cfi_awaited_pending(awaited, worker->executor) != NULL) {
        thread->awaited = awaited;
        thread->is_awaiting = true;
        TAILQ_INSERT_TAIL(&threads->sleepers, thread, sleeper);
        atomic_fetch_add(&threads->awaiting, 1);
    }
    thread->is_absent = thread->is_awaiting || thread->waits_elsewhere;
    if (thread->waits_elsewhere)
        atomic_fetch_add(&threads->elsewhere, 1);
    if (thread->is_absent)
        atomic_fetch_add(&threads->sleeping, 1);
    cfi_unlock(&threads->lock);
    if (!thread->is_absent && !cfi_pool_is_awaited(threads) &&
        replaced(threads) == 0)
        return true;
    if (thread->is_absent) {
        cfi_pool_end_calm(threads->pool);
        call_spare(threads);
    }
    cfi_pool_threads_start_for_the_queue(threads);
    return !thread->is_absent ||
           atomic_load(&threads->asleep) < cfi_pool_threads_bound(threads);
}

static void note_lasting(struct cfi_worker *worker)
{
    cfi_relief_begin((struct cfi_pool_thread *)worker);
}

static void note_wake(struct cfi_worker *worker)
{
    struct cfi_pool_thread *thread = (struct cfi_pool_thread *)worker;
    struct cfi_pool_threads *threads = thread->threads;

    if (thread->is_away)
        atomic_fetch_sub(&threads->relief_away, 1);
    atomic_fetch_sub(&threads->asleep, 1);
    cfi_relief_end(thread);
    if (!thread->is_absent)
        return;
    cfi_lock(&threads->lock);
    if (thread->is_awaiting)
        take_off(threads, thread);
    thread->awaited = NULL;
    cfi_unlock(&threads->lock);
    if (thread->waits_elsewhere)
        atomic_fetch_sub(&threads->elsewhere, 1);
    atomic_fetch_sub(&threads->sleeping, 1);
    call_spare(threads);
}

static void note_return(struct cfi_worker *worker)
{
    call_spare(threads_of(worker));
}

static bool hand_on(struct cfi_worker *worker, struct cf_future *rest)
{
    struct cfi_pool_thread *thread = (struct cfi_pool_thread *)worker;

    return !thread->is_relief && cfi_pool_thread_is_spare(thread) &&
           cfi_pool_thread_is_surplus(thread) &&
           cfi_pool_put_back(thread->threads->pool, worker->station, rest);
}

const struct cfi_absence cfi_pool_absence = {
    .calls_back = note_callbacks,
    .sleeps = note_sleep,
    .lasts = note_lasting,
    .wakes = note_wake,
    .hands_on = hand_on,
    .comes_back = note_return,
};

void cfi_pool_threads_write_off(struct cfi_pool_threads *threads)
{
    cfi_pool_end_calm(threads->pool);
    call_spare(threads);
    cfi_pool_threads_start_for_the_queue(threads);
}
