/* SPDX-License-Identifier: MIT */
/*
 * Who gets which task. Every lane stands in one list, by what its worker can be
 * given; a lane that is being started counts as idle, since requests may lie
 * in its ring before there is a process.
 *
 *   queue -> idle worker, else a new worker, else a busy one that has room
 *   its buffers may not be posted -> it is put off (process_put_off.c)
 *   queue empty, a worker idle -> recall what waits behind a busy one
 *   a task has turned out long -> what waits behind it goes back to the queue,
 *                                 or later ones would overtake it all the while
 *
 * A new worker is started while alive < min(most, unfinished): from counts
 * alone, so three submits one after the other use one worker.
 */
#include "process_host.h"

#include "clock.h"
#include "future_tie.h"
#include "last_error.h"
#include "process_lives.h"
#include "process_put_off.h"
#include "process_spares.h"

/* Orders that the zygote has not answered: few enough to fit into its socket. */
#define MOST_STARTING 32

/* One that could not be started is tried again after so long; where nobody else
 * is alive, so many times. */
#define RETRY_NS  ((int64_t)100000000)
#define MOST_VAIN 50

void cfi_host_enqueue(struct cfi_host *host, struct cf_future *future)
{
    cfi_rest(future)->ticket = CFI_TICKET_NONE;
    cfi_future_end_chunk(future);
    cfi_host_note_payload(host, cfi_future_arg_bytes(future));
    cfi_queue_push(&host->queue, future);
}

void cfi_host_place(struct cfi_host *host, struct cfi_lane *lane)
{
    enum cfi_lane_place place = cfi_lane_place_of(lane);

    if (lane->timed != lane->drained)
        cfi_host_note_head(host, lane);
    if (place == lane->place)
        return;
    TAILQ_REMOVE(&host->places[lane->place], lane, link);
    lane->place = place;
    host->is_uneven |= place == CFI_LANE_IDLE;
    if (place == CFI_LANE_IDLE)
        cfi_host_note_idle(host, lane);
    if (place == CFI_LANE_SPARE)
        cfi_host_note_spare_idle(host, lane);
    if (place == CFI_LANE_IDLE || place == CFI_LANE_ABSENT)
        TAILQ_INSERT_HEAD(&host->places[place], lane, link); /* warm first */
    else
        TAILQ_INSERT_TAIL(&host->places[place], lane, link);
}

void cfi_host_end(struct cf_future *future, enum cf_status status,
                  const char *reason, struct cfi_endings *endings)
{
    cfi_rest(future)->ticket = CFI_TICKET_ENDED;
    cfi_outcome_fail(&future->outcome, status, 0, "%s", reason);
    cfi_queue_push(&endings->ended, future);
}

/* It is pending again, unless it has had attempts: then it stays RUNNING. */
static void unsend(struct cf_future *future)
{
    if (future->attempt == 0)
        cfi_future_unsend(future);
}

void cfi_host_end_attempt(struct cfi_host *host, struct cf_future *future,
                          struct cfi_endings *endings)
{
    if (host->is_broken || !cfi_future_may_try_again(future)) {
        cfi_queue_push(&endings->ended, future);
        return;
    }
    cfi_tally_end(host->executor, CFI_RETRIED);
    cfi_outcome_clear(&future->outcome);
    cfi_future_unask(future);
    cfi_rest(future)->ticket = CFI_TICKET_NONE;
    cfi_host_requeue(host, future);
}

void cfi_host_push_back(struct cfi_queue *queue, struct cf_future *future)
{
    unsend(future);
    cfi_queue_push(queue, future);
}

void cfi_host_recall_all(struct cfi_host *host, struct cfi_lane *lane,
                         enum cfi_recall why)
{
    struct cfi_queue all = {0};
    struct cf_future *future;

    while ((future = cfi_lane_recall(lane, why)) != NULL)
        cfi_host_push_back(&all, future);
    cfi_queue_prepend(&host->queue, &all);
    cfi_host_place(host, lane);
}

void cfi_host_requeue(struct cfi_host *host, struct cf_future *future)
{
    struct cfi_queue one = {0};

    unsend(future);
    cfi_queue_push(&one, future);
    cfi_queue_prepend(&host->queue, &one);
}

void cfi_host_break(struct cfi_host *host, const char *reason,
                    struct cfi_endings *endings)
{
    struct cf_future *future;
    struct cfi_lane *lane;

