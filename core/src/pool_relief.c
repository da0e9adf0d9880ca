/* SPDX-License-Identifier: MIT */
/*
 * Relief threads: who works while a worker sleeps until a running task ends.
 *
 * Such a worker takes nothing else (await.c says why), so its processor would be
 * idle though the task that it waits for has queued others: a divide and conquer
 * by futures on two workers would get 1.6 times as fast, since who has ended the
 * smaller part waits for the larger one. A relief thread runs those meanwhile:
 *
 *      worker A         worker B                 relief thread
 *      waits for b      runs b, which queues     runs c, d ...
 *                       c, d, e ...
 *
 * It takes what tasks have queued, never what came from outside: the number of
 * tasks that came from there and have begun stays what it was. It has a stack
 * and a name of its own, so whatever lock A's task holds, only c can wait for
 * it, as if another worker had taken c. And A goes on as soon as b has ended: for
 * the rest of the task that its relief thread is in, one thread more than
 * `max_workers` may be awake. Then it sees that, and rests; after a while it
 * leaves.
 *
 * `lagging` counts the sleepers, `serving` the relief threads that were called
 * for one. One that waits in turn, in a task that it runs, is a sleeper as well.
 * Called is one by who falls asleep, if something is queued; later by the task
 * that queues something. Both write (the count `missing`, the entry), then read
 * the other, so one of them calls; but in a calm pool (pool_calm.c) an entry may
 * be overlooked for as long as its store takes, some 10 ns. It is no harm if none
 * does: whatever is awaited has a thread, the next push calls, and nothing ever
 * counts on a relief thread. So where none can be started, there is none. And where
 * one that a wait needs cannot be, one of them becomes it, after its task.
 *
 * At most half of `max_spare_workers` are relief threads, so that pool_absence.c
 * has the rest for waits that need a thread. Their indexes are the highest that
 * are free. None where workers share a lock (only one of them computes), or have
 * an initializer, which is too much for what may be done in a moment.
 */
#include "pool_relief.h"

#include "admission.h"
#include "clock.h"
#include "last_error.h"
#include "pool_absence.h"
#include "pool_impl.h"
#include "pool_leave.h"
#include "pool_place.h"

#define REST_NS    200000000 /* then it leaves */
#define LOOK_EVERY 8 /* 0.8 us: as who has nothing to do, pool_search.c */

/* What a relief thread is to do; or what it is by now. */
enum { SERVE, REST, WORKER };

static size_t most_of(const struct cf_executor *executor)
{
    return atomic_load(&executor->max_spare_workers) / 2;
}

static bool is_possible(const struct cfi_pool_threads *threads)
{
    const struct cf_executor *executor = threads->executor;

    return threads->gil == NULL && executor->initializer == NULL &&
           executor->finalizer == NULL && most_of(executor) > 0;
}

/* How many more threads work, or could, than may; about. */
static int64_t surplus(const struct cfi_pool_threads *threads)
{
    const struct cf_executor *executor = threads->executor;

    return (int64_t)atomic_load(&threads->alive) +
           atomic_load(&threads->relief.serving) -
           (int64_t)atomic_load(&threads->asleep) -
           (int64_t)atomic_load(&executor->written_off) -
           (int64_t)atomic_load(&executor->max_workers);
}

/* Lock held, as for all that follow. */
static void count(struct cfi_pool_threads *threads, int lagging, int serving)
{
    struct cfi_relief *relief = &threads->relief;

    relief->lagging += lagging;
    atomic_fetch_add(&relief->serving, serving);
    atomic_fetch_add(&relief->missing, lagging - serving);
}

static bool is_needed(const struct cfi_pool_threads *threads)
{
    return atomic_load(&threads->relief.missing) > 0 && surplus(threads) < 0;
}

/* NULL: there is none, and will not be. */
static struct cfi_pool_thread *start(struct cfi_pool_threads *threads)
{
    struct cfi_noted noted = cfi_noted();
    struct cfi_pool_thread *thread;

    if (threads->relief.alive >= most_of(threads->executor) ||
        atomic_load(&threads->has_no_hand) ||
        cfi_pool_threads_find_index(threads, true) == threads->capacity)
        return NULL;
    if (cfi_pool_threads_add(threads, true, &thread) == CF_OK)
        return thread;
    atomic_store(&threads->has_no_hand, true);
    cfi_note_again(&noted);
    return NULL;
}

static struct cfi_pool_thread *take_from_rest(struct cfi_pool_threads *threads)
{
    struct cfi_pool_thread *thread = TAILQ_FIRST(&threads->relief.resting);

    if (thread != NULL) {
        TAILQ_REMOVE(&threads->relief.resting, thread, sleeper);
        atomic_store(&thread->call, SERVE);
    }
    return thread;
}

