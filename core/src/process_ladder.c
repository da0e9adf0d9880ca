/* SPDX-License-Identifier: MIT */
/*
 * The ladder by which a task that runs in a worker process is ended, past its
 * limit or by cf_stop():
 *
 *      asked        cf_stopping() is true for it; it may come back by itself
 *      terminated   after a grace: its worker gets SIGTERM, which a handler of
 *                   the user's may turn into an orderly end; one that does not
 *                   die of it leaves as soon as the task has come back
 *      killed       after another one: SIGKILL
 *
 * Before the first signal everything behind the task is taken back and the lane
 * gets no more; only then it is seen whether the task has ended meanwhile, and
 * no signal is sent if so. A worker goes on to the next position only after it
 * has committed one, so the signal cannot hit any other task.
 *
 * A limit counts from the start, which the worker notes and tells nobody. The
 * host's alarm rings when the limit of whatever stands first in a ring can be
 * over at the earliest; then it is seen whether that runs, and since when. So
 * a limit costs no message and no wake, and nobody polls.
 */
#include <signal.h>
#include <stddef.h>

#include "chaos.h"
#include "clock.h"
#include "ladder.h"
#include "last_error.h"
#include "process_host.h"
#include "process_lives.h"
#include "process_put_off.h"

/* When a signal is tried again that could not be sent: see zygote.h. */
#define SOON_NS ((int64_t)1000000)

/* Not below the present, so that a grace for ever stays for ever. */
static int64_t after_ns(int64_t start_ns, int64_t rest_ns)
{
    int64_t end_ns;

    if (__builtin_add_overflow(start_ns, rest_ns, &end_ns))
        return INT64_MAX;
    return end_ns;
}

static void hasten(struct cfi_host *host, int64_t deadline_ns)
{
    if (deadline_ns != INT64_MAX)
        cfi_timekeeper_hasten(&host->executor->timekeeper, &host->alarm,
                              deadline_ns);
}

void cfi_host_note_head(struct cfi_host *host, struct cfi_lane *lane)
{
    const struct cf_future *head = cfi_lane_head(lane);

    if (head == NULL)
        return;
    lane->timed = lane->drained;
    if (cfi_has_limit(cfi_future_extra(head)))
        hasten(host, after_ns(cfi_now_ns(), cfi_rest(head)->extra->timeout_ns));
}

/* When the limit of the task that stands first is over, at the earliest; never:
 * it has none. */
static int64_t limit_ns(struct cfi_lane *lane, int64_t now_ns)
{
    const struct cf_future *head = cfi_lane_head(lane);
    int64_t started_ns = now_ns;

    if (head == NULL || !cfi_has_limit(cfi_future_extra(head)))
        return INT64_MAX;
    if (cfi_lane_has_started(lane, head)) {
        /* the worker's word: a start in the future is nonsense; but it may
         * have started since `now_ns` */
        started_ns = atomic_load(&lane->region.rings->started_ns);
        if (started_ns > cfi_now_ns())
            return now_ns;
    }
    return after_ns(started_ns, cfi_rest(head)->extra->timeout_ns);
}

/* The task that stands first runs past its limit; it may have been stopped
 * before. */
static void expire(struct cfi_lane *lane, int64_t now_ns)
{
    struct cfi_rungs *rungs = &lane->rungs;
    int64_t grace_ns =
        cfi_grace_ns(cfi_rest(cfi_lane_head(lane))->extra->grace_ns);
    int64_t next_ns = after_ns(now_ns, grace_ns);

    if (rungs->position == 0) {
        *rungs = (struct cfi_rungs){
            .position = lane->drained, .grace_ns = grace_ns, .next_ns = now_ns};
    } else if (next_ns < rungs->next_ns) {
        rungs->next_ns = next_ns;
        rungs->grace_ns = grace_ns;
    }
    rungs->ends_with = CF_EXPIRED;
}

/* So that the alarm rings, though no task here has a limit. */
static void look_again_soon(struct cfi_host *host)
{
    struct cfi_noted noted = cfi_noted();

    /* without a thread for that it is tried at the next look */
    if (cfi_timekeeper_start(&host->executor->timekeeper) != CF_OK)
        cfi_note_again(&noted);
    hasten(host, cfi_now_ns() + SOON_NS);
}

