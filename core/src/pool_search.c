/* SPDX-License-Identifier: MIT */
/*
 * Who wakes whom, and who looks for work without sleeping.
 *
 * Waking. `search` counts the workers that look for work without sleeping (two
 * at the most), a sleeper that has been woken and not come up yet among them
 * (HANDED). A push wakes a sleeper only while nobody searches: so a burst
 * costs one system call, and a stream of tasks none, as long as somebody comes
 * back to look in time. A searcher that finds something steps down; the last
 * one to do so has a sleeper woken if more is left. One that finds nothing for
 * 20 us steps down and goes to sleep.
 *
 * Why no task is left lying while a worker sleeps (all sequentially
 * consistent; what a task submits while nobody sleeps is seen to by pool_calm.c):
 * a push publishes its entry, then reads `sleepers` and `search`.
 * A sleeper counts itself in, then looks at every queue: so the push sees it,
 * or it sees the entry. Where the push leaves the entry to a searcher, that
 * one looks at every queue after it has stepped down, before it runs what it
 * has found or sleeps. And nobody sleeps on a HANDED: each takes it over before
 * it falls asleep, and if it is set later than that, the epoch is raised too,
 * and it does not fall asleep. Who slept may be up when it is set, and stay up:
 * then it waits for the next one who wants to sleep, and until then nobody
 * needs to be woken.
 * tests/models/pool.pml searches it all.
 *
 * What a searcher, or the only one to sleep, does not find in a queue may lie in
 * another's portion: see watch() and look_last().
 *
 * A worker spins for those 20 us only while that has lately paid. Else it looks
 * for a microsecond: in a stream of short tasks the next one comes sooner, and
 * whoever submits it would find a sleeper to wake. Under a shared lock (gil) it
 * does neither: others want the processor, and one of them has the lock.
 */
#include "admission.h"
#include "barrier.h"
#include "block.h"
#include "clock.h"
#include "heap.h"
#include "pool_impl.h"
#include "pool_place.h"

#define MOST_SEARCHERS 2
#define ALL_EVERY      8   /* looks, of those 0.1 us apart                */
#define GLANCES        8   /* 0.1 us apart                                */
#define STANDS_EVERY   40  /* looks, 0.1 us apart                         */
#define WATCHES        16  /* of others, before it sleeps all the same    */
#define STREAM         32  /* looks since the last search: tasks, mostly  */
#define GATHERED       256 /* a full portion for each searcher            */
#define GATHER_NS      1000
#define TRIM_AFTER_NS  200000000

#define HANDED 0x10000u /* in `search`, above the count */

bool cfi_pool_hand_search(struct cfi_pool *pool)
{
    uint32_t nobody = 0;

    return atomic_load(&pool->search) == 0 &&
           atomic_compare_exchange_strong(&pool->search, &nobody, HANDED | 1);
}

void cfi_pool_call_sleeper(struct cfi_pool *pool)
{
    if (cfi_pool_hand_search(pool))
        cfi_eventcount_notify(&pool->work, 1);
}

void cfi_pool_add_hand(struct cfi_pool *pool)
{
    if (atomic_load(&pool->work.sleepers) == 0 &&
        atomic_load(&pool->search) == 0)
        cfi_pool_threads_add_hand(&pool->threads);
}

/* A sleeper has got up. True: it was called, and is a searcher now. */
static bool take_over(struct cfi_pool *pool)
{
    uint32_t seen = atomic_load(&pool->search);

    while (seen & HANDED)
        if (atomic_compare_exchange_weak(&pool->search, &seen, seen & ~HANDED))
            return true;
    return false;
}

static bool begin_search(struct cfi_pool *pool)
{
    uint32_t seen = atomic_load(&pool->search);

    while ((seen & ~HANDED) < MOST_SEARCHERS)
        if (atomic_compare_exchange_weak(&pool->search, &seen, seen + 1))
            return true;
    return false;
}

/* A searcher has found something, or gives up. */
static void step_down(struct cfi_pool *pool)
{
    if (atomic_fetch_sub(&pool->search, 1) == 1 &&
        atomic_load(&pool->work.sleepers) != 0 && !cfi_pool_is_empty(pool))
        cfi_pool_call(pool);
}

/* --- waiting --- */

/* Is there what outside threads submitted, or what has a priority? */
static bool is_something_outside(struct cfi_pool *pool)
{
    return cfi_pool_count_outside(pool) > 0 ||
           !cfi_precedence_is_empty(&pool->preferred);
}