/* One serves, where that is needed; it is to be woken once the lock is free.
 * NULL: there is nobody to be woken. */
static struct cfi_pool_thread *call(struct cfi_pool_threads *threads,
                                    bool falls_asleep)
{
    if (threads->is_ending || !is_needed(threads))
        return NULL;
    struct cfi_pool_thread *rested = TAILQ_FIRST(&threads->relief.resting);
    struct cfi_pool_thread *thread = rested != NULL ? rested : start(threads);
    if (thread == NULL)
        return NULL;
    count(threads, 0, 1);
    if (falls_asleep)
        cfi_pool_thread_bring(thread);
    return rested != NULL ? take_from_rest(threads) : NULL;
}

/* It may have left by now: then nobody sleeps at that address, or wakes for
 * nothing. */
static void wake(struct cfi_pool_thread *thread)
{
    if (thread != NULL)
        cfi_futex_wake(&thread->call, 1);
}

void cfi_relief_call(struct cfi_pool_threads *threads)
{
    if (!is_needed(threads) || atomic_load(&threads->has_no_hand) ||
        !cfi_pool_has_inner(threads->pool))
        return;
    cfi_lock(&threads->lock);
    struct cfi_pool_thread *called = call(threads, false);
    cfi_unlock(&threads->lock);
    wake(called);
}

/* Where something is queued it is in one step counted and relieved: the task that
 * goes on finds nothing to do. */
void cfi_relief_begin(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;
    struct cfi_pool_thread *called = NULL;

    if (thread->is_absent || !is_possible(threads))
        return;
    cfi_lock(&threads->lock);
    thread->lags = threads->relief.lagging < (int)most_of(threads->executor);
    if (thread->lags) {
        count(threads, 1, 0);
        if (cfi_pool_has_inner(threads->pool))
            called = call(threads, true);
    }
    cfi_unlock(&threads->lock);
    wake(called);
}

void cfi_relief_end(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    if (!thread->lags)
        return;
    thread->lags = false;
    cfi_lock(&threads->lock);
    count(threads, -1, 0);
    cfi_unlock(&threads->lock);
}

/* --- a relief thread --- */

/* There are more at work than there may be: whom it was called for is back. Or one
 * is to become a worker; or this one has, or has done all that it may. */
static bool is_over(const struct cfi_pool_thread *thread)
{
    const struct cfi_relief *relief = &thread->threads->relief;

    return atomic_load(&relief->missing) < 0 || surplus(thread->threads) > 0 ||
           atomic_load(&relief->wanted) > 0 ||
           atomic_load(&thread->call) == WORKER ||
           cfi_pool_thread_is_used_up(thread);
}

static struct cfi_work look_for_a_while(struct cfi_pool_thread *thread)
{
    struct cfi_pool *pool = thread->threads->pool;
    struct cfi_spin *spin = &thread->worker.station->spin;
    struct cfi_work work = cfi_station_look_inside(pool, &thread->worker);

    if (work.future != NULL)
        return work;
    cfi_worker_catch_up(&thread->worker); /* a branch may last */
    if (work.branch != NULL || !cfi_spin_pays(spin))
        return work;
    int64_t begun_ns = cfi_now_ns(), now_ns = begun_ns;
    for (unsigned round = 1; !cfi_is_work(work) && !is_over(thread) &&
                             now_ns - begun_ns < CFI_SPIN_NS;
         round++) {
        cfi_spin_rest(round);
        if (round % LOOK_EVERY == 0 && cfi_pool_has_inner(pool))
            work = cfi_station_look_inside(pool, &thread->worker);
        now_ns = cfi_now_ns();
    }
    cfi_spin_note(spin, cfi_is_work(work), now_ns - begun_ns);
    return work;
}

/* It is a worker from now on, a spare one where its index is behind theirs. Lock
 * held. */
static void become_worker(struct cfi_pool_thread *thread)
{
    struct cfi_relief *relief = &thread->threads->relief;

    cfi_pool_thread_count(thread, -1);
    thread->is_relief = false;
    cfi_pool_thread_count(thread, 1);
    atomic_store(&thread->call, WORKER);
    if (atomic_load(&relief->wanted) > relief->alive)
        atomic_store(&relief->wanted, relief->alive);
}

/* Is it to become one? Then it is wanted no more. Lock held. */
static bool is_wanted(const struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;
    size_t wanted = atomic_load(&threads->relief.wanted);

    if (wanted > 0)
        atomic_store(&threads->relief.wanted, wanted - 1);
    return wanted > 0 ||
           (thread->worker.index < threads->executor->max_workers &&
            !cfi_pool_thread_is_used_up(thread));
}

/* Takes the thread out of those that serve. True: it rests. False: it is a worker,
 * or has left, since it has run as many tasks as one may; or the pool ends. */
