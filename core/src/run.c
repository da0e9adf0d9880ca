/* SPDX-License-Identifier: MIT */
/*
 * Running a future's task in this process. A queue entry is only a hint: the
 * claim decides, so that a cancelled task, or one that a waiter has run
 * itself, is passed over.
 */
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "future_impl.h"
#include "waits_for.h"

static void call(struct cf_future *future, struct cfi_worker *worker)
{
    cfi_task_run(worker, future->function, cfi_future_arg(future),
                 future->arg_bytes, cfi_future_space(future),
                 future->space_bytes, &future->outcome);
}

static void call_timed(struct cf_future *future, struct cfi_worker *worker)
{
    struct cfi_times *times = future->times;

    int64_t cpu_ns = cfi_clock_ns(CLOCK_THREAD_CPUTIME_ID);
    times->started_ns = cfi_now_ns();
    call(future, worker);
    times->finished_ns = cfi_now_ns();
    times->cpu_ns = cfi_clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns;
}

static void finish(struct cf_future *future, struct cfi_worker *worker)
{
    if (!cfi_future_publish(future))
        return;
    if (worker->calls_back != NULL)
        worker->calls_back(worker, true);
    cfi_future_run_callbacks(future);
    if (worker->calls_back != NULL)
        worker->calls_back(worker, false);
}

void cfi_future_run_claimed(struct cf_future *future, struct cfi_worker *worker)
{
    struct cf_future *outer = worker->running; /* it waits for this one */

    worker->running = future;
    future->attempt++;
    future->worker = (uint32_t)worker->index;
    if (future->times != NULL)
        call_timed(future, worker);
    else
        call(future, worker);
    worker->running = outer;
    finish(future, worker);
}

void cfi_future_run(struct cf_future *first, struct cfi_worker *worker)
{
    struct cf_future *next;

    for (struct cf_future *future = first; future != NULL; future = next) {
        next = future->chunk;
        if (cfi_future_claim(future))
            cfi_future_run_claimed(future, worker);
        cf_future_release(future);
    }
}

bool cfi_future_help(struct cf_future *future)
{
    struct cfi_worker *worker = cfi_worker_current();

    if (worker == NULL || worker->executor == NULL ||
        worker->executor != future->executor || !cfi_future_claim(future))
        return false;
    /* cannot close a circle: it has not started, so it waits for nobody */
    bool is_noted = cfi_waits_for_begin(future);
    cfi_future_run_claimed(future, worker);
    if (is_noted)
        cfi_waits_for_end();
    return true;
}