    host->is_broken = true;
    host->most_workers = 0;
    cfi_executor_break(host->executor, reason);
    for (size_t i = 0; i < host->lanes_used; i++) {
        lane = host->lanes[i];
        if (lane->region.rings == NULL)
            continue;
        while ((future = cfi_lane_recall(lane, CFI_RECALL_TO_END)) != NULL)
            cfi_host_end(future, CF_BROKEN, reason, endings);
        cfi_host_place(host, lane);
    }
    cfi_host_take_up(host);
    while ((future = cfi_queue_pop(&host->queue)) != NULL) {
        if (future->attempt > 0 || cfi_future_claim(future))
            cfi_host_end(future, CF_BROKEN, reason, endings);
        else
            cfi_queue_push(&endings->dropped, future);
    }
    cfi_eventcount_notify(&host->readiness, CFI_EVERYBODY);
}

void cfi_host_break_for_want(struct cfi_host *host, struct cfi_endings *endings)
{
    host->start_failure = cfi_noted();
    cfi_host_break(host, host->start_failure.text, endings);
}

/* Asked for nearly every task: what is unfinished is added up last, and only
 * while there could be one more. */
bool cfi_host_may_start(const struct cfi_host *host)
{
    size_t alive = host->alive - host->spares;

    return alive < host->most_workers && host->starting < MOST_STARTING &&
           !host->is_closing &&
           (host->is_full || alive < cfi_tally_unfinished(host->executor)) &&
           (host->retry_ns == 0 || cfi_now_ns() >= host->retry_ns);
}

bool cfi_host_start_in(struct cfi_host *host, struct cfi_lane *lane)
{
    struct cf_executor *executor = host->executor;
    struct cfi_lane_terms terms = {
        .order = {.most_bytes = executor->options.max_worker_bytes,
                  .record_times = executor->record_times,
                  .leads_group = executor->options.kill_tree},
        .arena_bytes = cfi_host_arena_bytes(host),
        .most_tasks = executor->options.max_tasks_per_worker,
        .stopping = atomic_load(&executor->stopping) != 0,
        .closed = atomic_load(&executor->closed) != 0,
        .may_take_last = host->alive <= host->spares || lane->is_surplus,
        .pidfds_to_come = (int)host->starting};

    if (host->starting >= MOST_STARTING) {
        cfi_fail(CF_AGAIN, "%zu are being started", host->starting);
        return false;
    }
    if (cfi_lane_open(lane, &host->zygote, &terms) != CF_OK)
        return false;
    if (lane->index >= host->lanes_used)
        host->lanes_used = lane->index + 1;
    host->alive++;
    host->starting++;
    host->retry_ns = 0;
    host->vain_starts = 0;
    cfi_host_place(host, lane);
    return true;
}

void cfi_host_retry_later(struct cfi_host *host, int64_t *at_ns)
{
    int64_t now_ns = cfi_now_ns();

    if (*at_ns <= now_ns) /* else it is not made any later */
        *at_ns = now_ns + RETRY_NS;
    cfi_host_note_due(host, CFI_DUE_RETRY);
}

struct cfi_lane *cfi_host_start_worker(struct cfi_host *host,
                                       struct cfi_endings *endings)
{
    struct cfi_lane *lane = TAILQ_FIRST(&host->places[CFI_LANE_ABSENT]);

    if (lane == NULL || !cfi_host_may_start(host))
        return NULL;
    struct cfi_noted noted = cfi_noted();
    if (cfi_host_start_in(host, lane))
        return lane;
    size_t alive = host->alive - host->spares;
    /* what it lacks may come again */
    if (host->is_made && (alive > 0 || ++host->vain_starts < MOST_VAIN)) {
        cfi_host_retry_later(host, &host->retry_ns);
    } else {
        host->most_workers = alive;
        cfi_fail_by_that(CF_AGAIN, "no worker process could be started");
        if (alive == 0)
            cfi_host_break_for_want(host, endings);
    }
    cfi_note_again(&noted);
    return NULL;
}

bool cfi_host_ensure_one(struct cfi_host *host)
{
    struct cfi_lane *lane = TAILQ_FIRST(&host->places[CFI_LANE_ABSENT]);

    return host->alive > host->spares || lane == NULL ||
           cfi_host_start_in(host, lane);
}

/* Busy workers take turns. */
static struct cfi_lane *next_busy(struct cfi_host *host)
{
    struct cfi_lane_list *busy = &host->places[CFI_LANE_BUSY];
    struct cfi_lane *lane = TAILQ_FIRST(busy);

    if (lane != NULL) {
        TAILQ_REMOVE(busy, lane, link);
        TAILQ_INSERT_TAIL(busy, lane, link);
    }
    return lane;
}

