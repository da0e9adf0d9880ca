/* SPDX-License-Identifier: MIT */
/*
 * On which processor a worker wakes up.
 *
 * Mostly that is the kernel's business. It puts a sleeper where it slept, unless
 * it sees another processor idle; and a virtual machine's kernel sees none, since
 * its idle processors have been given back to the host, which may use them. So of
 * two workers that slept on one processor the second waits behind the first until
 * the kernel looks again, milliseconds later, the other processor idle; and one
 * that slept where its caller is puts that aside before it has called the other.
 *
 * Who fills an array with the workers' help knows more: it sleeps until they are
 * done, or takes part. So one is called to another processor than its own, unless
 * somebody looks for work there; and if it will sleep, one to its own, unless
 * somebody has been put aside there. Rather one who slept where it is wanted. The
 * first is bound to the other processors while it is woken, no longer: it is
 * queued at one of them then, from which the kernel can move it. The second, if it
 * slept elsewhere, is bound until it has come up: the processor is about to be free.
 * The others are called by these, as always. Not for arrays of futures, whose
 * submitter may do anything next, nor where only one thread can compute.
 *
 * All that is known of a thread here is a hint: it may have been moved, or woken by
 * another. Then somebody comes up elsewhere, as without it. No entry waits for it:
 * the search is handed to the first of the two, if it is free, and who has not been
 * handed it looks once when it comes up (pool_search.c). What a thread may be bound
 * to is its own again before it takes anything: who was called takes the lock, under
 * which it is bound and let go. If somebody else binds it in between, by its number,
 * that is undone; and what it was bound to before is from then on what it was asked
 * to be bound to, also where its control group is given more later.
 */
#include "pool_place.h"

#include "pool_impl.h"
#include "thread_options.h"

/* As many have a bit of their own; the others share the last one, and are not
 * looked for. */
#define KINDS 31

void cfi_pool_thread_bring(struct cfi_pool_thread *thread)
{
    if (thread->threads->executor->options.bind == CF_BIND_NONE)
        thread->is_brought =
            cfi_thread_bring(thread->id, true, &thread->own_cpus);
}

void cfi_pool_thread_arrive(struct cfi_pool_thread *thread)
{
    if (!thread->is_brought)
        return;
    thread->is_brought = false;
    pthread_setaffinity_np(thread->id, sizeof thread->own_cpus,
                           &thread->own_cpus);
}

void cfi_pool_thread_note(struct cfi_pool_thread *thread,
                          enum cfi_activity activity)
{
    /* relaxed: a hint */
    atomic_store_explicit(&thread->cpu, sched_getcpu() + 1,
                          memory_order_relaxed);
    /* release: pairs with the acquire in choose(), so that who finds it ASLEEP
     * has what it did before with its binding behind him */
    atomic_store_explicit(&thread->activity, activity, memory_order_release);
}

void cfi_pool_thread_get_up(struct cfi_pool_thread *thread)
{
    uint32_t before = atomic_exchange(&thread->activity, CFI_LOOKING);

    atomic_store(&thread->cpu, sched_getcpu() + 1);
    if (before != CFI_CALLED)
        return;
    cfi_lock(&thread->threads->lock); /* who calls it may have it bound still */
    cfi_pool_thread_arrive(thread);
    cfi_unlock(&thread->threads->lock);
}

uint32_t cfi_pool_thread_kind(const struct cfi_pool_thread *thread)
{
    size_t index = thread->worker.index;
    return UINT32_C(1) << (index < KINDS ? index : KINDS);
}

/* --- whom to call; the lock is held --- */

enum place { APART, HERE };

/* `own`: the caller's processor, and 1. */
static bool is_at(const struct cfi_pool_thread *thread, enum place place,
                  int own)
{
    return (atomic_load(&thread->cpu) == own) == (place == HERE);
}

/* Will it take what is queued, there? Who is busy on the caller's processor has been
 * put aside for the caller, and goes on in its place. */
static bool serves_at(const struct cfi_pool_thread *thread, enum place place,
                      int own)
{
    uint32_t activity = atomic_load(&thread->activity);

    return activity != CFI_ASLEEP && is_at(thread, place, own) &&
           (activity != CFI_BUSY || place == HERE);
}

