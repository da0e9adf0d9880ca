/* SPDX-License-Identifier: MIT */
/*
 * Workers that cannot begin, and what follows: the executor is broken, takes
 * no more tasks and ends those it has CF_BROKEN, with the reason.
 *
 * `broken` goes from 0 over 1, which the first to break it claims in order to
 * write the reason, to 2, which publishes it.
 */
#include <stdio.h>

#include "executor_impl.h"
#include "future_tie.h"
#include "inner_threads.h"
#include "task_impl.h"

void cfi_executor_break(struct cf_executor *executor, const char *why)
{
    uint32_t whole = CFI_WHOLE;

    if (!atomic_compare_exchange_strong(&executor->broken, &whole,
                                        CFI_BREAKING))
        return;
    snprintf(executor->broken_why, sizeof executor->broken_why, "%s", why);
    atomic_store(&executor->broken, CFI_IS_BROKEN);
    cfi_eventcount_notify(&executor->room, CFI_EVERYBODY);
}

bool cfi_worker_begin(struct cfi_worker *worker, struct cf_executor *executor)
{
    char why[80];

    worker->first = executor->first_worker;
    if (executor->first_spare > 0) {
        worker->is_remote = true;
        if (worker->index >= executor->max_workers)
            worker->first = executor->first_spare - executor->max_workers;
    }
    cfi_inner_threads_limit(executor);
    if (executor->initializer == NULL)
        return true;
    enum cf_status status = executor->initializer(
        cfi_worker_number(worker), executor->initializer_arg,
        executor->initializer_arg_bytes, &worker->state);
    cfi_worker_end_if_forked(worker);
    if (status == CF_OK)
        return true;
    snprintf(why, sizeof why, "the initializer of worker %zu returned %d",
             cfi_worker_number(worker), (int)status);
    cfi_executor_break(executor, why);
    return false;
}

void cfi_worker_end(struct cfi_worker *worker,
                    const struct cf_executor *executor)
{
    if (executor->finalizer != NULL)
        executor->finalizer(cfi_worker_number(worker), worker->state);
}

void cfi_future_break(struct cf_future *first)
{
    struct cf_future *next;

    for (struct cf_future *future = first; future != NULL; future = next) {
        next = cfi_future_next(future);
        if (cfi_future_claim(future)) {
            cfi_outcome_fail(&future->outcome, CF_BROKEN, 0, "%s",
                             future->executor->broken_why);
            cfi_future_finish(future);
        }
        cf_future_release(future);
    }
}
