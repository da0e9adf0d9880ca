/* SPDX-License-Identifier: MIT */
/* Emptying a queue of futures at a shutdown that cancels. */
#include "queue.h"

void cfi_chunk_cancel(struct cf_future *first)
{
    struct cf_future *next;

    for (struct cf_future *future = first; future; future = next) {
        next = future->chunk;
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