/* Looks again and again for a while, letting others run. What tasks submit it
 * looks at less often: the task that did mostly waits for it and runs it itself,
 * and would meet us at each line of its queue. */
static struct cfi_work spin(struct cfi_pool *pool, struct cfi_worker *worker)
{
    int64_t begun_ns = cfi_now_ns(), now_ns = begun_ns;
    struct cfi_work work = {0};

    for (unsigned round = 1; !cfi_is_work(work); round++) {
        cfi_spin_rest(round);
        now_ns = cfi_now_ns();
        if (round % ALL_EVERY == 0 ? !cfi_pool_is_empty(pool)
                                   : is_something_outside(pool))
            work = cfi_station_look(pool, worker);
        else if (now_ns - begun_ns > CFI_SPIN_NS ||
                 atomic_load(&pool->is_ending))
            break;
    }
    cfi_spin_note(&worker->station->spin, cfi_is_work(work), now_ns - begun_ns);
    return work;
}

/* Looks a few times where outside threads submit, without letting others run. */
static struct cfi_work glance(struct cfi_pool *pool, struct cfi_worker *worker)
{
    struct cfi_work work = {0};

    for (int i = 0; i < GLANCES && !cfi_is_work(work); i++) {
        cfi_spin_pause();
        if (is_something_outside(pool))
            work = cfi_station_look(pool, worker);
    }
    return work;
}

static int64_t rest_until(int64_t until_ns)
{
    int64_t now_ns;

    do {
        cfi_spin_pause();
        now_ns = cfi_now_ns();
    } while (now_ns < until_ns);
    return now_ns;
}

/*
 * The worker has run the tasks of a stream faster than they come. Were it to
 * take each as it comes, it and the submitter would pass the queue's lines to
 * and fro for every single one, which costs both more than a short task does.
 * So it lets some gather, for as long as a portion takes at the most, and goes
 * on as soon as none has come in for a microsecond: somebody may wait for them.
 */
void cfi_pool_let_gather(struct cfi_pool *pool, struct cfi_station *station)
{
    int64_t begun_ns = cfi_now_ns(), now_ns = begun_ns;
    size_t before, count = 0;

    if (begun_ns - station->taken_ns > CFI_AHEAD_NS)
        return; /* the tasks are not short, or it has slept since */
    do {
        before = count;
        now_ns = rest_until(now_ns + GATHER_NS);
        count = cfi_pool_count_outside(pool);
    } while (count > before && count < GATHERED &&
             now_ns - begun_ns < CFI_AHEAD_NS &&
             cfi_precedence_is_empty(&pool->preferred));
    station->taken_ns += now_ns - begun_ns; /* no task took that */
}

/*
 * Others have taken something along, 16 us of work by what the last ones took. It
 * is left to them while they go on with it, which is sooner than it could be
 * stolen; not what lies behind a task that lasts. Where they have done it, it has
 * paid to be awake: more will come.
 */
static struct cfi_work watch(struct cfi_pool *pool, struct cfi_worker *worker)
{
    int64_t begun_ns = cfi_now_ns();
    struct cfi_work work = {0};

    for (unsigned round = 0; !cfi_is_work(work) && cfi_pool_has_portions(pool);
         round++) {
        if (round % STANDS_EVERY == 0)
            work = cfi_station_look_behind(
                pool, worker, cfi_now_ns() - begun_ns > CFI_AHEAD_NS);
        if (cfi_is_work(work))
            return work;
        cfi_spin_rest(round);
        if (is_something_outside(pool))
            work = cfi_station_look(pool, worker);
    }
    cfi_spin_note(&worker->station->spin, true, 0);
    return work;
}

/* Of a worker that is counted among those who sleep. What others have taken along
 * is left to who searches: he watches it, or calls one who sleeps. */
static struct cfi_work look_last(struct cfi_pool *pool,
                                 struct cfi_worker *worker)
{
    struct cfi_work work = cfi_station_look(pool, worker);

    if (!cfi_is_work(work) && atomic_load(&pool->search) == 0)
        work = cfi_station_look_behind(pool, worker, true);
    return work;
}

/* A searcher's work, to its end. */
static struct cfi_work search(struct cfi_pool *pool, struct cfi_worker *worker)
{
    struct cfi_station *station = worker->station;
    bool may_look = pool->threads.gil == NULL;

