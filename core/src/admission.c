/* SPDX-License-Identifier: MIT */
/*
 * Who may come in, and when all are gone.
 *
 * A submit counts itself in, then looks whether the executor is closed;
 * shutdown closes it, then adds up (see tally.c). So a task is either refused,
 * or counted before shutdown looks and waited for: never accepted and lost.
 *
 * Who waits until all are gone says so in `awaiting`, then adds up; who counts
 * a task out reads `awaiting` after it, both sequentially consistent, and adds
 * up itself if somebody waits: one of the two sees that it was the last.
 *
 * A pool's worker that goes on to another task of the same epoch cannot have
 * counted the last one out, as that one is still in and will be counted out by
 * itself. So it puts its look off (`unsaid`) until its next task is claimed,
 * which mostly does away with it, or until there is none: adding up with every
 * task would have all workers read each other's counts while somebody joins.
 * It is the look that is preceded by the sequentially consistent store.
 *
 * Tasks are counted by epoch. A join that wants only what came before it waits
 * until the epoch not in use is empty, turns to it, so that whoever comes
 * later counts there, and waits for the other to empty. A submit that read the
 * epoch before the turn and counts after it is one that the join need not wait
 * for; the next join does, in its first step.
 */
#include "admission.h"

#include "awaited.h"
#include "clock.h"
#include "interrupt.h"
#include "last_error.h"
#include "shift.h"
#include "watch.h"

enum cf_status cfi_executor_turn_away(struct cf_executor *executor,
                                      size_t count, uint32_t epoch)
{
    cfi_executor_refuse(executor, count, epoch);
    return atomic_load(&executor->closed) != 0
               ? cfi_fail(CF_SHUTDOWN, "the executor is shut down")
               : cfi_fail(CF_BROKEN, "%s", executor->broken_why);
}

static bool take_room(struct cf_executor *executor)
{
    size_t seen = atomic_load(&executor->occupied);

    do {
        if (seen >= executor->limit)
            return false;
    } while (
        !atomic_compare_exchange_weak(&executor->occupied, &seen, seen + 1));
    return true;
}

/* A sleep for which somebody may stand in; a poll is none. False: not in time, or
 * interrupted. */
static bool sleep_on(struct cfi_eventcount *event, uint32_t key,
                     int64_t deadline_ns)
{
    bool is_poll = deadline_ns == INT64_MIN;

    if (!is_poll)
        cfi_sleep_elsewhere_begin();
    bool is_on = cfi_interruptible_event_wait(event, key, deadline_ns);
    if (!is_poll)
        cfi_sleep_elsewhere_end();
    return is_on;
}

/* Sleeps until there may be room, or a reason to be refused. False: the wait
 * was interrupted. */
static bool await_room(struct cf_executor *executor)
{
    uint32_t key = cfi_eventcount_prepare(&executor->room);

    if (atomic_load(&executor->occupied) < executor->limit ||
        atomic_load(&executor->closed) != 0 ||
        cfi_executor_is_broken(executor)) {
        cfi_eventcount_cancel(&executor->room);
        return true;
    }
    bool is_on = sleep_on(&executor->room, key, INT64_MAX);
    if (!is_on) /* a wake meant for one may have come at the same moment */
        cfi_eventcount_notify(&executor->room, 1);
    return is_on;
}

/* `is_remote`: for a worker in another process. */
static enum cf_status enter_bounded(struct cf_executor *executor,
                                    bool is_remote, uint32_t *epoch,
                                    bool *must_run)
{
    *must_run = false;
    if (executor->limit == 0)
        return cfi_executor_knock(executor, 1, epoch);
    for (;;) {
        enum cf_status status = cfi_executor_knock(executor, 1, epoch);
        if (status != CF_OK || take_room(executor))
            return status;
        if (executor->when_full == CF_WHEN_FULL_RUN ||
            (executor->when_full == CF_WHEN_FULL_BLOCK &&
             (is_remote || cfi_executor_is_inside(executor)))) {
            atomic_fetch_add(&executor->occupied, 1);
            *must_run = true;
            return CF_OK;
        }
        cfi_executor_refuse(executor, 1, *epoch);
        if (executor->when_full == CF_WHEN_FULL_FAIL)
            return cfi_fail(CF_FULL, "%zu tasks run or wait already",
                            executor->limit);
        if (!await_room(executor)) {
            cfi_forget_interrupt();
            return cfi_fail(CF_FULL, "the wait for room was interrupted");
        }
    }
}

enum cf_status cfi_executor_enter_where_full(struct cf_executor *executor,
                                             uint32_t *epoch, bool *must_run)
{
    return enter_bounded(executor, false, epoch, must_run);
}

enum cf_status cfi_executor_enter_for_worker(struct cf_executor *executor,
                                             uint32_t *epoch, bool *must_run)
{
    return enter_bounded(executor, true, epoch, must_run);
}

static void make_room(struct cf_executor *executor, size_t count)
{
    if (executor->limit == 0)
        return;
    atomic_fetch_sub(&executor->occupied, count);
    cfi_eventcount_notify(&executor->room, 1);
}

void cfi_executor_outcome_known(struct cf_executor *executor,
                                enum cfi_ending ending)
{
    cfi_tally_end(executor, ending);
    make_room(executor, 1);
}

void cfi_executor_outcome_unknown(struct cf_executor *executor,
                                  enum cfi_ending ending)
{
    cfi_tally_unend(executor, ending);
    if (executor->limit == 0)
        return;
    atomic_fetch_add(&executor->occupied, 1);
    /* who looked meanwhile may have seen no room */
    cfi_eventcount_notify(&executor->room, 1);
}

