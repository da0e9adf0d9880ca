/* SPDX-License-Identifier: MIT */
/*
 * The ladder by which a running task is ended, for a limit of its own or by
 * cf_stop(), where it runs in a thread of this process:
 *
 *      asked       cf_stopping() is true for it; it may come back by itself
 *      abandoned   after a grace: its future ends without it, its worker is
 *                  written off until it comes back, and may be replaced
 *
 * A thread cannot be ended from outside without leaving its locks and memory
 * behind, so these are all the rungs; where tasks run in processes the backend
 * has more.
 *
 * A limit's ladder is a part of its future's block and asks when the limit is
 * over. That of cf_stop() is a block of its own, since any task can be stopped:
 * it holds its future, and ends with its last rung, or with the executor.
 */
#include "ladder.h"

#include <stddef.h>
#include <stdlib.h>

#include "clock.h"
#include "executor_impl.h"
#include "future_impl.h"
#include "last_error.h"
#include "watch.h"

#define STANDARD_GRACE_NS 100000000

int64_t cfi_grace_ns(int64_t wished_ns)
{
    return wished_ns > 0 ? wished_ns : STANDARD_GRACE_NS;
}

static void run_callbacks(struct cfi_alarm *alarm)
{
    struct cfi_ladder *ladder =
        (struct cfi_ladder *)((char *)alarm -
                              offsetof(struct cfi_ladder, callbacks));
    struct cf_future *future = ladder->future;

    cfi_future_run_callbacks(future);
    cf_future_release(future);
}

/* Callbacks may block, and the next alarm is not to wait for them. */
static void call_back(struct cfi_ladder *ladder)
{
    struct cfi_timekeeper *caller = &ladder->future->executor->caller;

    cf_future_retain(ladder->future);
    ladder->callbacks.ring = run_callbacks;
    if (cfi_timekeeper_start(caller) != CF_OK ||
        !cfi_timekeeper_set(caller, &ladder->callbacks, 0))
        run_callbacks(&ladder->callbacks);
}

/* Gives back a block that no future owns. */
static void drop(struct cfi_alarm *alarm)
{
    struct cfi_ladder *ladder = (struct cfi_ladder *)alarm;

    if (!ladder->is_block)
        return;
    cf_future_release(ladder->future);
    free(ladder);
}

static void write_off(struct cfi_ladder *ladder)
{
    struct cf_future *future = ladder->future;
    bool is_block = ladder->is_block;
    bool calls_back;

    if (!cfi_future_write_off(future, ladder, &calls_back)) {
        drop(&ladder->alarm); /* it has come back */
        return;
    }
    if (calls_back)
        call_back(ladder);
    if (is_block)
        cf_future_release(future); /* from here on the future has the ladder */
}

static void climb(struct cfi_alarm *alarm)
{
    struct cfi_ladder *ladder = (struct cfi_ladder *)alarm;
    struct cf_future *future = ladder->future;

    if (ladder->has_asked) {
        write_off(ladder);
        return;
    }
    ladder->has_asked = true;
    atomic_store(&cfi_rest(future)->extra->has_expired, true);
    if (cfi_future_ask(future))
        cfi_timekeeper_set(
            &future->executor->timekeeper, alarm,
            cfi_deadline_ns(cfi_grace_ns(cfi_rest(future)->extra->grace_ns)));
}

void cfi_ladder_init(struct cfi_ladder *ladder, struct cf_future *future,
                     enum cf_status status)
{
    *ladder = (struct cfi_ladder){
        .alarm = {.ring = climb, .drop = drop},
        .future = future,
        .status = status,
    };
}

void cfi_ladder_conclude(struct cfi_ladder *ladder)
{
    bool is_limit = ladder->status == CF_EXPIRED;

    cfi_outcome_fail(&ladder->outcome, ladder->status, 0,
                     "the task %s and did not come back when it was asked",
                     is_limit ? "ran past its time limit" : "was stopped");
    ladder->ended_ns = cfi_now_ns();
}

void cfi_ladder_finish(struct cfi_ladder *ladder)
{
    cfi_outcome_clear(&ladder->outcome);
    if (ladder->is_block)
        free(ladder);
}

/* --- a task with a limit --- */

void cfi_limit_begin(struct cf_future *future)
{
    struct cfi_extra *extra = cfi_rest(future)->extra;

    atomic_store(&extra->has_expired, false);
    extra->ladder->has_asked = false;
    cfi_timekeeper_set(&future->executor->timekeeper, &extra->ladder->alarm,
                       cfi_deadline_ns(extra->timeout_ns));
}

void cfi_limit_end(struct cf_future *future)
{
    cfi_timekeeper_cancel(&future->executor->timekeeper,
                          &cfi_rest(future)->extra->ladder->alarm);
}

/* --- stopping --- */

/* A ladder that was climbed to its last rung but one. */
static enum cf_status ladder_create(struct cf_executor *executor,
                                    struct cf_future *future,
                                    struct cfi_ladder **made)
{
    enum cf_status status = cfi_timekeeper_start(&executor->timekeeper);
    if (status != CF_OK)
        return status;
    struct cfi_ladder *ladder = malloc(sizeof *ladder);
    if (ladder == NULL)
        return cfi_fail(CF_NOMEM, "no memory to stop a task");
    cfi_ladder_init(ladder, future, CF_STOPPED);
    ladder->is_block = ladder->has_asked = true;
    cf_future_retain(future);
    *made = ladder;
    return CF_OK;
}

static bool ask(struct cf_future *future)
{
    if (cfi_rest(future)->extra != NULL)
        atomic_store(&cfi_rest(future)->extra->is_stopped, true);
    return cfi_future_ask(future);
}

static enum cf_status stop_here(struct cf_executor *executor,
                                struct cf_future *future, int64_t grace_ns)
{
    struct cfi_ladder *ladder = NULL;

    enum cf_status status = grace_ns != CF_FOREVER
                                ? ladder_create(executor, future, &ladder)
                                : CF_OK;
    if (status != CF_OK)
        return status;
    bool is_asked = ask(future);
    if (ladder != NULL &&
        (!is_asked ||
         !cfi_timekeeper_set(&executor->timekeeper, &ladder->alarm,
                             grace_ns > 0 ? cfi_deadline_ns(grace_ns) : 0)))
        drop(&ladder->alarm);
    return is_asked ? CF_OK : cfi_fail(CF_INVALID, "the task has ended");
}

enum cf_status cf_stop(struct cf_future *future, int64_t grace_ns)
{
    if (future == NULL)
        return cfi_fail(CF_INVALID, "no future given");
    if (cfi_future_is_final(future))
        return cfi_fail(CF_INVALID, "the task has ended");
    if (!cfi_future_is_ours(future))
        return cfi_fail(CF_BROKEN, "the task belongs to the process that "
                                   "forked this one");
    if (cf_cancel(future))
        return CF_OK;
    struct cf_executor *executor = cfi_watch_pin_executor(future);
    if (executor == NULL)
        return cfi_fail(future->executor == NULL ? CF_UNSUPPORTED : CF_INVALID,
                        future->executor == NULL
                            ? "nobody but who made this future can end it"
                            : "the task has ended");
    enum cf_status status;
    if (!future->travels)
        status = stop_here(executor, future, grace_ns);
    else if (executor->backend->stop_task != NULL)
        status = executor->backend->stop_task(executor->state, future,
                                              grace_ns > 0 ? grace_ns : 0);
    else
        status = cfi_fail(CF_UNSUPPORTED, "backend %s cannot stop a task",
                          executor->backend->name);
    cfi_executor_release(executor);
    return status;
}
