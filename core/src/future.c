/* SPDX-License-Identifier: MIT */
/*
 * One future: its states, and what follows from a step. Who is told when it is
 * final stands in watch.c.
 *
 *            cancel                          cancel, if the transport
 *      .--------------- PENDING  <--unsend--  gives the task back
 *      |               |      `--send-->  PENDING + SENT ------------.
 *      |             claim                      |                    |
 *      |               v                     publish                 |
 *      |            RUNNING --ask--> + ASKED    |                    |
 *      |               |               |        |                    |
 *      |       end_run |     end_run   | write_off                   |
 *      v               v               v        |                    v
 *  CANCELLED        FINISHED <------ SETTLED <--'                CANCELLED
 *
 * Who may write the outcome. A task that nobody asked to end is its runner's
 * alone, which goes straight to FINISHED. One that was asked can also be
 * written off, ended without its runner; both claim the right first: settle()
 * sets the flag SETTLED, from which only its winner moves on. The runner that
 * comes too late finds the outcome beside its own (`written_off`) and drops
 * what it has brought. A promise, a future without an executor, is settled
 * from PENDING or RUNNING by whoever sets it first; a task with an argument to
 * be destroyed, or an observer, on its way to CANCELLED too, so that both come
 * before the state is visible.
 *
 * Most tasks go from PENDING + BOUND to FINISHED, in one step: future_bound.h.
 *
 * CANCELLED and FINISHED are final: nothing changes after them, so a waiter
 * who saw one may stop looking. SENT marks a task that a transport carries
 * (to another process): whether it has started is then known over there, and
 * the backend is asked. How steps are made: future_head.h.
 */
#include "future_end.h"

#include <limits.h>

#include "admission.h"
#include "barrier.h"
#include "executor_impl.h"
#include "futex.h"
#include "ladder.h"
#include "observe.h"
#include "watch.h"

/* --- who is told: see watch.c --- */

/* The executor need not wait for it any more. */
static void count_out(struct cf_future *future)
{
    if (future->executor == NULL)
        return;
    if (future->travels) /* it holds the executor, and our caller holds it */
        cfi_executor_leave(future->executor, 1, future->epoch);
    else
        cfi_executor_task_ended(future->executor, future->epoch);
}

/* Follows a step into a final state. True: callbacks are due. */
static bool tell(struct cf_future *future, uint32_t flags)
{
    if (flags & CFI_WAITED)
        cfi_futex_wake(cfi_future_sleepers(future), INT_MAX);
    if (future->executor != NULL)
        cfi_executor_raise_event(future->executor);
    if ((flags & CFI_WATCHED) && cfi_watches_tell(future))
        return true;
    count_out(future);
    return false;
}

/* What has to be done once, before the outcome is visible, by who settled it. */
static void close(struct cf_future *future, enum cf_status status,
                  bool is_left_to_runner)
{
    if (!is_left_to_runner)
        cfi_extra_destroy_arg(cfi_future_extra(future));
    cfi_observe_finished(future, status);
}

/* A failure does, since the executor is to be told if nobody reads it. */
static void keep_executor(struct cf_future *future)
{
    if (!atomic_exchange(&cfi_rest(future)->holds_executor, true))
        cfi_executor_retain(future->executor);
}

/* Before the outcome is visible. */
static void account(struct cf_future *future, enum cf_status status)
{
    cfi_executor_outcome_known(future->executor, cfi_ending_of(status));
    if (status != CF_OK)
        keep_executor(future);
}

/* The caller alone may end it, wherever it stands; so one of these moves. */
bool cfi_future_publish(struct cf_future *future)
{
    static const uint32_t places[] = {
        CF_STATE_RUNNING,
        CF_STATE_PENDING | CFI_SENT,
        CF_STATE_PENDING | CFI_SETTLED,
        CF_STATE_RUNNING | CFI_SETTLED,
    };
    uint32_t flags = 0;
    size_t i = 0;

    if (future->executor != NULL) {
        if (future->ends_loudly)
            close(future, future->outcome.status, false);
        account(future, future->outcome.status);
    }
    while (!cfi_future_move(future, places[i], CF_STATE_FINISHED, &flags))
        i = (i + 1) % (sizeof places / sizeof places[0]);
    return tell(future, flags);
}

enum cfi_run_end cfi_future_end_run(struct cf_future *future,
                                    struct cfi_worker *worker, bool gives_back)
{
    uint64_t before;

