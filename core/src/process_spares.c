/* SPDX-License-Identifier: MIT */
/*
 * Workers whose task sleeps until other tasks have ended, and who stands in for
 * them. Such a lane is absent: what waits behind its task goes back to the
 * queue, and it gets nothing more before it wakes.
 *
 * What it sleeps for and nobody has started goes before whatever is queued: to
 * a worker with nothing to do, or a new one, or a spare one: so many beyond the
 * others as are absent, `max_spare_workers` at most. A spare worker runs one
 * such task at a time and nothing else; pool_absence.c says why. It leaves when
 * it has had nothing to do for KEEP_NS.
 *
 * Spare lanes lie behind the others, so their indexes do.
 */
#include "process_spares.h"

#include "clock.h"
#include "last_error.h"
#include "process_put_off.h"

#define KEEP_NS ((int64_t)200000000)

static size_t wanted_spares(const struct cfi_host *host)
{
    size_t most = host->executor->max_spare_workers;

    return host->absent < most ? host->absent : most;
}

bool cfi_host_note_absent(struct cfi_host *host, struct cfi_lane *lane)
{
    if (!lane->is_absent) {
        lane->is_absent = true;
        TAILQ_INSERT_TAIL(&host->sleepers, lane->nest, sleeper);
        host->absent++;
        cfi_host_recall_all(host, lane, CFI_RECALL_TO_RUN);
    }
    return host->absent < host->most_workers + wanted_spares(host);
}

bool cfi_host_pick_up(struct cfi_host *host, struct cf_future *future)
{
    if (cfi_rest(future)->ticket == CFI_TICKET_ENDED)
        return false;
    if (cfi_rest(future)->ticket == CFI_TICKET_NONE)
        return cfi_host_unqueue(host, future);
    struct cfi_lane *lane =
        host->lanes[cfi_ticket_lane(cfi_rest(future)->ticket)];
    bool is_back = cfi_lane_take_back(lane, future);
    if (is_back)
        cfi_host_place(host, lane);
    return is_back;
}

/* Somebody waits for it, and it is on no worker's stack: it goes to `lane`. */
static bool hand_over(struct cfi_host *host, struct cfi_child *child,
                      struct cfi_lane *lane, struct cfi_endings *endings)
{
    struct cf_future *future = child->future;

    if (!cfi_host_pick_up(host, future))
        return false;
    if (future->attempt > 0 || cfi_future_is_sent(future) ||
        cfi_future_send(future))
        return cfi_host_give(host, lane, future, endings) || lane->is_deaf;
    cfi_queue_push(&endings->dropped, future); /* it was cancelled */
    return false;
}

/* Does it wait somewhere, so that a worker is of use to it? */
static bool is_pending(struct cfi_host *host, const struct cfi_child *child)
{
    const struct cf_future *future = child->future;

    if (cfi_future_is_final(future) ||
        cfi_rest(future)->ticket == CFI_TICKET_ENDED)
        return false;
    return cfi_rest(future)->ticket == CFI_TICKET_NONE ||
           !cfi_lane_has_started(
               host->lanes[cfi_ticket_lane(cfi_rest(future)->ticket)], future);
}

static struct cfi_child *next_awaited(struct cfi_host *host)
{
    struct cfi_nest *nest;
    struct cfi_child *child;

    TAILQ_FOREACH(nest, &host->sleepers, sleeper)
    TAILQ_FOREACH(child, &nest->awaited, special)
    {
        if (is_pending(host, child))
            return child;
    }
    return NULL;
}

static struct cfi_lane *spare_lane(struct cfi_host *host)
{
    struct cfi_lane *lane, *first = NULL;

    TAILQ_FOREACH(lane, &host->places[CFI_LANE_SURPLUS], link)
    {
        if (first == NULL || lane->index < first->index)
            first = lane;
    }
    if (first != NULL || host->lane_count >= CFI_MOST_LANES ||
        !cfi_host_add_lanes(host, host->lane_count + 1))
        return first;
    lane = host->lanes[host->lane_count - 1];
    lane->is_surplus = true;
    cfi_host_place(host, lane);
    return lane;
}

static struct cfi_lane *start_spare(struct cfi_host *host)
{
    if (host->spares >= wanted_spares(host) || host->is_closing ||
        host->is_broken ||
        (host->retry_ns != 0 && cfi_now_ns() < host->retry_ns))
        return NULL;
    struct cfi_noted noted = cfi_noted();
    struct cfi_lane *lane = spare_lane(host);
    if (lane == NULL)
        return NULL;
    if (!cfi_host_start_in(host, lane)) {
        cfi_note_again(&noted);
        cfi_host_retry_later(host, &host->retry_ns);
        return NULL;
    }
    lane->is_spare = true;
    host->spares++;
    cfi_host_place(host, lane);
    return lane;
}

static struct cfi_lane *choose_lane(struct cfi_host *host,
                                    struct cfi_endings *endings)
{
    struct cfi_lane *lane = cfi_host_free_lane(host, endings);

    if (lane == NULL)
        lane = TAILQ_FIRST(&host->places[CFI_LANE_SPARE]);
    return lane != NULL ? lane : start_spare(host);
}

/* Before it is asked what for. */
static bool may_have_lane(const struct cfi_host *host)
{
    return !TAILQ_EMPTY(&host->places[CFI_LANE_IDLE]) ||
           !TAILQ_EMPTY(&host->places[CFI_LANE_SPARE]) ||
           cfi_host_may_start(host) || host->spares < wanted_spares(host);
}

bool cfi_host_stand_in(struct cfi_host *host, struct cfi_endings *endings)
{
    struct cfi_child *child;
    struct cfi_lane *lane;

    if (host->absent == 0 || !may_have_lane(host) ||
        (child = next_awaited(host)) == NULL)
        return false;
    lane = choose_lane(host, endings);
    return lane != NULL && hand_over(host, child, lane, endings);
}

void cfi_host_note_spare_idle(struct cfi_host *host, struct cfi_lane *lane)
{
    struct cfi_noted noted = cfi_noted();

    /* without a thread for that it stays: no more than a waste */
    if (cfi_timekeeper_start(&host->executor->timekeeper) != CF_OK) {
        cfi_note_again(&noted);
        return;
    }
    lane->idle_until_ns = cfi_deadline_ns(KEEP_NS);
    cfi_timekeeper_hasten(&host->executor->timekeeper, &host->alarm,
                          lane->idle_until_ns);
}