struct cfi_lane *cfi_host_free_lane(struct cfi_host *host,
                                    struct cfi_endings *endings)
{
    struct cfi_lane *lane = TAILQ_FIRST(&host->places[CFI_LANE_IDLE]);

    return lane != NULL ? lane : cfi_host_start_worker(host, endings);
}

struct cfi_lane *cfi_host_choose_lane(struct cfi_host *host,
                                      struct cfi_endings *endings)
{
    struct cfi_lane *lane = cfi_host_free_lane(host, endings);

    return lane != NULL ? lane : next_busy(host);
}

bool cfi_host_hand(struct cfi_host *host, struct cfi_lane *lane,
                   struct cf_future *future, struct cfi_endings *endings)
{
    if (future->attempt > 0 || cfi_future_send(future))
        return cfi_host_give(host, lane, future, endings);
    cfi_queue_push(&endings->dropped, future); /* it was cancelled */
    return true;
}

/* False: it is of no use to go on. */
static bool feed(struct cfi_host *host, struct cfi_endings *endings)
{
    struct cfi_lane *lane = cfi_host_choose_lane(host, endings);
    struct cf_future *future;

    if (lane == NULL || (future = cfi_queue_pop(&host->queue)) == NULL)
        return false;
    return cfi_host_lines_up(host, lane, future) ||
           cfi_host_hand(host, lane, future, endings) || lane->is_deaf ||
           !cfi_host_keeps_order(host);
}

void cfi_host_dispatch(struct cfi_host *host, struct cfi_endings *endings)
{
    while (host->is_full && cfi_host_start_worker(host, endings) != NULL)
        ;
    while (cfi_host_stand_in(host, endings))
        ;
    cfi_host_resume(host, endings);
    while (!cfi_queue_is_empty(&host->queue) && feed(host, endings))
        ;
    cfi_host_give_to_holders(host, endings); /* what has just been put off */
    while (host->is_uneven && cfi_queue_is_empty(&host->queue))
        host->is_uneven = cfi_host_even_out(host, endings);
    if (cfi_host_retry_ns(host) != INT64_MAX)
        cfi_host_note_due(host, CFI_DUE_RETRY);
    host->known = NULL; /* its object may be unloaded, once we let go */
}

void cfi_host_tell_readiness(struct cfi_host *host)
{
    if (host->is_broken || host->is_closing ||
        host->ready >= host->most_workers)
        cfi_eventcount_notify(&host->readiness, CFI_EVERYBODY);
}

void cfi_host_note_ready(struct cfi_host *host, struct cfi_lane *lane)
{
    if (lane->is_ready || lane->pid == 0 ||
        atomic_load(&lane->region.rings->ready) == 0)
        return;
    lane->is_ready = true;
    host->ready++;
    cfi_host_tell_readiness(host);
}

size_t cfi_host_drain_lane(struct cfi_host *host, struct cfi_lane *lane,
                           struct cfi_endings *endings)
{
    const struct cf_future *last = endings->ended.last;
    struct cfi_queue special = {0};
    struct cf_future *future;

    cfi_host_note_ready(host, lane);
    size_t count = cfi_lane_drain(lane, &endings->ended, &special);
    /* it has not where the worker has passed by what was taken back */
    bool has_ended =
        endings->ended.last != last || !cfi_queue_is_empty(&special);
    while ((future = cfi_queue_pop(&special)) != NULL)
        cfi_host_end_attempt(host, future, endings);
    if (has_ended)
        host->deaths = 0;
    if (count > 0) {
        cfi_nest_task_ended(host, lane);
        cfi_host_note_wear(host, lane);
    }
    if (lane->is_spoilt)
        cfi_host_kill_spoilt(host, lane);
    cfi_host_place(host, lane);
    return count;
}

size_t cfi_host_drain(struct cfi_host *host, struct cfi_endings *endings)
{
    size_t count = 0;

    cfi_host_hear_of_children(host, endings);
    for (size_t i = 0; i < host->lanes_used; i++) {
        struct cfi_lane *lane = host->lanes[i];
        if (lane->region.rings == NULL || lane->place == CFI_LANE_SPOILT)
            continue;
        count += cfi_host_drain_lane(host, lane, endings);
        count += cfi_host_answer(host, lane, endings);
    }
    return count;
}

size_t cfi_host_look(struct cfi_host *host)
{
    struct cfi_endings endings = {0};
    size_t count = cfi_host_look_into(host, &endings);

    cfi_host_settle(host, &endings);
    return count;
}