/* False: it is to be tried again, as it will be soon. */
static bool send_signal(struct cfi_host *host, const struct cfi_lane *lane,
                        int signal)
{
    bool is_sent = cfi_zygote_signal(&host->zygote, lane->index,
                                     lane->generation, lane->pidfd, signal);

    if (!is_sent)
        look_again_soon(host);
    return is_sent;
}

void cfi_host_kill_spoilt(struct cfi_host *host, struct cfi_lane *lane)
{
    (void)send_signal(host, lane, SIGKILL); /* tend() comes here again */
}

/* The worker gets tasks again, unless it is to leave for another reason. */
static void readmit(struct cfi_host *host, struct cfi_lane *lane,
                    bool was_leaving)
{
    lane->is_leaving = was_leaving;
    cfi_host_note_wear(host, lane);
    cfi_host_place(host, lane);
}

/* False: it was not: the task has come back, or it cannot be now. */
static bool terminate(struct cfi_host *host, struct cfi_lane *lane,
                      struct cfi_endings *endings)
{
    bool was_leaving = lane->is_leaving;

    lane->is_leaving = true;
    cfi_chaos(CFI_CHAOS_RECALLING);
    cfi_host_recall_all(host, lane, CFI_RECALL_TO_RUN);
    cfi_host_drain_lane(host, lane, endings);
    if (lane->rungs.position != 0 && send_signal(host, lane, SIGTERM))
        return true;
    readmit(host, lane, was_leaving);
    return false;
}

static void climb(struct cfi_host *host, struct cfi_lane *lane, int64_t now_ns,
                  struct cfi_endings *endings)
{
    struct cfi_rungs *rungs = &lane->rungs;
    enum cf_rung next =
        rungs->rung < CF_RUNG_KILLED ? rungs->rung + 1 : CF_RUNG_KILLED;

    if (next == CF_RUNG_ASKED) {
        atomic_store(&lane->region.rings->asked, rungs->position);
        cfi_future_ask(cfi_lane_head(lane));
    } else if (next == CF_RUNG_TERMINATED ? !terminate(host, lane, endings)
                                          : !send_signal(host, lane, SIGKILL)) {
        rungs->next_ns = now_ns + SOON_NS; /* where it is still at it */
        return;
    }
    rungs->rung = next;
    rungs->next_ns = rungs->rung == CF_RUNG_KILLED
                         ? INT64_MAX
                         : after_ns(now_ns, rungs->grace_ns);
}

/* Does what is due for a worker. Returns when to look again. */
static int64_t tend(struct cfi_host *host, struct cfi_lane *lane,
                    int64_t now_ns, struct cfi_endings *endings)
{
    struct cfi_rungs *rungs = &lane->rungs;

    cfi_host_drain_lane(host, lane, endings);
    if (lane->is_spoilt)
        return INT64_MAX;
    int64_t idle_ns = cfi_host_tend_idle(host, lane, now_ns);
    if (idle_ns != INT64_MAX)
        return idle_ns; /* it runs nothing */
    if (rungs->rung < CF_RUNG_TERMINATED && rungs->ends_with != CF_EXPIRED &&
        limit_ns(lane, now_ns) <= now_ns)
        expire(lane, now_ns);
    while (rungs->position != 0 && rungs->next_ns <= now_ns)
        climb(host, lane, now_ns, endings);
    int64_t next_ns = rungs->position != 0 ? rungs->next_ns : INT64_MAX;
    if (rungs->ends_with == CF_EXPIRED)
        return next_ns;
    int64_t over_ns = limit_ns(lane, now_ns);
    return over_ns < next_ns ? over_ns : next_ns;
}

