/* SPDX-License-Identifier: MIT */
#ifndef CFI_PRECEDENCE_H
#define CFI_PRECEDENCE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "future_impl.h"
#include "lock.h"

/*
 * Queued tasks that have a priority, beside the queues of those that have none:
 * see precedence.c. Zero is an empty one; it needs no destroying.
 */
struct cfi_precedence {
    _Atomic size_t count; /* changes under the lock */
    struct cfi_lock lock;

    /* --- guarded by lock --- */
    uint32_t streak;         /* taken since one without priority was
                                while some were here: pauses count not  */
    int64_t now;             /* tasks that came in here, or started
                                without priority while some were here   */
    struct cf_future *first; /* the next to start, root of a heap       */
};

/* Nothing is here. Sequentially consistent, as for cfi_deque_is_empty(). */
static inline bool cfi_precedence_is_empty(const struct cfi_precedence *queue)
{
    return atomic_load(&queue->count) == 0;
}

/* Does the task belong here? */
static inline bool cfi_has_priority(const struct cf_future *future)
{
    return future->has_extra && cfi_rest(future)->extra->priority != 0;
}

/* A reference goes along; cannot fail. */
void cfi_precedence_push(struct cfi_precedence *queue,
                         struct cf_future *future);

/* The next one, with its reference. The first form: if it comes before those
 * without a priority; else NULL, and if one of those starts, note_other(). */
struct cf_future *cfi_precedence_take_due(struct cfi_precedence *queue);
struct cf_future *cfi_precedence_take(struct cfi_precedence *queue);
void cfi_precedence_note_other(struct cfi_precedence *queue);

#endif