static bool begin_rest(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;
    bool rests = false;

    cfi_lock(&threads->lock);
    if (!threads->is_ending && thread->is_relief) {
        count(threads, 0, -1);
        if (is_wanted(thread)) {
            become_worker(thread);
        } else if (cfi_pool_thread_is_used_up(thread)) {
            cfi_pool_thread_take_out(thread);
        } else {
            rests = true;
            atomic_store(&thread->call, REST);
            TAILQ_INSERT_HEAD(&threads->relief.resting, thread, sleeper);
        }
    }
    /* Somebody may have counted on this one: then it goes on, or is followed. Not
     * later: by then it may be bound, and who it starts would be as well. */
    struct cfi_pool_thread *called =
        cfi_pool_has_inner(threads->pool) ? call(threads, false) : NULL;
    cfi_unlock(&threads->lock);
    if (called != thread)
        wake(called);
    if (thread->has_left)
        cfi_pool_threads_start_for_the_queue(threads);
    return rests;
}

/* It has not been called for long: out of the pool. False: it has been after
 * all. */
static bool leave(struct cfi_pool_thread *thread)
{
    struct cfi_pool_threads *threads = thread->threads;

    cfi_lock(&threads->lock);
    bool leaves = atomic_load(&thread->call) == REST;
    if (leaves) {
        TAILQ_REMOVE(&threads->relief.resting, thread, sleeper);
        cfi_pool_thread_take_out(thread);
    }
    cfi_unlock(&threads->lock);
    if (leaves)
        cfi_pool_threads_start_for_the_queue(threads);
    return leaves;
}

/* True: it has been called. */
static bool rest(struct cfi_pool_thread *thread)
{
    cfi_worker_catch_up(&thread->worker);
    cfi_deque_trim(&thread->worker.station->deque);
    if (!begin_rest(thread))
        return false;
    int64_t until_ns = cfi_now_ns() + REST_NS;
    while (atomic_load(&thread->call) == REST)
        if (!cfi_futex_wait(&thread->call, REST, until_ns) && leave(thread))
            return false;
    return atomic_load(&thread->call) == SERVE;
}

bool cfi_relief_serve(struct cfi_pool_thread *thread)
{
    do {
        struct cfi_work work = {0};
        cfi_pool_thread_arrive(thread);
        do {
            work = is_over(thread) ? (struct cfi_work){0}
                                   : look_for_a_while(thread);
            if (cfi_is_work(work))
                cfi_pool_thread_run(thread, work);
        } while (cfi_is_work(work));
    } while (rest(thread));
    cfi_pool_thread_arrive(thread); /* called, and then made a worker */
    return !thread->is_relief;
}

static void promote(struct cfi_pool_thread *thread)
{
    TAILQ_REMOVE(&thread->threads->relief.resting, thread, sleeper);
    become_worker(thread);
    wake(thread);
}

void cfi_relief_stand_in(struct cfi_pool_threads *threads)
{
    struct cfi_relief *relief = &threads->relief;
    struct cfi_pool_thread *rested = TAILQ_FIRST(&relief->resting);

    if (!cfi_pool_is_awaited(threads) && !cfi_pool_spare_takes_all(threads))
        return; /* a worker was meant; a spare thread would leave at once */
    if (rested != NULL)
        promote(rested);
    else if (atomic_load(&relief->wanted) < relief->alive)
        atomic_fetch_add(&relief->wanted, 1);
}

void cfi_relief_give_places(struct cfi_pool_threads *threads)
{
    struct cfi_pool_thread *next = TAILQ_FIRST(&threads->relief.resting);

    for (struct cfi_pool_thread *thread = next; thread != NULL; thread = next) {
        next = TAILQ_NEXT(thread, sleeper);
        if (thread->worker.index < threads->executor->max_workers)
            promote(thread);
    }
}

void cfi_relief_write_off(struct cfi_pool_threads *threads, size_t worker)
{
    cfi_lock(&threads->lock);
    struct cfi_pool_thread *thread =
        cfi_pool_threads_find_worker(threads, worker);
    if (thread != NULL && thread->is_relief && !threads->is_ending &&
        atomic_load(&thread->call) == SERVE) { /* else it has come back */
        count(threads, 0, -1);
        become_worker(thread);
    }
    cfi_unlock(&threads->lock);
}

bool cfi_relief_is_first(const struct cfi_pool_threads *threads)
{
    return threads->relief.alive > 0 &&
           cfi_pool_threads_find_index(threads, false) >=
               threads->executor->max_workers &&
           !cfi_pool_is_awaited(threads) && !cfi_pool_spare_takes_all(threads);
}

void cfi_relief_wake_all(struct cfi_pool_threads *threads)
{
    for (struct cfi_pool_thread *thread;
         (thread = take_from_rest(threads)) != NULL;)
        wake(thread);
}