static void ring(struct cfi_alarm *alarm)
{
    struct cfi_host *host =
        (struct cfi_host *)((char *)alarm - offsetof(struct cfi_host, alarm));
    struct cfi_endings endings = {0};
    int64_t now_ns = cfi_now_ns(), next_ns = INT64_MAX;

    cfi_host_lock(host);
    for (size_t i = 0; i < host->lanes_used; i++) {
        struct cfi_lane *lane = host->lanes[i];
        if (lane->region.rings == NULL)
            continue;
        int64_t due_ns = tend(host, lane, now_ns, &endings);
        next_ns = due_ns < next_ns ? due_ns : next_ns;
    }
    cfi_host_dispatch(host, &endings);
    hasten(host, next_ns);
    cfi_host_unlock(host, &endings);
}

void cfi_host_init_alarm(struct cfi_host *host)
{
    host->alarm = (struct cfi_alarm){.ring = ring};
}

/* --- cf_stop() --- */

/* It waits in the queue or in a ring for a further attempt: there is none. */
static void end_between_attempts(struct cf_future *future,
                                 struct cfi_endings *endings)
{
    cfi_future_ask(future);
    cfi_host_end(future, CF_STOPPED,
                 "the task was stopped between two attempts", endings);
}

static void stop_running(struct cfi_host *host, struct cfi_lane *lane,
                         int64_t grace_ns, struct cfi_endings *endings)
{
    struct cfi_rungs *rungs = &lane->rungs;
    int64_t now_ns = cfi_now_ns(), next_ns = after_ns(now_ns, grace_ns);

    if (rungs->position == 0) {
        *rungs = (struct cfi_rungs){.position = lane->drained,
                                    .ends_with = CF_STOPPED,
                                    .grace_ns = grace_ns,
                                    .next_ns = now_ns};
    } else if (next_ns < rungs->next_ns) {
        rungs->next_ns = next_ns;
        rungs->grace_ns = grace_ns;
    }
    hasten(host, tend(host, lane, now_ns, endings));
}

static enum cf_status try_to_stop(struct cfi_host *host,
                                  struct cf_future *future, int64_t grace_ns,
                                  struct cfi_endings *endings)
{
    struct cfi_lane *lane = NULL;

    if (cfi_rest(future)->ticket != CFI_TICKET_NONE &&
        cfi_rest(future)->ticket != CFI_TICKET_ENDED) {
        lane = host->lanes[cfi_ticket_lane(cfi_rest(future)->ticket)];
        cfi_host_drain_lane(host, lane, endings);
    }
    if (cfi_rest(future)->ticket == CFI_TICKET_ENDED)
        return CF_INVALID;
    if (future->has_extra)
        atomic_store(&cfi_rest(future)->extra->is_stopped, true);
    if (cfi_rest(future)->ticket == CFI_TICKET_NONE) {
        if (future->attempt == 0)
            return CF_AGAIN;
        (void)cfi_host_unqueue(host, future);
        end_between_attempts(future, endings);
    } else if (cfi_lane_has_started(lane, future)) {
        stop_running(host, lane, grace_ns, endings);
    } else {
        if (future->attempt == 0 || !cfi_lane_take_back(lane, future))
            return CF_AGAIN;
        end_between_attempts(future, endings);
        cfi_host_place(host, lane);
    }
    return CF_OK;
}

enum cf_status cfi_host_try_to_stop(struct cfi_host *host,
                                    struct cf_future *future, int64_t grace_ns,
                                    struct cfi_endings *endings)
{
    enum cf_status status = try_to_stop(host, future, grace_ns, endings);

    /* in any case: it may have found the lane free for what is queued, which
     * nobody else will then */
    cfi_host_dispatch(host, endings);
    return status;
}

enum cf_status cfi_host_stop_task(struct cfi_host *host,
                                  struct cf_future *future, int64_t grace_ns)
{
    enum cf_status status =
        grace_ns > 0 && grace_ns != CF_FOREVER
            ? cfi_timekeeper_start(&host->executor->timekeeper)
            : CF_OK;
    if (status != CF_OK)
        return status;
    do {
        struct cfi_endings endings = {0};
        cfi_host_lock(host);
        status = cfi_host_try_to_stop(host, future, grace_ns, &endings);
        cfi_host_unlock(host, &endings);
    } while (status == CF_AGAIN && !cf_cancel(future));
    if (status == CF_INVALID)
        return cfi_fail(CF_INVALID, "the task has ended");
    return CF_OK;
}