void cfi_executor_leave(struct cf_executor *executor, size_t count,
                        uint32_t epoch)
{
    cfi_tally_leave(executor, count, epoch);
    if (atomic_load(&executor->awaiting) != 0 &&
        cfi_tally_is_level(executor, epoch))
        cfi_eventcount_notify(&executor->all_ended, CFI_EVERYBODY);
}

void cfi_executor_refuse(struct cf_executor *executor, size_t count,
                         uint32_t epoch)
{
    cfi_tally_refuse(executor, count);
    cfi_executor_leave(executor, count, epoch);
}

void cfi_executor_withdraw(struct cf_executor *executor, size_t count,
                           uint32_t epoch)
{
    make_room(executor, count);
    cfi_executor_refuse(executor, count, epoch);
}

void cfi_executor_task_ended(struct cf_executor *executor, uint32_t epoch)
{
    const struct cfi_worker *worker = cfi_worker_current();

    if (worker != NULL && worker->executor == executor) {
        cfi_executor_leave(executor, 1,
                           epoch); /* who destroys it joins us first */
        return;
    }
    /* any other thread may be overtaken by a destroy once all have left */
    cfi_executor_retain(executor);
    cfi_executor_leave(executor, 1, epoch);
    cfi_executor_release(executor);
}

void cfi_worker_say(struct cfi_worker *worker, uint32_t epochs)
{
    worker->unsaid &= ~epochs;
    for (uint32_t epoch = 0; epoch < 2; epoch++)
        if (epochs >> epoch & 1)
            cfi_executor_leave(worker->executor, 0, epoch);
}

void cfi_executor_close(struct cf_executor *executor, unsigned how)
{
    if (how & CF_SHUTDOWN_CANCEL)
        atomic_store(&executor->cancels, 1);
    atomic_store(&executor->closed, 1);
    cfi_tally_see_all(executor);
    cfi_eventcount_notify(&executor->room, CFI_EVERYBODY);
}

/* Is this one of its worker processes, and the executor its host's? */
static bool is_in_its_worker(const struct cf_executor *executor)
{
    return executor->backend->borrow != NULL;
}

bool cfi_executor_is_inside(const struct cf_executor *executor)
{
    return cfi_worker_of(executor) != NULL || cfi_is_calling_back(executor) ||
           is_in_its_worker(executor);
}

/* --- waiting until all are gone --- */

/* Sleeps until all of an epoch have left. */
static bool sleep_until_level(struct cf_executor *executor, uint32_t epoch,
                              int64_t deadline_ns)
{
    while (!cfi_tally_is_level(executor, epoch)) {
        uint32_t key = cfi_eventcount_prepare(&executor->all_ended);
        if (cfi_tally_is_level(executor, epoch)) {
            cfi_eventcount_cancel(&executor->all_ended);
            break;
        }
        if (!sleep_on(&executor->all_ended, key, deadline_ns))
            return cfi_tally_is_level(executor, epoch);
    }
    return true;
}

static bool await_none_open(struct cf_executor *executor, uint32_t epoch,
                            int64_t deadline_ns)
{
    /* whoever asks is open himself, and only his host counts him */
    if (is_in_its_worker(executor))
        return false;
    if (cfi_tally_is_level(executor, epoch))
        return true;
    atomic_fetch_add(&executor->awaiting, 1);
    bool is_level = sleep_until_level(executor, epoch, deadline_ns);
    atomic_fetch_sub(&executor->awaiting, 1);
    return is_level;
}

enum cf_status cfi_executor_await_all(struct cf_executor *executor,
                                      int64_t deadline_ns)
{
    /* the executor is closed: what was seen empty stays so */
    if (await_none_open(executor, 0, deadline_ns) &&
        await_none_open(executor, 1, deadline_ns))
        return CF_OK;
    return cfi_fail_timeout("tasks still run");
}

/* One thread at a time turns the epoch. False: not in time. */
static bool begin_join(struct cf_executor *executor, int64_t deadline_ns)
{
    for (;;) {
        uint32_t nobody = 0;
        uint32_t key = cfi_eventcount_prepare(&executor->join_ended);
        if (atomic_compare_exchange_strong(&executor->is_joining, &nobody, 1)) {
            cfi_eventcount_cancel(&executor->join_ended);
            return true;
        }
        if (!sleep_on(&executor->join_ended, key, deadline_ns)) {
            /* as in await_room(): passed on */
            cfi_eventcount_notify(&executor->join_ended, 1);
            return false;
        }
    }
}

static void end_join(struct cf_executor *executor)
{
    atomic_store(&executor->is_joining, 0);
    cfi_eventcount_notify(&executor->join_ended, 1);
}

static bool turn_and_wait(struct cf_executor *executor, int64_t deadline_ns)
{
    uint32_t epoch = atomic_load(&executor->epoch);

    if (!await_none_open(executor, 1 - epoch, deadline_ns))
        return false;
    atomic_store(&executor->epoch, 1 - epoch);
    return await_none_open(executor, epoch, deadline_ns);
}

enum cf_status cf_join(struct cf_executor *executor, int64_t timeout_ns)
{
    if (executor == NULL)
        return cfi_fail(CF_INVALID, "no executor given");
    enum cf_status status = cfi_executor_check_ours(executor);
    if (status != CF_OK)
        return status;
    if (timeout_ns > 0 && cfi_executor_is_inside(executor))
        return cfi_fail(CF_DEADLOCK, "a task or callback cannot wait for the "
                                     "end of all, its own included");
    int64_t deadline_ns = cfi_deadline_ns(timeout_ns);
    bool is_done = false;
    if (begin_join(executor, deadline_ns)) {
        is_done = turn_and_wait(executor, deadline_ns);
        end_join(executor);
    }
    return is_done ? CF_OK : cfi_fail_timeout("tasks still run");
}
