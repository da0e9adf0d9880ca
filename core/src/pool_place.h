/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_PLACE_H
#define CFI_POOL_PLACE_H

#include "pool_threads.h"

/* --- on which processor a thread wakes up --- */

/* Has another thread, which sleeps, come up on the caller's processor. The threads'
 * lock held. */
void cfi_pool_thread_bring(struct cfi_pool_thread *thread);

/* The thread, which calls, has come to where it was wanted, if it was. Before it
 * calls the user's functions, or starts a thread. */
void cfi_pool_thread_arrive(struct cfi_pool_thread *thread);

/* What a thread does, as it tells itself; and where. CALLED: it slept, and somebody
 * wakes it. */
enum cfi_activity { CFI_BUSY, CFI_LOOKING, CFI_ASLEEP, CFI_CALLED };
void cfi_pool_thread_note(struct cfi_pool_thread *thread,
                          enum cfi_activity activity);

/* It was ASLEEP, and is up again: LOOKING. */
void cfi_pool_thread_get_up(struct cfi_pool_thread *thread);

/* What it sleeps as, see futex.h. */
uint32_t cfi_pool_thread_kind(const struct cfi_pool_thread *thread);

/* After a push of several parts of one piece of work: calls one sleeper to another
 * processor than the caller's, and where that will sleep one to its own, unless
 * somebody is there already. */
void cfi_pool_spread(struct cfi_pool *pool, bool caller_sleeps);

#endif
