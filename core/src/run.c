/* SPDX-License-Identifier: MIT */
/*
 * Running a future's task in this process. A queue entry is only a hint: the
 * claim decides, so that a cancelled task, or one that a waiter has run
 * itself, is passed over.
 *
 * Nearly every task is called once. Others may have a limit, which stands around
 * each attempt, and further attempts: RUNNING in between, on the same worker.
 */
#include <time.h>

#include "admission.h"
#include "branches.h"
#include "clock.h"
#include "executor_impl.h"
#include "future_bound.h"
#include "future_end.h"
#include "future_tie.h"
#include "ladder.h"
#include "observe.h"
#include "pool_claim.h"
#include "queue.h"
#include "shift.h"
#include "waits_for.h"

/* So many tasks may be inside each other's waits, however large the stack. */
#define MOST_DEPTH 1000u

/* Compiled for tasks about which nothing is special, and for any. */
#define FOR_EACH_KIND static inline __attribute__((always_inline))

FOR_EACH_KIND void call(struct cf_future *future, cf_function *function,
                        struct cfi_worker *worker, bool may_be_special)
{
    size_t space_bytes;
    void *space = cfi_future_space(future, &space_bytes);
    struct cf_task task = {
        .worker = worker,
        .future = future,
        .attempt = atomic_load_explicit(&future->attempt, memory_order_relaxed),
        .outcome = &future->outcome,
        .space = space,
        .space_bytes = space_bytes,
        .first = cfi_branch_first(worker),
    };
    task.open = task.first;
    /* between the stamps of start and end: no task that has expired took less
     * than its limit, by what they tell */
    bool has_limit = may_be_special && cfi_has_limit(cfi_future_extra(future));
    if (has_limit)
        cfi_limit_begin(future);
    cfi_task_call(&task, function,
                  may_be_special ? cfi_future_arg(future) : future->space,
                  may_be_special ? cfi_future_arg_bytes(future)
                                 : future->arg_bytes);
    if (worker->away > 0) /* a section ends with its task */
        cfi_worker_come_back(worker);
    if (has_limit)
        cfi_limit_end(future);
}

__attribute__((noinline)) static void call_timed(struct cf_future *future,
                                                 cf_function *function,
                                                 struct cfi_worker *worker)
{
    struct cfi_times *times = cfi_future_times(future);

    int64_t cpu_ns = cfi_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    times->started_ns = cfi_now_ns();
    call(future, function, worker, true);
    times->finished_ns = cfi_now_ns();
    times->cpu_ns = cfi_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
}

static void call_observed(struct cf_future *future, cf_function *function,
                          struct cfi_worker *worker)
{
    struct rusage before;

    cfi_observe_started(future);
    getrusage(RUSAGE_THREAD, &before);
    if (future->has_times)
        call_timed(future, function, worker);
    else
        call(future, function, worker, true);
    cfi_observe_usage(&before);
}

FOR_EACH_KIND void attempt(struct cf_future *future, cf_function *function,
                           struct cfi_worker *worker, bool may_be_special)
{
    /* relaxed, both: seen by others once the future is final */
    atomic_store_explicit(
        &future->attempt,
        atomic_load_explicit(&future->attempt, memory_order_relaxed) + 1,
        memory_order_relaxed);
    atomic_store_explicit(&future->worker, (uint32_t)cfi_worker_number(worker),
                          memory_order_relaxed);
    if (future->executor->observer != NULL)
        call_observed(future, function, worker);
    else if (future->has_times)
        call_timed(future, function, worker);
    else
        call(future, function, worker, may_be_special);
}

/* --- tasks about which something is special --- */

static unsigned failure_of(enum cf_status status)
{
    return status == CF_EXCEPTION ? CF_RETRY_EXCEPTION
           : status == CF_EXPIRED ? CF_RETRY_EXPIRED
           : status == CF_CRASHED ? CF_RETRY_CRASHED
                                  : 0;
}

bool cfi_future_may_try_again(const struct cf_future *future)
{
    const struct cfi_extra *extra = cfi_future_extra(future);
    unsigned failure = failure_of(future->outcome.status);

    return extra != NULL && failure != 0 && future->attempt <= extra->retries &&
           (extra->retry_on == 0 || (extra->retry_on & failure) != 0) &&
           !atomic_load(&extra->is_stopped) &&
           atomic_load(&future->executor->stopping) == 0;
}

/* May it be run again, now that an attempt has ended? If so nobody asks it to
 * end any more. */
