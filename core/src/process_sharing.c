/* SPDX-License-Identifier: MIT */
/* What waits behind a task, and was given to its worker too early: had back for
 * a worker with nothing to do, or since the task has turned out long. */
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

void cfi_host_free_stuck(struct cfi_host *host)
{
    int64_t now_ns;

    if (TAILQ_EMPTY(&host->places[CFI_LANE_FULL]) &&
        TAILQ_EMPTY(&host->places[CFI_LANE_BUSY]))
        return;
    now_ns = cfi_now_ns();
    for (size_t i = 0; i < host->lanes_used; i++) {
        struct cfi_lane *lane = host->lanes[i];
        if (lane->load == 0 || lane->is_stuck || !is_stuck(lane, now_ns))
            continue;
        lane->is_stuck = true;
        cfi_host_recall_all(host, lane, CFI_RECALL_TO_RUN);
    }
}