/* The next one from `*i` on, in the table. NULL: there is none. */
static struct cfi_pool_thread *next(const struct cfi_pool_threads *threads,
                                    size_t *i)
{
    while (*i < threads->capacity && *i < KINDS) {
        struct cfi_pool_thread *thread = threads->table[(*i)++];
        if (thread != NULL)
            return thread;
    }
    return NULL;
}

static bool is_taken(const struct cfi_pool_threads *threads, enum place place,
                     int own)
{
    const struct cfi_pool_thread *thread;
    size_t i = 0;

    while ((thread = next(threads, &i)) != NULL)
        if (serves_at(thread, place, own))
            return true;
    return false;
}

/* One that sleeps, rather there. */
static struct cfi_pool_thread *find(const struct cfi_pool_threads *threads,
                                    enum place place, int own)
{
    struct cfi_pool_thread *thread, *found = NULL;
    size_t i = 0;

    while ((thread = next(threads, &i)) != NULL) {
        if (atomic_load(&thread->activity) != CFI_ASLEEP)
            continue;
        if (is_at(thread, place, own))
            return thread;
        if (found == NULL)
            found = thread;
    }
    return found;
}

/* Who is called, and whether it slept there already. */
struct choice {
    struct cfi_pool_thread *thread; /* NULL: nobody */
    bool is_there;
};

/* Nobody where nobody is needed, or nobody sleeps. Who is chosen counts as being
 * there from now on. */
static struct choice choose(const struct cfi_pool_threads *threads,
                            enum place place, int own)
{
    struct choice choice = {.thread = NULL};
    uint32_t asleep = CFI_ASLEEP;

    if (is_taken(threads, place, own))
        return choice;
    struct cfi_pool_thread *thread = find(threads, place, own);
    if (thread == NULL ||
        !atomic_compare_exchange_strong(&thread->activity, &asleep, CFI_CALLED))
        return choice;
    choice = (struct choice){thread, is_at(thread, place, own)};
    atomic_store(&thread->cpu, place == HERE ? own : 0);
    return choice;
}

/* It cannot be had there. If it has got up meanwhile it is none of these. */
static void let_sleep(struct cfi_pool_thread *thread, int own)
{
    uint32_t called = CFI_CALLED;

    atomic_store(&thread->cpu, own);
    (void)atomic_compare_exchange_strong(&thread->activity, &called,
                                         CFI_ASLEEP);
}

/* It is bound while it is woken, and no longer: it has a place then, from which the
 * kernel can move it. It is so though it slept apart: some are pulled to who wakes
 * them. It may not be had there at all. */
static void wake_apart(struct cfi_pool *pool, const struct choice *choice,
                       int own)
{
    struct cfi_pool_thread *thread = choice->thread;
    cpu_set_t own_cpus;
    bool is_bound = pool->threads.executor->options.bind == CF_BIND_NONE &&
                    cfi_thread_bring(thread->id, false, &own_cpus);

    if (!is_bound && !choice->is_there) {
        let_sleep(thread, own);
        return;
    }
    cfi_eventcount_notify_kind(&pool->work, cfi_pool_thread_kind(thread),
                               cfi_pool_hand_search(pool));
    if (is_bound)
        pthread_setaffinity_np(thread->id, sizeof own_cpus, &own_cpus);
}

void cfi_pool_spread(struct cfi_pool *pool, bool caller_sleeps)
{
    struct cfi_pool_threads *threads = &pool->threads;
    struct choice here = {.thread = NULL}, apart;
    uint32_t kind = 0;

    if (!cfi_pool_has_sleepers(pool))
        return;
    int own = sched_getcpu() + 1;
    cfi_lock(&threads->lock);
    if (caller_sleeps)
        here = choose(threads, HERE, own);
    apart = choose(threads, APART, own);
    if (apart.thread != NULL)
        wake_apart(pool, &apart, own);
    if (here.thread != NULL) {
        kind = cfi_pool_thread_kind(here.thread);
        if (!here.is_there)
            cfi_pool_thread_bring(here.thread);
    }
    cfi_unlock(&threads->lock);
    if (kind != 0) /* not before: it puts the caller aside at once */
        cfi_eventcount_notify_kind(&pool->work, kind,
                                   cfi_pool_hand_search(pool));
}