static bool may_retry(struct cf_future *future)
{
    struct cfi_extra *extra = cfi_rest(future)->extra;

    if (!cfi_future_may_try_again(future) ||
        cfi_future_is_final(future)) /* it was written off meanwhile */
        return false;
    cfi_future_unask(future);
    /* cf_stop() sets this first, then asks: one of us sees the other */
    if (!atomic_load(&extra->is_stopped))
        return true;
    cfi_future_ask(future);
    return false;
}

static void attempt_within_limit(struct cf_future *future,
                                 cf_function *function,
                                 struct cfi_worker *worker)
{
    attempt(future, function, worker, true);
    if (atomic_load(&cfi_rest(future)->extra->has_expired))
        cfi_outcome_fail(&future->outcome, CF_EXPIRED, 0,
                         "the task ran past its time limit of %.9g s",
                         (double)cfi_rest(future)->extra->timeout_ns / 1e9);
}

__attribute__((noinline)) static void
attempt_repeatedly(struct cf_future *future, cf_function *function,
                   struct cfi_worker *worker)
{
    for (;;) {
        if (cfi_has_limit(cfi_future_extra(future)))
            attempt_within_limit(future, function, worker);
        else
            attempt(future, function, worker, true);
        if (worker->is_forked || !may_retry(future))
            return;
        cfi_tally_end(future->executor, CFI_RETRIED);
        cfi_outcome_clear(&future->outcome);
    }
}

/* --- the run as a whole --- */

/* It was written off: nobody waits for what it brought, its executor may be
 * ending. */
static void come_back(struct cf_future *future, struct cfi_worker *worker)
{
    cfi_outcome_clear(&future->outcome);
    cfi_extra_destroy_arg(cfi_future_extra(future));
    atomic_fetch_sub(&future->executor->written_off, 1);
    if (worker->absence != NULL)
        worker->absence->comes_back(worker);
}

__attribute__((noinline)) static bool
finish_any(struct cf_future *future, struct cfi_worker *worker, bool gives_back)
{
    const struct cfi_absence *absence = worker->absence;

    cfi_future_confirm(future);
    switch (cfi_future_end_run(future, worker, gives_back)) {
    case CFI_RUN_GONE:
        return true;
    case CFI_RUN_TOO_LATE:
        come_back(future, worker);
        break;
    case CFI_RUN_CALLS_BACK:
        if (absence != NULL)
            absence->calls_back(worker, true);
        cfi_future_run_callbacks(future);
        cfi_worker_end_if_forked(worker);
        if (absence != NULL)
            absence->calls_back(worker, false);
        break;
    case CFI_RUN_OVER:
        break;
    }
    return false;
}

static inline bool ends_quickly(const struct cf_future *future,
                                const struct cfi_worker *worker)
{
    return !future->ends_loudly && cfi_future_may_end_quietly(future) &&
           worker->tally != NULL && future->executor->limit == 0;
}

/* True: the runner's reference is gone, which `gives_back` allows. */
FOR_EACH_KIND bool finish(struct cf_future *future, struct cfi_worker *worker,
                          bool gives_back)
{
    struct cf_executor *executor = future->executor;

    if (ends_quickly(future, worker)) {
        cfi_tally_count(&worker->tally->ended[CFI_SUCCEEDED], 1);
        if (cfi_future_end_quietly(future, worker, gives_back))
            return gives_back;
        cfi_executor_outcome_unknown(executor, CFI_SUCCEEDED);
    }
    return finish_any(future, worker, gives_back);
}

/* Of one future that was claimed; as finish(). */
FOR_EACH_KIND bool run_claimed(struct cf_future *future, cf_function *function,
                               struct cfi_worker *worker, bool gives_back)
{
    struct cf_future *outer = worker->running; /* it waits for this one */

    worker->ran++;
    cfi_worker_begins_task(worker, future->epoch);
    atomic_store_explicit(&worker->running, future, memory_order_relaxed);
    if (!future->has_extra)
        attempt(future, function, worker, false);
    else
        attempt_repeatedly(future, function, worker);
    atomic_store_explicit(&worker->running, outer, memory_order_relaxed);
    cfi_worker_end_if_forked(worker);
    return finish(future, worker, gives_back);
}

void cfi_future_run_claimed(struct cf_future *future, cf_function *function,
                            struct cfi_worker *worker)
{
    (void)run_claimed(future, function, worker, false);
}

/* Who cancels sees neither what is on its way between queues, nor a chunk's rest. */
static inline bool is_to_be_cancelled(const struct cf_future *first)
{
    return atomic_load(&first->executor->cancels) != 0;
}

/* The callbacks may last. */
__attribute__((noinline)) static void cancel_chunk(struct cf_future *first,
                                                   struct cfi_worker *worker)
{
    const struct cfi_absence *absence = worker->absence;

