/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_LEAVE_H
#define CFI_POOL_LEAVE_H

#include "pool.h"
#include "pool_absence.h"
#include "pool_threads.h"

/* --- between pool_threads.c, pool_start.c and pool_leave.c --- */

/* What a thread does, from its beginning to its end. */
void *cfi_pool_thread_main(void *thread);

/* Room in the table for as many as there may be. Lock held. */
bool cfi_pool_threads_widen(struct cfi_pool_threads *threads);

/* Starts a thread with the index that is found for it; `added` may be NULL. Lock
 * held. */
enum cf_status cfi_pool_threads_add(struct cfi_pool_threads *threads,
                                    bool is_relief,
                                    struct cfi_pool_thread **added);

/* Counts it in where it is new in the table (1), or out again (-1). Lock held. */
void cfi_pool_thread_count(struct cfi_pool_thread *thread, int change);

/* Runs a task, each of its chunk, or a branch. */
void cfi_pool_thread_run(struct cfi_pool_thread *thread, struct cfi_work work);

/* Takes the thread, which calls, out of the table. Lock held. */
void cfi_pool_thread_take_out(struct cfi_pool_thread *thread);

/* Has it run as many tasks as a worker may? */
static inline bool
cfi_pool_thread_is_used_up(const struct cfi_pool_thread *thread)
{
    uint64_t most = thread->threads->executor->options.max_tasks_per_worker;

    return most > 0 && thread->worker.ran >= most;
}

/* Takes the thread out of the pool, if it may leave: true. False: it has to go
 * on, since something came in. */
bool cfi_pool_thread_leave(struct cfi_pool_thread *thread);

/* Has the pool ended without it? */
bool cfi_pool_thread_is_detached(const struct cfi_pool_thread *thread);

/* The lowest index that is free, rather one that no finalizer needs still; of a
 * relief thread, the highest that none does. The capacity: there is none. Lock
 * held. */
size_t cfi_pool_threads_find_index(const struct cfi_pool_threads *threads,
                                   bool is_relief);

/* Whom users know by that number; NULL: he is not in the table. Lock held. */
struct cfi_pool_thread *
cfi_pool_threads_find_worker(const struct cfi_pool_threads *threads,
                             size_t number);

/* Waits until who had the thread's index before has run its finalizer; this
 * one has. */
void cfi_pool_thread_await_index(struct cfi_pool_thread *thread);
void cfi_pool_thread_vacate_index(struct cfi_pool_thread *thread);

/* The last act of a thread. */
void cfi_pool_thread_end(struct cfi_pool_thread *thread);

#endif
