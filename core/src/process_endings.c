/* SPDX-License-Identifier: MIT */
/*
 * What a change under a host's lock leaves to be done without it: futures are
 * published and released, workers woken. One that is put on this very processor
 * runs at once, and may be through with its task before the call that woke it
 * returns; whoever held the lock would stand still with it, and any other thread
 * that the worker woke would be in want of the lock.
 *
 * What is settled may call the user's code: an observer, a handler of errors.
 * So nobody does who is counted in on the bell, since the workers rely on him.
 */
#include "process_host.h"
#include "process_put_off.h"

void cfi_endings_wake(struct cfi_endings *endings,
                      const _Atomic uint32_t *asleep)
{
    if (endings->wake_count < CFI_MOST_WAKES)
        endings->wakes[endings->wake_count++] = asleep;
    else
        cfi_futex_wake_shared(asleep, 1);
}

static void wake_all(struct cfi_endings *endings)
{
    while (endings->wake_count > 0)
        cfi_futex_wake_shared(endings->wakes[--endings->wake_count], 1);
}

void cfi_host_settle(struct cfi_host *host, struct cfi_endings *endings)
{
    struct cf_future *future;

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

bool cfi_endings_are_none(const struct cfi_endings *endings)
{
    return cfi_queue_is_empty(&endings->ended) &&
           cfi_queue_is_empty(&endings->dropped) &&
           cfi_queue_is_empty(&endings->cancelled) &&
           endings->forgotten == NULL && endings->unread == NULL;
}

void cfi_host_unlock(struct cfi_host *host, struct cfi_endings *endings)
{
    cfi_unlock(&host->lock);
    wake_all(endings);
    cfi_host_settle(host, endings);
}

size_t cfi_host_look_into(struct cfi_host *host, struct cfi_endings *endings)
{
    cfi_host_lock(host);
    size_t count = cfi_host_drain(host, endings);
    if (count > 0 || cfi_host_may_post_again(host))
        cfi_host_dispatch(host, endings);
    cfi_unlock(&host->lock);
    wake_all(endings);
    return count;
}

void cfi_host_unlock_and_look(struct cfi_host *host,
                              struct cfi_endings *endings)
{
    if (endings->wake_count == 0) {
        cfi_host_unlock(host, endings);
        return;
    }
    cfi_bell_look_begin(host->board.bell);
    cfi_unlock(&host->lock);
    wake_all(endings);
    cfi_bell_look_end(host->board.bell);
    cfi_host_look_into(host, endings);
    cfi_host_settle(host, endings);
}
