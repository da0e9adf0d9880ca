/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_IMPL_H
#define CFI_POOL_IMPL_H

/* What the files of the pool share: pool.c (in and out), station.c (who takes
 * what), pool_search.c (who wakes whom), pool_threads.c (who lives). */
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "branches.h"
#include "deque.h"
#include "eventcount.h"
#include "pool.h"
#include "pool_threads.h"
#include "portion.h"
#include "precedence.h"
#include "spin.h"

enum { CFI_SHARDS = CFI_THREAD_SLOTS };

/* Of what outside threads put in a worker takes as many as lately took so long,
 * and about as long it waits at the most for more to come. */
enum { CFI_AHEAD_NS = 16000 };

/* A worker's place among the queues. Stays when the worker leaves: others
 * empty it, and the next worker takes it over. */
struct cfi_station {
    struct cfi_deque deque;                /* what its tasks submit  */
    struct cfi_portion portion;            /* taken from a shard     */
    struct cfi_branches branches;          /* of the task it runs    */
    struct cfi_tally tally;                /* its worker writes it   */
    _Alignas(64) struct cfi_station *next; /* set before it is in the list */
    bool is_taken;                         /* guarded by the pool's lock   */

    /* --- its worker's alone --- */
    uint32_t turn;          /* of taking                              */
    uint32_t searched_turn; /* when it last looked without sleeping   */
    uint32_t portions;      /* looked for                             */
    uint32_t shard;         /* where to look first                    */
    uint32_t at_once;       /* how many to take from a shard          */
    uint32_t taken;         /* so many it did the last time           */
    int64_t taken_ns;       /* when that was; 0: it slept since       */

    struct cfi_portion_look look; /* at another's */
    struct cfi_spin spin;
    bool has_trimmed; /* since it last found something */
    uint32_t paid;    /* see pool_calm.c               */
};

struct cfi_pool {
    struct cfi_pool_threads threads;
    _Atomic(struct cfi_station *) stations; /* the latest first */
    _Atomic uint32_t is_ending;
    _Atomic uint32_t used; /* a bit for each shard that ever had something */
    struct cfi_lock lock;  /* guards `is_taken` of all, and adding one     */

    _Alignas(64) struct cfi_eventcount work; /* an entry, or the end   */
    _Atomic uint32_t search;                 /* see pool_search.c      */
    _Atomic uint32_t calm;                   /* see pool_calm.c        */

    _Alignas(64) struct cfi_precedence preferred; /* what has a priority */

    /* What outside threads put in, by their slot. The deque's owner is who has
     * the lock of that slot: see cfi_shard_lock(). */
    struct cfi_deque shards[CFI_SHARDS];
};

static inline struct cfi_biased_lock *cfi_shard_lock(struct cfi_pool *pool,
                                                     size_t shard)
{
    return &pool->threads.executor->outside[shard].lock;
}

/* The next work for `worker`, at its station; or none. */
struct cfi_work cfi_station_look(struct cfi_pool *pool,
                                 struct cfi_worker *worker);

/* If there was none: what another has taken along and not begun, whichever with
 * `any`, else of one who has taken nothing of it since the last look. Is there
 * such, as far as can be seen? */
struct cfi_work cfi_station_look_behind(struct cfi_pool *pool,
                                        struct cfi_worker *worker, bool any);
bool cfi_pool_has_portions(struct cfi_pool *pool);

/* The same of what running tasks have queued or forked alone. Is there any? The
 * second sees what came before a store that the caller has seen. */
struct cfi_work cfi_station_look_inside(struct cfi_pool *pool,
                                        struct cfi_worker *worker);
bool cfi_pool_has_inner(struct cfi_pool *pool);

/* Lets what outside threads submit gather, if it comes in a stream of short
 * tasks. */
void cfi_pool_let_gather(struct cfi_pool *pool, struct cfi_station *station);

/* How many entries wait that outside threads put in, about. */
size_t cfi_pool_count_outside(struct cfi_pool *pool);

/* Frees all of a pool without workers. */
void cfi_stations_finish(struct cfi_pool *pool);

/* Something was pushed, or is left: wakes a worker where that is needed. The
 * second is for where somebody sleeps. */
void cfi_pool_call_sleeper(struct cfi_pool *pool);

/* Hands the search to whoever sleeps: true, and the caller is to wake one. False:
 * somebody searches. */
bool cfi_pool_hand_search(struct cfi_pool *pool);

static inline bool cfi_pool_has_sleepers(struct cfi_pool *pool)
{
    return atomic_load(&pool->work.sleepers) != 0;
}

static inline void cfi_pool_call(struct cfi_pool *pool)
{
    if (cfi_pool_has_sleepers(pool))
        cfi_pool_call_sleeper(pool);
}

enum { CFI_POOL_CALM = 1 };

/* Has who has just published an entry (in this order of instructions) nobody to
 * look for? Before that it is a hint. */
static inline bool cfi_pool_is_calm(const struct cfi_pool *pool)
{
    /* relaxed: ordered by the barrier in all threads in cfi_pool_end_calm() */
    return atomic_load_explicit(&pool->calm, memory_order_relaxed) ==
           CFI_POOL_CALM;
}

/* A worker, whose station it is, has looked for nothing. False: it is to look
 * again, also for others. */
bool cfi_pool_grow_calm(struct cfi_pool *pool, struct cfi_station *station);

/* A branch was put in where fewer threads run than may: starts one, unless
 * one is free or coming up. */
void cfi_pool_add_hand(struct cfi_pool *pool);

#endif
