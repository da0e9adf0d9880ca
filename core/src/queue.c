/* SPDX-License-Identifier: MIT */
/* Queues of futures: the parts that are seldom needed. */
#include "queue.h"

#include "future_tie.h"

bool cfi_queue_take(struct cfi_queue *queue, struct cf_future *future)
{
    struct cf_future *before = NULL, *at = queue->first;

    while (at != NULL && at != future) {
        before = at;
        at = cfi_rest(at)->next;
    }
    if (at == NULL)
        return false;
    if (before == NULL)
        queue->first = cfi_rest(future)->next;
    else
        cfi_rest(before)->next = cfi_rest(future)->next;
    if (queue->last == future)
        queue->last = before;
    return true;
}

void cfi_chunk_cancel(struct cf_future *first)
{
    struct cf_future *next;

    for (struct cf_future *future = first; future; future = next) {
        next = cfi_future_next(future);
        cfi_future_cancel_pending(future);
        cf_future_release(future);
    }
}

void cfi_queue_cancel(struct cfi_queue *queue)
{
    struct cf_future *first;

    while ((first = cfi_queue_pop(queue)) != NULL)
        cfi_chunk_cancel(first);
}
