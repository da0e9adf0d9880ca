/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_RELIEF_H
#define CFI_POOL_RELIEF_H

#include "pool_threads.h"

/* --- who works while a worker sleeps until a running task ends --- */

/* The wait of `thread`, which calls, was not over in a moment; it is over. */
void cfi_relief_begin(struct cfi_pool_thread *thread);
void cfi_relief_end(struct cfi_pool_thread *thread);

void cfi_relief_call(struct cfi_pool_threads *threads);

/* After a task has queued a task: has somebody see to it where a worker sleeps
 * and nobody works in its place. */
static inline void cfi_relief_look(struct cfi_pool_threads *threads)
{
    if (atomic_load(&threads->relief.missing) > 0)
        cfi_relief_call(threads);
}

/* What a relief thread does. True: it is a worker from now on. False: it has taken
 * itself out of the pool, or that ends. */
bool cfi_relief_serve(struct cfi_pool_thread *thread);

/* A thread could not be started: where a wait may need it, one of those that rest
 * becomes it, or the first that has ended its task. The threads' lock held. */
void cfi_relief_stand_in(struct cfi_pool_threads *threads);

/* There may be more workers: those that rest in places of theirs become workers.
 * The threads' lock held. */
void cfi_relief_give_places(struct cfi_pool_threads *threads);

/* The worker of that number has not come back from a task: where it is a relief
 * thread, it is one of the spare threads from then on, and has none replace it. */
void cfi_relief_write_off(struct cfi_pool_threads *threads, size_t worker);

/* Have relief threads the places of the last workers, since more of these may be
 * than were? Who was started now would be a spare thread, and leave at once; those
 * are workers as soon as they rest. The threads' lock held. */
bool cfi_relief_is_first(const struct cfi_pool_threads *threads);

/* The pool ends: those that rest look up. The threads' lock held. */
void cfi_relief_wake_all(struct cfi_pool_threads *threads);

#endif
