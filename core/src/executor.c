/* SPDX-License-Identifier: MIT */
/*
 * An executor: a backend that runs, and who may still come in.
 *
 * submit counts itself into `open`, then looks whether the executor is closed;
 * shutdown closes it, then waits for `open` to fall to 0 (all sequentially
 * consistent). So a task is either refused, or counted before shutdown looks
 * and waited for: never accepted and lost.
 */
#include <cf/executor.h>

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "executor_impl.h"
#include "last_error.h"
#include "task_impl.h"

#define MOST_WORKERS 65536

static enum cf_status check(const struct cf_backend *backend,
                            const struct cf_options *options)
{
    if (backend == NULL)
        return cfi_fail(CF_INVALID, "no backend given");
    if (backend->missing != NULL)
        return cfi_fail(CF_UNSUPPORTED, "backend %s: %s", backend->name,
                        backend->missing);
    if (options->max_workers > MOST_WORKERS)
        return cfi_fail(CF_INVALID, "%zu workers: at most %d",
                        options->max_workers, MOST_WORKERS);
    for (size_t i = 0;
         i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        if (options->reserved[i] != 0)
            return cfi_fail(CF_INVALID, "a reserved option is not zero");
    return CF_OK;
}

static struct cf_executor *executor_new(const struct cf_backend *backend,
                                        const struct cf_options *options)
{
    struct cf_executor *executor = calloc(1, sizeof *executor);
    if (executor == NULL)
        return NULL;
    cfi_fork_watch();
    executor->backend = backend;
    executor->max_workers = options->max_workers != 0
                                ? options->max_workers
                                : backend->default_workers();
    executor->start_all = options->start_all;
    executor->record_times = options->record_times;
    executor->fork_generation = cfi_fork_generation();
    executor->references = 1;
    return executor;
}

enum cf_status cf_executor_create(const struct cf_backend *backend,
                                  const struct cf_options *options,
                                  struct cf_executor **executor)
{
    static const struct cf_options standard;

    if (executor == NULL)
        return cfi_fail(CF_INVALID, "no place given for the executor");
    *executor = NULL;
    if (options == NULL)
        options = &standard;
    enum cf_status status = check(backend, options);
    if (status != CF_OK)
        return status;
    struct cf_executor *made = executor_new(backend, options);
    if (made == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an executor");
    status = backend->start(made, &made->state);
    if (status != CF_OK) {
        free(made);
        return status;
    }
    *executor = made;
    return CF_OK;
}

void cfi_executor_retain(struct cf_executor *executor)
{
    /* relaxed: a new reference is made from one that is held */
    atomic_fetch_add_explicit(&executor->references, 1, memory_order_relaxed);
}

void cfi_executor_release(struct cf_executor *executor)
{
    /* acq_rel: every holder's access comes before the last one's free */
    if (atomic_fetch_sub_explicit(&executor->references, 1,
                                  memory_order_acq_rel) != 1)
        return;
    executor->backend->destroy(executor->state);
    free(executor);
}

bool cfi_executor_is_ours(const struct cf_executor *executor)
{
    return executor->fork_generation == cfi_fork_generation();
}

size_t cf_executor_workers(const struct cf_executor *executor)
{
    return executor->max_workers;
}

const struct cf_backend *cf_executor_backend(const struct cf_executor *executor)
{
    return executor->backend;
}

enum cf_status cfi_executor_enter(struct cf_executor *executor, size_t count)
{
    if (!cfi_executor_is_ours(executor))
        return cfi_fail(CF_BROKEN, "the executor belongs to the process that "
                                   "forked this one");
    atomic_fetch_add(&executor->open, count);
    if (atomic_load(&executor->closed) != 0) {
        cfi_executor_leave(executor, count);
        return cfi_fail(CF_SHUTDOWN, "the executor is shut down");
    }
    if (atomic_load(&executor->broken) != 0) {
        cfi_executor_leave(executor, count);
        return cfi_fail(CF_BROKEN, "the executor is broken");
    }
    /* relaxed: a count for deciding about workers, which publishes nothing */
    atomic_fetch_add_explicit(&executor->unfinished, count,
                              memory_order_relaxed);
    return CF_OK;
}

static void count_out(struct cf_executor *executor, size_t count)
{
    if (atomic_fetch_sub(&executor->open, count) == count)
        cfi_eventcount_notify(&executor->all_ended, CFI_EVERYBODY);
}

void cfi_executor_leave(struct cf_executor *executor, size_t count)
{
    count_out(executor, count);
}

void cfi_executor_outcome_known(struct cf_executor *executor)
{
    /* relaxed: see cfi_executor_enter() */
    atomic_fetch_sub_explicit(&executor->unfinished, 1, memory_order_relaxed);
}

void cfi_executor_task_ended(struct cf_executor *executor)
{
    const struct cfi_worker *worker = cfi_worker_current();

    if (worker != NULL && worker->executor == executor) {
        count_out(executor, 1); /* who destroys it joins us first */
        return;
    }
    /* any other thread may be overtaken by a destroy once `open` is 0 */
    cfi_executor_retain(executor);
    count_out(executor, 1);
    cfi_executor_release(executor);
}

enum cf_status cf_submit(struct cf_executor *executor, cf_function *function,
                         const void *arg, size_t arg_bytes,
                         struct cf_future **future)
{
    if (future != NULL)
        *future = NULL;
    if (executor == NULL || function == NULL || future == NULL ||
        (arg == NULL && arg_bytes > 0))
        return cfi_fail(CF_INVALID, "executor, function, argument or place "
                                    "for the future missing");
    enum cf_status status = cfi_executor_enter(executor, 1);
    if (status != CF_OK)
        return status;
    struct cf_future *made =
        cfi_future_create(executor, function, arg, arg_bytes);
    if (made == NULL) {
        status =
            cfi_fail(CF_NOMEM, "no memory for a task of %zu bytes", arg_bytes);
        goto leave;
    }
    if (made->times != NULL)
        made->times->submitted_ns = cfi_now_ns();
    cf_future_retain(made); /* the backend's */
    status = executor->backend->submit(executor->state, made);
    if (status != CF_OK)
        goto release_both;
    *future = made;
    return CF_OK;

release_both:
    cf_future_release(made);
    cf_future_release(made);
leave:
    cfi_executor_outcome_known(executor);
    cfi_executor_leave(executor, 1);
    return status;
}

static bool is_inside(const struct cf_executor *executor)
{
    const struct cfi_worker *worker = cfi_worker_current();
    return (worker != NULL && worker->executor == executor) ||
           cfi_callback_executor() == executor;
}

static enum cf_status wait_for_all(struct cf_executor *executor,
                                   int64_t deadline_ns)
{
    while (atomic_load(&executor->open) != 0) {
        uint32_t key = cfi_eventcount_prepare(&executor->all_ended);
        if (atomic_load(&executor->open) == 0) {
            cfi_eventcount_cancel(&executor->all_ended);
            break;
        }
        if (!cfi_eventcount_wait(&executor->all_ended, key, deadline_ns) &&
            atomic_load(&executor->open) != 0)
            return cfi_fail(CF_TIMEOUT, "tasks still run");
    }
    return CF_OK;
}

enum cf_status cf_shutdown(struct cf_executor *executor,
                           enum cf_shutdown_how how, int64_t timeout_ns)
{
    if (executor == NULL ||
        (how != CF_SHUTDOWN_DRAIN && how != CF_SHUTDOWN_CANCEL &&
         how != CF_SHUTDOWN_STOP))
        return cfi_fail(CF_INVALID, "no executor, or no such way to shut down");
    if (!cfi_executor_is_ours(executor))
        return cfi_fail(CF_BROKEN, "the executor belongs to the process that "
                                   "forked this one");
    atomic_store(&executor->closed, 1);
    if (how & CF_SHUTDOWN_CANCEL)
        executor->backend->cancel_pending(executor->state);
    if (how == CF_SHUTDOWN_STOP) {
        atomic_store(&executor->stopping, 1);
        if (executor->backend->tell_stopping != NULL)
            executor->backend->tell_stopping(executor->state);
    }
    if (timeout_ns > 0 && is_inside(executor))
        return cfi_fail(CF_DEADLOCK, "a task or callback cannot wait for the "
                                     "end of its own executor");
    return wait_for_all(executor, cfi_deadline_ns(timeout_ns));
}

void cf_executor_destroy(struct cf_executor *executor)
{
    if (executor == NULL)
        return;
    if (cfi_executor_is_ours(executor)) {
        atomic_store(&executor->closed, 1);
        wait_for_all(executor, INT64_MAX);
        executor->backend->stop(executor->state);
    }
    cfi_executor_release(executor);
}
