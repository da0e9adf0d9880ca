/* SPDX-License-Identifier: MIT */
/*
 * Tasks whose buffers may not be posted for now, as too many descriptors are on
 * their way (process_buffers.c). They are put off, and hold up nobody else:
 *
 *   queue   -> is to go to a worker that lacks its buffers  -> put off, the last
 *   put off -> the first may be posted, or a worker has them -> that worker
 *
 * Both queues together are what is pending. What needs no posting goes past
 * those that are put off; what needs some waits behind them. With one worker
 * nothing goes past, since its tasks start in the order of their submission,
 * whatever it takes: there the task goes back to the head of the queue.
 *
 * The first is tried again whenever tasks are given out, so after each answer,
 * birth and death; and when a worker has taken descriptors out of its post, of
 * which it is asked to tell (cfi_bell_tell_intake()). Of what other programs of
 * the user's have on their way nobody hears: for that it is tried by time, too.
 */
#include "process_put_off.h"

/* So many are looked at for a worker that has their buffers: each costs a lock
 * or more, and all that are given out meanwhile wait. */
#define MOST_LOOKED_AT 64

bool cfi_host_keeps_order(const struct cfi_host *host)
{
    return host->most_workers <= 1;
}

void cfi_host_put_off(struct cfi_host *host, struct cf_future *future)
{
    if (cfi_host_keeps_order(host))
        cfi_host_requeue(host, future);
    else
        cfi_host_push_back(&host->put_off, future);
    cfi_host_retry_later(host, &host->post_ns);
}

void cfi_host_take_up(struct cfi_host *host)
{
    cfi_queue_prepend(&host->queue, &host->put_off);
    host->put_off = (struct cfi_queue){0};
}

bool cfi_host_unqueue(struct cfi_host *host, struct cf_future *future)
{
    return cfi_queue_take(&host->queue, future) ||
           cfi_queue_take(&host->put_off, future);
}

bool cfi_host_may_post_again(struct cfi_host *host)
{
    /* 0 where nothing is put off, or it was tried already */
    if (host->post_ns == 0 ||
        atomic_load(&host->board.bell->intake_awaited) != 0)
        return false;
    host->post_ns = 0;
    return true;
}

bool cfi_host_lines_up(struct cfi_host *host, const struct cfi_lane *lane,
                       struct cf_future *future)
{
    if (cfi_queue_is_empty(&host->put_off) || !cfi_lane_lacks(lane, future))
        return false;
    cfi_queue_push(&host->put_off, future);
    return true;
}

/* One that has room, and the future's buffers; NULL: none has. */
static struct cfi_lane *lane_with(struct cfi_host *host,
                                  const struct cf_future *future)
{
    static const enum cfi_lane_place places[] = {CFI_LANE_IDLE, CFI_LANE_BUSY};
    struct cfi_lane *lane;

    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        TAILQ_FOREACH(lane, &host->places[places[i]], link)
    if (!cfi_lane_lacks(lane, future))
        return lane;
    return NULL;
}

void cfi_host_give_to_holders(struct cfi_host *host,
                              struct cfi_endings *endings)
{
    struct cf_future *future = host->put_off.first, *next;

    if (cfi_queue_is_empty(&host->put_off))
        return;
    for (unsigned i = 0; future != NULL && i < MOST_LOOKED_AT; i++) {
        next = cfi_rest(future)->next;
        struct cfi_lane *lane = lane_with(host, future);
        if (lane != NULL && cfi_queue_take(&host->put_off, future))
            (void)cfi_host_hand(host, lane, future, endings);
        future = next;
    }
}

/* False: it may not be posted still, or nobody has room. */
static bool post_first(struct cfi_host *host, struct cfi_endings *endings)
{
    struct cfi_lane *lane = cfi_host_choose_lane(host, endings);
    struct cf_future *first;

    if (lane == NULL || (first = cfi_queue_pop(&host->put_off)) == NULL)
        return false;
    struct cfi_queue others = host->put_off;
    host->put_off = (struct cfi_queue){0};
    bool is_given = cfi_host_hand(host, lane, first, endings);
    cfi_queue_prepend(&others, &host->put_off);
    host->put_off = others;
    return is_given;
}

void cfi_host_resume(struct cfi_host *host, struct cfi_endings *endings)
{
    if (cfi_queue_is_empty(&host->put_off))
        return;
    if (cfi_host_keeps_order(host)) {
        cfi_host_take_up(host); /* there were more workers before */
        return;
    }
    cfi_host_give_to_holders(host, endings);
    while (post_first(host, endings))
        ;
}
