/* SPDX-License-Identifier: MIT */
/*
 * What waits behind a task, and was given to its worker too early: had back for
 * a worker with nothing to do, or since the task has turned out long.
 *
 * The second is due at its time, though nothing ends: the drainer, which is
 * told when a worker has been given more than the task that it is at, looks
 * from then on every 5 ms, until none has. It also tries again to start a worker
 * that could not be started, as long as there is work for one, and to give out
 * what was put off (process_put_off.c).
 */
#include "clock.h"
#include "process_host.h"

/* A worker that has answered nothing for so long is given nothing until it does:
 * it then has to wait for its next task, which takes some 50 us. */
#define STUCK_NS ((int64_t)5000000)

/* Moves half of what waits in `from`, the oldest first. False: it has all
 * started. */
static bool move_half(struct cfi_host *host, struct cfi_lane *from,
                      struct cfi_lane *to, struct cfi_endings *endings)
{
    size_t half = from->load / 2, moved = 0;
    struct cf_future *future;

    while (moved < half && to->place != CFI_LANE_FULL &&
           (future = cfi_lane_recall(from, CFI_RECALL_TO_RUN)) != NULL) {
        moved++;
        if (!cfi_host_give(host, to, future, endings))
            break;
    }
    cfi_host_place(host, from);
    return moved > 0;
}

bool cfi_host_even_out(struct cfi_host *host, struct cfi_endings *endings)
{
    static const enum cfi_lane_place places[] = {CFI_LANE_FULL, CFI_LANE_BUSY};
    struct cfi_lane *idle = TAILQ_FIRST(&host->places[CFI_LANE_IDLE]), *lane;

    if (idle == NULL)
        return false;
    for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
        TAILQ_FOREACH(lane, &host->places[places[i]], link)
    if (lane->load > 1 && move_half(host, lane, idle, endings))
        return true;
    return false;
}

/* Since `lane` was first seen with the task that it is at. */
static bool is_stuck(struct cfi_lane *lane, int64_t now_ns)
{
    if (lane->watched == lane->drained)
        return now_ns - lane->watched_ns >= STUCK_NS;
    lane->watched = lane->drained;
    lane->watched_ns = now_ns;
    return false;
}

/* Of those that were found stuck now, the one with the oldest task to be had
 * back; NULL: there is none. */
static struct cfi_lane *oldest_of(struct cfi_host *host)
{
    struct cfi_lane *oldest = NULL;
    uint64_t least = UINT64_MAX;

    for (size_t i = 0; i < host->lanes_used; i++) {
        struct cfi_lane *lane = host->lanes[i];
        uint64_t number = lane->is_stuck ? cfi_lane_oldest(lane) : UINT64_MAX;
        if (number >= least)
            continue;
        least = number;
        oldest = lane;
    }
    return oldest;
}

/* In the order in which they were given out. */
static void recall_stuck(struct cfi_host *host)
{
    struct cfi_queue all = {0};
    struct cfi_lane *lane;
    struct cf_future *future;

    while ((lane = oldest_of(host)) != NULL)
        if ((future = cfi_lane_recall(lane, CFI_RECALL_TO_RUN)) != NULL)
            cfi_host_push_back(&all, future);
    cfi_queue_prepend(&host->queue, &all);
}

static void free_stuck(struct cfi_host *host)
{
    bool is_any = false;

    if (TAILQ_EMPTY(&host->places[CFI_LANE_FULL]) &&
        TAILQ_EMPTY(&host->places[CFI_LANE_BUSY]))
        return;
    int64_t now_ns = cfi_now_ns();
    for (size_t i = 0; i < host->lanes_used; i++) {
        struct cfi_lane *lane = host->lanes[i];
        if (lane->load == 0 || lane->is_stuck || !is_stuck(lane, now_ns))
            continue;
        lane->is_stuck = is_any = true;
        lane->cursor = lane->drained;
        cfi_host_place(host, lane);
    }
    if (is_any)
        recall_stuck(host);
}

/* --- what is due though nothing ends --- */

void cfi_host_note_due(struct cfi_host *host, enum cfi_due due)
{
    if (atomic_load(&host->due) >= due)
        return;
    atomic_store(&host->due, due);
    cfi_seat_wake(&host->board.bell->drainer);
}

/* Does anything wait behind what a worker is at? Lock held. */
static bool is_any_behind(const struct cfi_host *host)
{
    for (size_t i = 0; i < host->lanes_used; i++)
        if (host->lanes[i]->load > 1 && !host->lanes[i]->is_stuck)
            return true;
    return false;
}

int64_t cfi_host_retry_ns(const struct cfi_host *host)
{
    bool is_any = host->absent > 0 || !cfi_queue_is_empty(&host->queue) ||
                  !cfi_queue_is_empty(&host->put_off);
    int64_t start_ns = host->retry_ns != 0 ? host->retry_ns : INT64_MAX;
    int64_t post_ns = host->post_ns != 0 ? host->post_ns : INT64_MAX;

    if (!is_any || host->is_broken || host->is_closing)
        return INT64_MAX;
    return start_ns < post_ns ? start_ns : post_ns;
}

/* Lock held. */
static enum cfi_due next_due(const struct cfi_host *host)
{
    if (is_any_behind(host))
        return CFI_DUE_LOOK;
    return cfi_host_retry_ns(host) != INT64_MAX ? CFI_DUE_RETRY
                                                : CFI_DUE_NOTHING;
}

/* Lock held. */
static int64_t due_ns(const struct cfi_host *host, int64_t looked_ns)
{
    int64_t look_ns = is_any_behind(host) ? looked_ns + STUCK_NS : INT64_MAX;
    int64_t retry_ns = cfi_host_retry_ns(host);

    return look_ns < retry_ns ? look_ns : retry_ns;
}

int64_t cfi_host_due_ns(struct cfi_host *host, int64_t looked_ns)
{
    if (atomic_load(&host->due) == CFI_DUE_NOTHING)
        return INT64_MAX;
    cfi_host_lock(host);
    int64_t at_ns = due_ns(host, looked_ns);
    atomic_store(&host->due, next_due(host));
    cfi_unlock(&host->lock);
    return at_ns;
}

void cfi_host_do_what_is_due(struct cfi_host *host, int64_t *looked_ns)
{
    struct cfi_endings endings = {0};

    if (atomic_load(&host->due) == CFI_DUE_NOTHING)
        return;
    int64_t now_ns = cfi_now_ns();
    cfi_host_lock(host);
    if (now_ns >= due_ns(host, *looked_ns)) {
        cfi_host_drain(host, &endings); /* what is answered is not stuck */
        free_stuck(host);
        if (host->retry_ns <= now_ns) /* who tries in vain sets it again */
            host->retry_ns = 0;
        if (host->post_ns <= now_ns)
            host->post_ns = 0;
        cfi_host_dispatch(host, &endings);
        *looked_ns = now_ns;
    }
    cfi_host_unlock(host, &endings);
}
