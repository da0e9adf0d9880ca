/* SPDX-License-Identifier: MIT */
/*
 * What a change under a host's lock leaves to be done without it: futures are
 * published and released, workers woken. One that is put on this very processor
 * runs at once, and may be through with its task before the call that woke it
 * returns; whoever held the lock would stand still with it, and any other thread
 * that the worker woke would be in want of the lock.
 */
#include "process_host.h"

void cfi_endings_wake(struct cfi_endings *endings,
                      const _Atomic uint32_t *asleep)
{
    if (endings->wake_count < CFI_MOST_WAKES)
        endings->wakes[endings->wake_count++] = asleep;
    else
        cfi_futex_wake_shared(asleep, 1);
}

void cfi_host_unlock(struct cfi_host *host, struct cfi_endings *endings)
{
    struct cf_future *future;

    cfi_unlock(&host->lock);
    while (endings->wake_count > 0)
        cfi_futex_wake_shared(endings->wakes[--endings->wake_count], 1);
    while ((future = cfi_queue_pop(&endings->ended)) != NULL) {
        if (future->outcome.is_heap)
            cfi_host_note_payload(host, future->outcome.result_bytes);
        cfi_completion_publish(&host->completion, future);
    }
    while ((future = cfi_queue_pop(&endings->dropped)) != NULL)
        cf_future_release(future);
    while (endings->calls_back_later &&
           (future = cfi_queue_pop(&endings->cancelled)) != NULL)
        cfi_completion_cancel_queued(&host->completion, future);
    cfi_queue_cancel(&endings->cancelled);
    cfi_children_free(endings->forgotten);
    endings->forgotten = NULL;
    cfi_host_tell_unread(host, endings->unread);
    endings->unread = NULL;
}

void cfi_host_unlock_and_look(struct cfi_host *host,
                              struct cfi_endings *endings)
{
    bool wakes = endings->wake_count > 0;

    if (wakes)
        cfi_bell_look_begin(host->board.bell);
    cfi_host_unlock(host, endings);
    if (!wakes)
        return;
    cfi_bell_look_end(host->board.bell);
    cfi_host_look(host);
}
