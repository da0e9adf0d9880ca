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
 */
#include "admission.h"

#include "awaited.h"
#include "clock.h"
#include "interrupt.h"
#include "last_error.h"
#include "shift.h"
#include "watch.h"

enum cf_status cfi_executor_check_open(const struct cf_executor *executor)
{
    enum cf_status status = cfi_executor_check_ours(executor);

    if (status != CF_OK)
        return status;
    if (atomic_load(&executor->closed) != 0 ||
        (executor->backend->is_closed != NULL &&
         executor->backend->is_closed(executor->state)))
        return cfi_fail(CF_SHUTDOWN, "the executor is shut down");
    return cfi_executor_is_broken(executor)
               ? cfi_fail(CF_BROKEN, "%s", executor->broken_why)
               : CF_OK;
}

enum cf_status cfi_executor_turn_away(struct cf_executor *executor,
                                      size_t count, uint32_t epoch)
{
    cfi_executor_refuse(executor, count, epoch);
    return cfi_executor_check_open(executor);
}

enum cf_status cfi_executor_let_in(struct cf_executor *executor,
                                   uint32_t *epoch)
{
    *epoch = atomic_load(&executor->epoch);
    cfi_outside_enter(&executor->outside[cfi_thread_slot()], 1, *epoch);
    bool is_cancelling = atomic_load(&executor->cancels) != 0;
    if (!is_cancelling && !cfi_executor_is_broken(executor))
        return CF_OK;
    cfi_executor_refuse(executor, 1, *epoch);
    return is_cancelling ? cfi_fail(CF_SHUTDOWN, "the executor is shut down")
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

bool cfi_admission_sleep(struct cfi_eventcount *event, uint32_t key,
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
    bool is_on = cfi_admission_sleep(&executor->room, key, INT64_MAX);
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
    for (uint32_t epoch = 0; epoch < CFI_EPOCHS; epoch++)
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

bool cfi_executor_is_inside(const struct cf_executor *executor)
{
    return cfi_worker_of(executor) != NULL || cfi_is_calling_back(executor) ||
           cfi_executor_is_in_its_worker(executor);
}
