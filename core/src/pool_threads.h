/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_THREADS_H
#define CFI_POOL_THREADS_H

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "awaited.h"
#include "eventcount.h"
#include "executor_impl.h"
#include "lock.h"
#include "task_impl.h"

struct cfi_pool;

/* One worker thread. It and its queue know each other by this address, which
 * stays until the thread has ended. */
struct cfi_pool_thread {
    struct cfi_worker worker; /* first: it is cast back */
    struct cfi_pool_threads *threads;
    pthread_t id;
    bool has_left; /* it took itself out of the table                  */
    _Atomic bool is_relief; /* see pool_relief.c                        */

    bool is_absent;       /* it sleeps, and that counts ...             */
    bool waits_elsewhere; /* ... for what this pool does not run        */
    bool lags;            /* until a running task ends: pool_relief.c   */
    bool is_away;         /* it is counted in `relief_away`             */

    /* --- where it wakes up: pool_place.c --- */
    _Atomic uint32_t activity; /* enum cfi_activity                     */
    _Atomic int cpu;    /* one more than where it was lately; 0: not known */
    bool is_brought;    /* to few processors: may be on all ...      */
    cpu_set_t own_cpus; /* ... of these again                        */

    /* --- of a relief thread --- */
    _Atomic uint32_t call; /* while it rests: what it is to do          */

    /* --- guarded by the threads' lock --- */
    bool is_detached; /* the pool has ended, and did not wait for it    */
    bool is_awaiting; /* it is in the list of sleepers, ...             */
    TAILQ_ENTRY(cfi_pool_thread) sleeper; /* or of those that rest       */
    struct cfi_awaited *awaited; /* ... for these                       */
    TAILQ_ENTRY(cfi_pool_thread) leaver;
};

/* Relief threads: pool_relief.c. All written under the threads' lock. */
struct cfi_relief {
    _Atomic int missing; /* workers that lag, less relief threads that serve */
    _Atomic int serving; /* relief threads that do not rest           */
    int lagging;         /* the workers                                */
    size_t alive; /* in the table                                        */
    _Atomic size_t wanted; /* of these, as workers, once they rest       */
    TAILQ_HEAD(, cfi_pool_thread) resting;
};

/*
 * The life of a pool's threads: who is started when, who leaves, and who is
 * joined. It knows nothing of how tasks are queued; the pool tells it by three
 * calls of pool.h whether something waits, what comes next, and that all must
 * look up.
 */
struct cfi_pool_threads {
    struct cfi_pool *pool;
    struct cf_executor *executor;
    struct cfi_gil *gil;
    struct cfi_eventcount started; /* `ready` has grown                   */
    _Atomic size_t ready;          /* threads that have come up ...       */
    _Atomic size_t created;        /* ... of these                        */
    _Atomic size_t alive;          /* in the table, without relief threads;
                                      under lock, as ...                  */
    _Atomic size_t regular;        /* ... those that are no spare ones    */

    /* of these, not free though no task of the executor keeps them: */
    _Atomic size_t calling_back; /* in callbacks, or wait for an index    */
    _Atomic size_t asleep;       /* in a task's wait; of these:           */
    _Atomic size_t relief_away;  /* no workers, but relief threads;      */
    _Atomic size_t sleeping;     /* in one that may need a thread:        */
    _Atomic size_t awaiting;     /* for a task that nobody has begun,     */
    _Atomic size_t elsewhere;    /* for what others run (both: in both)   */
    /* (executor->written_off)      in a task that was written off        */

    _Atomic size_t standing_by; /* spare threads that look for work       */
    _Atomic bool has_no_hand;   /* none could be started for a branch     */

    struct cfi_relief relief;

    struct cfi_eventcount left;    /* `leaving` has fallen to 0           */
    _Atomic size_t leaving;        /* out of the table, and not ended yet */
    struct cfi_eventcount vacated; /* there is one fewer of `leavers`     */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct cfi_pool_thread **table; /* by index; NULL where nobody is     */
    size_t capacity;                /* of the table                       */
    struct cfi_pool_thread *last;   /* who left last, to be joined        */
    TAILQ_HEAD(, cfi_pool_thread) sleepers; /* `awaiting` of them         */
    /* out of the table, and their finalizers have not run yet */
    TAILQ_HEAD(, cfi_pool_thread) leavers;
    bool is_ending;
};

/* `gil` may be NULL. CF_OK, CF_NOMEM. finish() frees what init() made, after
 * join(). */
enum cf_status cfi_pool_threads_init(struct cfi_pool_threads *threads,
                                     struct cfi_pool *pool,
                                     struct cf_executor *executor,
                                     struct cfi_gil *gil);
void cfi_pool_threads_finish(struct cfi_pool_threads *threads);

/* Starts every thread it can and waits until they have come up. CF_OK; CF_AGAIN
 * where there is none. */
enum cf_status cfi_pool_threads_start_all(struct cfi_pool_threads *threads);

/* Are there as many as there may be? They are where none is away. Sequentially
 * consistent, as what it shortens. */
static inline bool
cfi_pool_threads_are_all(const struct cfi_pool_threads *threads)
{
    return atomic_load(&threads->regular) >=
               atomic_load(&threads->executor->max_workers) &&
           atomic_load(&threads->sleeping) == 0 &&
           atomic_load(&threads->executor->written_off) == 0;
}

/*
 * Starts a thread where fewer are alive than there is work for. CF_OK where at
 * least one is alive. For a submit before its push, which is refused where
 * nobody would serve it.
 */
enum cf_status cfi_pool_threads_ensure(struct cfi_pool_threads *threads);

/* The same where those that live would do: its failure is not noted. */
void cfi_pool_threads_reinforce(struct cfi_pool_threads *threads);

/* Starts a thread for what branches there are, where fewer are alive than
 * `max_workers` and the last one has come up; not while the last try failed. */
void cfi_pool_threads_add_hand(struct cfi_pool_threads *threads);

/* Has the thread, which calls, nothing to do in the queues? Then it leaves, or
 * looks what else there is. To be asked before it sleeps; cfi_pool_wake_all()
 * comes after the answer has changed. */
bool cfi_pool_thread_is_surplus(const struct cfi_pool_thread *thread);

/* When a thread that finds nothing to do now will have been idle long enough
 * to leave; INT64_MAX: never. */
int64_t cfi_pool_thread_idle_deadline_ns(const struct cfi_pool_thread *thread);

/* A worker has not come back from a task: another may take its place. */
void cfi_pool_threads_write_off(struct cfi_pool_threads *threads);

/* Changes how many there are at most. CF_OK, CF_AGAIN, CF_NOMEM. */
enum cf_status cfi_pool_threads_set(struct cfi_pool_threads *threads,
                                    size_t count);

/* Waits for the end of every thread, which the pool has told to leave, but for
 * those in a task that was written off. */
void cfi_pool_threads_join(struct cfi_pool_threads *threads);

#endif