    if (!future->ends_loudly && !cfi_future_is_asked(future)) {
        enum cf_status status = future->outcome.status;
        cfi_worker_knows_outcome(worker, future->executor, status);
        if (status != CF_OK)
            keep_executor(future);
        if (cfi_future_may_end_quietly(future) &&
            cfi_future_end_quietly(future, worker, gives_back))
            return gives_back ? CFI_RUN_GONE : CFI_RUN_OVER;
        if (cfi_future_step(future, CF_STATE_RUNNING, CFI_ASKED,
                            CF_STATE_FINISHED, 0, &before))
            return tell(future, before & CFI_FLAGS) ? CFI_RUN_CALLS_BACK
                                                    : CFI_RUN_OVER;
        cfi_executor_outcome_unknown(future->executor, cfi_ending_of(status));
    }
    if (!cfi_future_settle(future))
        return CFI_RUN_TOO_LATE;
    return cfi_future_publish(future) ? CFI_RUN_CALLS_BACK : CFI_RUN_OVER;
}

/* --- asked to end, and ended without its runner --- */

const struct cfi_outcome *cfi_future_outcome(const struct cf_future *future)
{
    return cfi_future_is_written_off(future) ? &future->written_off->outcome
                                             : &future->outcome;
}

bool cfi_future_write_off(struct cf_future *future, struct cfi_ladder *ladder,
                          bool *calls_back)
{
    struct cf_executor *executor = future->executor;
    uint32_t flags = 0;

    if (!cfi_future_move(future, CF_STATE_RUNNING,
                         CF_STATE_RUNNING | CFI_SETTLED, NULL))
        return false;
    cfi_ladder_conclude(ladder);
    future->written_off = ladder;
    close(future, ladder->status, true);
    account(future, ladder->status);
    atomic_fetch_add(&executor->written_off, 1);
    if (executor->backend->write_off != NULL) /* `open` keeps it alive */
        /* relaxed: who ran it is known to who has seen that it runs */
        executor->backend->write_off(
            executor->state,
            atomic_load_explicit(&future->worker, memory_order_relaxed));
    cfi_future_move(future, CF_STATE_RUNNING | CFI_SETTLED,
                    CF_STATE_FINISHED | CFI_WRITTEN_OFF, &flags);
    cfi_barrier_all(); /* see cfi_worker_count_out() */
    *calls_back = tell(future, flags);
    return true;
}

void cfi_future_run_callbacks(struct cf_future *future)
{
    cfi_watches_call_back(future);
    count_out(future);
}

void cfi_future_finish(struct cf_future *future)
{
    if (cfi_future_publish(future))
        cfi_future_run_callbacks(future);
}

static bool cancel_from(struct cf_future *future, uint32_t from,
                        bool *calls_back)
{
    uint32_t flags;

    if (future->executor != NULL && future->ends_loudly) {
        if (!cfi_future_move(future, from, CF_STATE_PENDING | CFI_SETTLED,
                             NULL))
            return false;
        close(future, CF_CANCELLED, false);
        from = CF_STATE_PENDING | CFI_SETTLED;
    }
    if (!cfi_future_move(future, from, CF_STATE_CANCELLED, &flags))
        return false;
    if (future->executor != NULL)
        cfi_executor_outcome_known(future->executor, CFI_CANCELLED);
    *calls_back = tell(future, flags);
    return true;
}

static bool cancel_and_call_back(struct cf_future *future, uint32_t from)
{
    bool calls_back;

    if (!cancel_from(future, from, &calls_back))
        return false;
    if (calls_back)
        cfi_future_run_callbacks(future);
    return true;
}

bool cfi_future_cancel_pending(struct cf_future *future)
{
    return cancel_and_call_back(future, CF_STATE_PENDING);
}

bool cfi_future_cancel_taken(struct cf_future *future)
{
    return cancel_and_call_back(future, CF_STATE_PENDING | CFI_SENT);
}

bool cfi_future_cancel_sent(struct cf_future *future)
{
    bool calls_back = false;

    cancel_from(future, CF_STATE_PENDING | CFI_SENT, &calls_back);
    return calls_back;
}

bool cfi_future_cancel_queued(struct cf_future *future)
{
    bool calls_back = false;

    cancel_from(future, CF_STATE_PENDING, &calls_back);
    return calls_back;
}
