/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_ABSENCE_H
#define CFI_POOL_ABSENCE_H

#include "pool_threads.h"

/* --- between pool_absence.c and the other files of a pool's threads --- */

/* What the threads' workers tell of. */
extern const struct cfi_absence cfi_pool_absence;

/* How many threads there may be at this moment. */
size_t cfi_pool_threads_bound(const struct cfi_pool_threads *threads);

/* Is a further spare thread of use? */
bool cfi_pool_threads_want_spare(const struct cfi_pool_threads *threads);

/* Starts a thread where something is queued or awaited and they are not enough. */
void cfi_pool_threads_start_for_the_queue(struct cfi_pool_threads *threads);

/* May spare threads take whatever is queued? Else just what is awaited. */
bool cfi_pool_spare_takes_all(const struct cfi_pool_threads *threads);

/* Is the thread a spare one? Its place may change by cf_set_workers(). */
static inline bool
cfi_pool_thread_is_spare(const struct cfi_pool_thread *thread)
{
    return thread->is_relief ||
           thread->worker.index >= thread->threads->executor->max_workers;
}

/* A task that a sleeping worker waits for and nobody has begun, claimed, with a
 * reference; NULL: there is none. `*function` is its own. */
struct cf_future *cfi_pool_claim_awaited(struct cfi_pool_threads *threads,
                                         cf_function **function);

/* Somebody waits for a task of his that nobody has begun. */
bool cfi_pool_is_awaited(const struct cfi_pool_threads *threads);

#endif
