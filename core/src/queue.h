/* SPDX-License-Identifier: MIT */
#ifndef CFI_QUEUE_H
#define CFI_QUEUE_H

#include <stdbool.h>
#include <stddef.h>

#include "future_impl.h"

/* First in, first out: chunks of futures, linked through themselves. Zero is
 * an empty queue. Who owns it guards it. */
struct cfi_queue {
    struct cf_future *first;
    struct cf_future *last;
};

static inline bool cfi_queue_is_empty(const struct cfi_queue *queue)
{
    return queue->first == NULL;
}

static inline void cfi_queue_push(struct cfi_queue *queue,
                                  struct cf_future *future)
{
    cfi_rest(future)->next = NULL;
    if (queue->first == NULL)
        queue->first = future;
    else
        cfi_rest(queue->last)->next = future;
    queue->last = future;
}

/* The oldest, NULL when empty. */
static inline struct cf_future *cfi_queue_pop(struct cfi_queue *queue)
{
    struct cf_future *future = queue->first;
    if (future != NULL)
        queue->first = cfi_rest(future)->next;
    return future;
}

/* Puts all of `before`, which is given up, in front of a queue. */
static inline void cfi_queue_prepend(struct cfi_queue *queue,
                                     const struct cfi_queue *before)
{
    if (cfi_queue_is_empty(before))
        return;
    cfi_rest(before->last)->next = queue->first;
    if (queue->first == NULL)
        queue->last = before->last;
    queue->first = before->first;
}

/* Takes one out, wherever it stands. False: it is not there. */
bool cfi_queue_take(struct cfi_queue *queue, struct cf_future *future);

/* Cancels what has not started of a chunk and gives its references back. */
void cfi_chunk_cancel(struct cf_future *first);

/* Cancels what has not started of a queue that nobody else sees any more, and
 * gives its references back. */
void cfi_queue_cancel(struct cfi_queue *queue);

#endif