    cfi_worker_catch_up(worker);
    if (absence != NULL)
        absence->calls_back(worker, true);
    cfi_chunk_cancel(first);
    if (absence != NULL)
        absence->calls_back(worker, false);
}

/* Of a chunk that has begun. False: it is to be gone on with. */
static bool leaves_rest(struct cf_future *rest, struct cfi_worker *worker)
{
    const struct cfi_absence *absence = worker->absence;

    if (!is_to_be_cancelled(rest))
        return absence != NULL && absence->hands_on != NULL &&
               absence->hands_on(worker, rest);
    cancel_chunk(rest, worker);
    return true;
}

/* Of a chunk, with a reference that is given back. */
FOR_EACH_KIND void run_one(struct cf_future *future, struct cfi_worker *worker)
{
    cf_function *function = future->function;
    bool is_claimed = cfi_future_claim_entry(future);

    if (is_claimed && run_claimed(future, function, worker, true))
        return;
    if (!is_claimed)
        cfi_worker_catch_up(worker); /* the release may call a handler */
    cf_future_release(future);
}

void cfi_future_run(struct cf_future *first, struct cfi_worker *worker)
{
    struct cf_future *next;

    if (is_to_be_cancelled(first)) {
        cfi_future_let_go(first);
        cancel_chunk(first, worker);
        return;
    }
    for (struct cf_future *future = first; future != NULL; future = next) {
        next = cfi_future_next(future);
        run_one(future, worker);
        if (next != NULL && leaves_rest(next, worker))
            return;
    }
}

/* Claims what a worker waits for; `*has_entry`: with its entry's reference. */
static inline bool claim_for(struct cfi_worker *worker,
                             struct cf_future *future, bool *has_entry)
{
    const struct cf_executor *executor = worker->executor;

    *has_entry = false;
    if (executor->backend->borrow != NULL)
        return executor->backend->borrow(executor->state, future);
    if (cfi_state_of(cfi_future_word(future)) != CF_STATE_PENDING)
        return false;
    if (cfi_future_next(future) != NULL) /* its entry stands for others too */
        return cfi_future_claim_in_place(future);
    bool is_claimed = cfi_pool_claim(worker, future, has_entry);
    if (*has_entry && !is_claimed)
        cf_future_release(future); /* not the last: our caller has one */
    return is_claimed;
}

/* Of a worker that waits for it, be it in another executor's task inside its own. */
static inline void run_in_wait(struct cf_future *future, cf_function *function,
                               struct cfi_worker *worker, bool has_entry)
{
    struct cfi_worker *current = cfi_worker_current();
    unsigned away = worker->away;
    struct cfi_shift shift;
    struct cfi_help help;

    if (away > 0)
        cfi_worker_come_back(worker);
    /* cannot close a circle: it has not started, so it waits for nobody */
    cfi_help_begin(&help, worker, current->running, future);
    if (worker != current)
        cfi_shift_begin(&shift, worker);
    worker->depth++;
    if (!run_claimed(future, function, worker, has_entry) && has_entry)
        cf_future_release(future);
    worker->depth--;
    if (worker != current)
        cfi_shift_end(&shift);
    cfi_help_end(&help, worker);
    if (away > 0)
        cfi_worker_go_away(worker, away);
}

/* That of the worker's own thread is noted; not of one that stands in for it. */
__attribute__((noinline)) static bool has_room(struct cfi_worker *worker)
{
    if (worker->stack.half == 0 && cfi_shift_current() == NULL)
        worker->stack = cfi_stack_of_this_thread();
    return cfi_stack_has_room(worker->depth);
}

/* The first is not: who has used half of the stack may wait, as it may call. */
static bool is_too_deep(struct cfi_worker *worker)
{
    return worker->depth >= MOST_DEPTH ||
           (worker->depth > 0 && !cfi_stack_is_in(&worker->stack) &&
            !has_room(worker));
}

bool cfi_future_help(struct cf_future *future)
{
    struct cfi_worker *worker = cfi_worker_of(future->executor);

    if (worker == NULL || worker->executor == NULL)
        return false;
    worker->is_too_deep = is_too_deep(worker);
    if (worker->is_too_deep ||
        (cfi_has_limit(cfi_future_extra(future)) &&
         !cfi_executor_is_without_spares(future->executor)))
        return false;
    cf_function *function = future->function;
    bool has_entry;
    if (!claim_for(worker, future, &has_entry))
        return false;
    run_in_wait(future, function, worker, has_entry);
    const struct cf_executor *executor = worker->executor;
    if (executor->backend->give_back != NULL)
        executor->backend->give_back(executor->state, future);
    return true;
}
