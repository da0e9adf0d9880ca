/* SPDX-License-Identifier: MIT */
/* An executor's life: made with its backend, shut down, destroyed. */
#include <cf/executor.h>

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "executor_impl.h"
#include "inner_threads.h"
#include "last_error.h"

#define MOST_WORKERS 65536

static enum cf_status check(const struct cf_backend *backend,
                            const struct cf_options *options)
{
    if (backend == NULL)
        return cfi_fail(CF_INVALID, "no backend given");
    const char *missing = cf_backend_missing(backend);
    if (missing != NULL)
        return cfi_fail(CF_UNSUPPORTED, "backend %s: %s", backend->name,
                        missing);
    if (options->max_workers > MOST_WORKERS)
        return cfi_fail(CF_INVALID, "%zu workers: at most %d",
                        options->max_workers, MOST_WORKERS);
    if (options->initializer_arg == NULL && options->initializer_arg_bytes > 0)
        return cfi_fail(CF_INVALID, "no argument for the initializer given");
    if (options->when_full > CF_WHEN_FULL_RUN)
        return cfi_fail(CF_INVALID, "no such way to meet a full queue");
    if (options->when_full == CF_WHEN_FULL_RUN && backend->needs_worker)
        return cfi_fail(CF_UNSUPPORTED,
                        "backend %s cannot run a task in its caller",
                        backend->name);
    for (size_t i = 0;
         i < sizeof options->reserved / sizeof options->reserved[0]; i++)
        if (options->reserved[i] != 0)
            return cfi_fail(CF_INVALID, "a reserved option is not zero");
    return CF_OK;
}

static void free_executor(struct cf_executor *executor)
{
    free(executor->initializer_arg);
    free(executor);
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
    executor->when_full = options->when_full;
    if (options->initializer_arg_bytes > 0) {
        executor->initializer_arg = malloc(options->initializer_arg_bytes);
        if (executor->initializer_arg == NULL) {
            free(executor);
            return NULL;
        }
        memcpy(executor->initializer_arg, options->initializer_arg,
               options->initializer_arg_bytes);
    }
    cfi_inner_threads_find(executor, options->inner_threads);
    executor->initializer = options->initializer;
    executor->initializer_arg_bytes = options->initializer_arg_bytes;
    executor->finalizer = options->finalizer;
    executor->on_error = options->on_error;
    executor->on_error_context = options->on_error_context;
    executor->fork_generation = cfi_fork_generation();
    executor->references = 1;
    return executor;
}

/* How many tasks may be unfinished, so that `pending` of them wait. */
static size_t limit_of(size_t workers, size_t pending)
{
    return pending > SIZE_MAX - workers ? SIZE_MAX : workers + pending;
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
        free_executor(made);
        return status;
    }
    if (options->max_pending > 0)
        made->limit = limit_of(made->max_workers, options->max_pending);
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
    cfi_executor_close_fd(executor);
    free_executor(executor);
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
    cfi_executor_close(executor);
    if (how & CF_SHUTDOWN_CANCEL)
        executor->backend->cancel_pending(executor->state);
    if (how == CF_SHUTDOWN_STOP) {
        atomic_store(&executor->stopping, 1);
        if (executor->backend->tell_stopping != NULL)
            executor->backend->tell_stopping(executor->state);
    }
    if (timeout_ns > 0 && cfi_executor_is_inside(executor))
        return cfi_fail(CF_DEADLOCK, "a task or callback cannot wait for the "
                                     "end of its own executor");
    return cfi_executor_await_all(executor, cfi_deadline_ns(timeout_ns));
}

void cf_executor_destroy(struct cf_executor *executor)
{
    if (executor == NULL)
        return;
    if (cfi_executor_is_ours(executor)) {
        cfi_executor_close(executor);
        while (cfi_executor_await_all(executor, INT64_MAX) != CF_OK)
            ; /* not to be interrupted: who returned would free too early */
        executor->backend->stop(executor->state);
    }
    cfi_executor_release(executor);
}