    if (may_look && station->turn - station->searched_turn > STREAM)
        cfi_pool_let_gather(pool, station);
    struct cfi_work work = cfi_station_look(pool, worker);
    for (int i = 0; i < WATCHES && may_look && !cfi_is_work(work); i++) {
        work = cfi_spin_pays(&station->spin) ? spin(pool, worker)
                                             : glance(pool, worker);
        if (cfi_is_work(work) || !cfi_pool_has_portions(pool))
            break;
        work = watch(pool, worker);
    }
    if (!cfi_is_work(work) && !may_look)
        work = cfi_station_look_behind(pool, worker, true);
    station->searched_turn = station->turn;
    step_down(pool);
    return work;
}

/* Nothing has come up for a while: memory that a burst left goes back. What else
 * takes its time is seen to, if others sleep meanwhile and can be called. */
static void trim(struct cfi_pool *pool)
{
    uint32_t used = atomic_load(&pool->used);

    for (size_t i = 0; i < CFI_SHARDS; i++) {
        if (!(used >> i & 1))
            continue;
        struct cfi_biased_lock *lock = cfi_shard_lock(pool, i);
        const void *owner = cfi_biased_borrow(lock); /* then the deque's */
        cfi_deque_trim(&pool->shards[i]);
        cfi_biased_hand_back(lock, owner);
    }
    cfi_block_trim();
    cfi_heap_trim_idle();
    if (atomic_load(&pool->work.sleepers) > 0)
        cfi_barrier_all_announce(true);
}

/* Sleeps until there may be something; false: `deadline_ns` has passed. The
 * last one to fall asleep looks after the memory once. */
static bool sleep_on(struct cfi_pool *pool, struct cfi_pool_thread *thread,
                     uint32_t key, int64_t deadline_ns)
{
    struct cfi_station *station = thread->worker.station;
    bool is_last =
        atomic_load(&pool->work.sleepers) >= atomic_load(&pool->threads.alive);
    int64_t until_ns = deadline_ns;

    station->taken_ns = 0;
    if (is_last && !station->has_trimmed) {
        until_ns = cfi_now_ns() + TRIM_AFTER_NS;
        if (until_ns > deadline_ns)
            until_ns = deadline_ns;
    }
    cfi_pool_thread_note(thread, CFI_ASLEEP);
    bool in_time = cfi_eventcount_wait_as(&pool->work, key, until_ns,
                                          cfi_pool_thread_kind(thread));
    cfi_pool_thread_get_up(thread);
    if (in_time)
        return true;
    if (until_ns == deadline_ns)
        return false;
    station->has_trimmed = true;
    trim(pool);
    return true;
}

/* None: the thread is to leave. */
static struct cfi_work wait_for_work(struct cfi_pool *pool,
                                     struct cfi_pool_thread *thread)
{
    struct cfi_worker *worker = &thread->worker;
    struct cfi_station *station = worker->station;
    int64_t deadline_ns = cfi_pool_thread_idle_deadline_ns(thread);
    bool in_time = true;

    bool searches = pool->threads.gil == NULL && begin_search(pool);
    station->has_trimmed = false;

    for (;;) {
        struct cfi_work work = {0};
        bool is_surplus = cfi_pool_thread_is_surplus(thread);
        if (searches && is_surplus)
            step_down(pool); /* what it was called for is not for it */
        else if (searches && cfi_is_work(work = search(pool, worker)))
            return work;
        cfi_deque_trim(&station->deque);
        cfi_branches_trim(&station->branches);
        uint32_t key = cfi_eventcount_prepare(&pool->work);
        cfi_pool_end_calm(pool);
        is_surplus = cfi_pool_thread_is_surplus(thread);
        if (!is_surplus)
            work = look_last(pool, worker);
        bool is_over = cfi_is_work(work) || atomic_load(&pool->is_ending) ||
                       !in_time || is_surplus;
        searches = take_over(pool);
        if (is_over || searches)
            cfi_eventcount_cancel(&pool->work);
        else
            in_time = sleep_on(pool, thread, key, deadline_ns);
        searches = searches || take_over(pool);
        if (is_over) {
            if (searches)
                step_down(pool);
            return work;
        }
    }
}

struct cfi_work cfi_pool_next(struct cfi_pool *pool,
                              struct cfi_pool_thread *thread)
{
    struct cfi_work work = cfi_station_look(pool, &thread->worker);

    if (work.future != NULL)
        return work;
    cfi_worker_catch_up(&thread->worker);
    if (work.branch != NULL || atomic_load(&pool->is_ending))
        return work;
    cfi_sleep_begin();
    cfi_pool_thread_note(thread, CFI_LOOKING);
    work = wait_for_work(pool, thread);
    cfi_pool_thread_note(thread, CFI_BUSY);
    cfi_sleep_end();
    return work;
}
