/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_H
#define CFI_POOL_H

#include <stdbool.h>
#include <stddef.h>

#include "executor_impl.h"

struct cfi_gil;
struct cfi_pool_thread;
struct cfi_slot;
struct cfi_station;

/* Worker threads and what they take their tasks from: what the thread backend is, and under a
 * shared lock the gil backend. The calls are those of struct cf_backend. */
struct cfi_pool;

/* `gil` may be NULL; it must outlive the pool. */
enum cf_status cfi_pool_start(struct cf_executor *executor, struct cfi_gil *gil,
                              struct cfi_pool **pool);
enum cf_status cfi_pool_submit(struct cfi_pool *pool, struct cf_future *first);
enum cf_status cfi_pool_submit_array(struct cfi_pool *pool,
                                     struct cf_future *const *futures,
                                     size_t count, size_t chunk);
enum cf_status cfi_pool_submit_parts(struct cfi_pool *pool,
                                     struct cf_future *const *futures,
                                     size_t count, bool caller_sleeps);
void cfi_pool_cancel_pending(struct cfi_pool *pool);
void cfi_pool_write_off(struct cfi_pool *pool, size_t worker);
enum cf_status cfi_pool_set_workers(struct cfi_pool *pool, size_t count);
void cfi_pool_stop(struct cfi_pool *pool);
void cfi_pool_destroy(struct cfi_pool *pool);

/* What the backends around a pool can be asked for. */
#define CFI_POOL_ABILITIES                                                     \
    (CFI_CAN_PREFER | CFI_CAN_LIMIT | CFI_CAN_RETRY | CFI_CAN_HAND_ON |        \
     CFI_CAN_REPLACE | CFI_CAN_IDLE_OUT | CFI_CAN_STACK | CFI_CAN_BIND |       \
     CFI_CAN_NAME | CFI_CAN_OBSERVE)

/* min(32, usable CPUs + 4): CPython's default for threads. */
size_t cfi_pool_default_workers(void);

/* --- for the threads: see pool_threads.h --- */

/* A new worker's place among the queues, its worker.station; NULL without
 * memory. It is given back when the worker has left: what it queued stays for
 * the others. */
struct cfi_station *cfi_pool_enter(struct cfi_pool *pool);
void cfi_pool_leave(struct cfi_pool *pool, struct cfi_station *station);

/* What a worker is to do next: a queued task (or a chunk of them), or a branch
 * that it has stolen. Neither: nothing. */
struct cfi_work {
    struct cf_future *future;
    struct cfi_slot *branch;
};

static inline bool cfi_is_work(struct cfi_work work)
{
    return work.future != NULL || work.branch != NULL;
}

/* The next work for `thread`, which calls; sleeps until there is some. None:
 * the pool ends and nothing is left for it; or there is nothing, and the thread
 * is surplus or was idle for as long as it may. */
struct cfi_work cfi_pool_next(struct cfi_pool *pool,
                              struct cfi_pool_thread *thread);

/* Queues what the worker of that station, which calls, has taken and will not run:
 * a task, with what is behind it in its chunk. False without memory. */
bool cfi_pool_put_back(struct cfi_pool *pool, struct cfi_station *station,
                       struct cf_future *first);

/* Has every thread that sleeps look up: whether it is surplus, or there is an
 * entry. */
void cfi_pool_wake_all(struct cfi_pool *pool);

/* The caller has written what a push looks at: that somebody sleeps, is away, has
 * left, that more may be started (sequentially consistent). Any push from now on
 * sees it; what came before is seen by who looks from now on. */
void cfi_pool_end_calm(struct cfi_pool *pool);

/* Does no entry wait, and no branch? A push that came before something which the caller has
 * seen (a lock, a counter, sequentially consistent) is not overlooked. */
bool cfi_pool_is_empty(struct cfi_pool *pool);

#endif
