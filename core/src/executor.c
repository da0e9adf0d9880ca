/* SPDX-License-Identifier: MIT */
/* An executor's life: made with its backend, shut down, destroyed. */
#include <cf/executor.h>

#include <stdlib.h>
#include <string.h>

#include "barrier.h"
#include "block.h"
#include "clock.h"
#include "executor_impl.h"
#include "heap.h"
#include "inner_threads.h"
#include "last_error.h"
#include "options.h"
#include "thread_options.h"

static void free_executor(struct cf_executor *executor)
{
    free((void *)(uintptr_t)executor->options.name);
    free((void *)(uintptr_t)executor->options.cpus);
    free(executor->initializer_arg);
    free(executor);
}

/* A copy of `bytes` bytes in `*copy`, NULL for none. False without memory. */
static bool copy(const void *from, size_t bytes, void **copy)
{
    *copy = NULL;
    if (from == NULL || bytes == 0)
        return true;
    *copy = malloc(bytes);
    if (*copy == NULL)
        return false;
    memcpy(*copy, from, bytes);
    return true;
}

/* False without memory: what was copied so far is the executor's all the same. */
static bool copy_options(struct cf_executor *executor,
                         const struct cf_options *options)
{
    size_t name_bytes = options->name != NULL ? strlen(options->name) + 1 : 0;
    /* any other binding finds its list itself: cfi_binding_find() */
    size_t cpu_count = options->bind == CF_BIND_LIST ? options->cpu_count : 0;
    void *name, *cpus = NULL;

    executor->options = *options;
    bool is_copied =
        copy(options->name, name_bytes, &name) &&
        copy(options->cpus, cpu_count * sizeof options->cpus[0], &cpus) &&
        copy(options->initializer_arg, options->initializer_arg_bytes,
             &executor->initializer_arg);
    executor->options.name = name;
    executor->options.cpus = cpus;
    executor->options.initializer_arg = executor->initializer_arg;
    return is_copied;
}

static struct cf_executor *executor_new(const struct cf_backend *backend,
                                        const struct cf_options *options)
{
    struct cf_executor *executor =
        aligned_alloc(_Alignof(struct cf_executor), sizeof *executor);
    if (executor == NULL)
        return NULL;
    memset(executor, 0, sizeof *executor);
    cfi_fork_watch();
    cfi_barrier_all_announce(false);
    executor->backend = backend;
    executor->max_workers = options->max_workers != 0
                                ? options->max_workers
                                : backend->default_workers();
    executor->start_all = options->start_all;
    executor->start_method = options->start_method;
    executor->record_times = options->record_times;
    executor->when_full = options->when_full;
    if (!copy_options(executor, options)) {
        free_executor(executor);
        return NULL;
    }
    cfi_inner_threads_find(executor, options->inner_threads);
    executor->initializer = options->initializer;
    executor->initializer_arg_bytes = options->initializer_arg_bytes;
    executor->finalizer = options->finalizer;
    executor->on_error = options->on_error;
    executor->on_error_context = options->on_error_context;
    executor->fork_generation = cfi_fork_generation();
    executor->references = 1;
    executor->observer = options->observer;
    executor->birth = cfi_future_birth(executor);
    executor->max_spare_workers =
        options->max_spare_workers > 0
            ? options->max_spare_workers
            : cfi_spares_for(executor, executor->max_workers);
    cfi_timekeeper_init(&executor->timekeeper);
    cfi_timekeeper_init(&executor->caller);
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
    return cfi_executor_create_part(backend, options, 0, 0, executor);
}

enum cf_status cfi_executor_create_part(const struct cf_backend *backend,
                                        const struct cf_options *options,
                                        size_t first_worker, size_t first_spare,
                                        struct cf_executor **executor)
{
    static const struct cf_options standard;

    if (executor == NULL)
        return cfi_fail(CF_INVALID, "no place given for the executor");
    *executor = NULL;
    if (options == NULL)
        options = &standard;
    enum cf_status status = cfi_options_check(backend, options);
    if (status != CF_OK)
        return status;
    struct cf_executor *made = executor_new(backend, options);
    if (made == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an executor");
    made->first_worker = first_worker;
    made->first_spare = first_spare;
    status = cfi_binding_find(made);
    if (status == CF_OK)
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
    if (!cfi_executor_is_ours(executor)) {
        if (executor->backend->abandon != NULL)
            executor->backend->abandon(executor->state);
        return; /* the memory may be half changed: see fork.c */
    }
    cfi_executor_close_fd(executor);
    executor->backend->destroy(executor->state);
    free_executor(executor);
    cfi_block_trim();
    cfi_heap_trim();
}

enum cf_status cfi_executor_fail_not_ours(void)
{
    return cfi_fail(CF_BROKEN, "the executor belongs to the process that "
                               "forked this one");
}

size_t cf_executor_workers(const struct cf_executor *executor)
{
    return executor != NULL ? executor->max_workers : 0;
}

const char *cf_executor_host(const struct cf_executor *executor, size_t worker)
{
    if (executor == NULL)
        return "";
    const struct cf_backend *backend = executor->backend;
    return backend->host_of != NULL && cfi_executor_is_ours(executor)
               ? backend->host_of(executor->state, worker)
               : "";
}

const struct cf_backend *cf_executor_backend(const struct cf_executor *executor)
{
    if (executor == NULL)
        return NULL;
    const struct cf_backend *face = executor->backend->face;
    return face != NULL ? face : executor->backend;
}

enum cf_status cf_set_workers(struct cf_executor *executor, size_t count)
{
    if (executor == NULL || count == 0 || count > CFI_MOST_WORKERS)
        return cfi_fail(CF_INVALID, "no executor, or %zu workers", count);
    enum cf_status status = cfi_executor_check_ours(executor);
    if (status != CF_OK)
        return status;
    if (executor->backend->set_workers == NULL)
        return cfi_fail(CF_UNSUPPORTED, "the workers of backend %s are fixed",
                        executor->backend->name);
    status = executor->backend->set_workers(executor->state, count);
    if (status == CF_OK && executor->options.max_pending > 0) {
        executor->limit = limit_of(count, executor->options.max_pending);
        cfi_eventcount_notify(&executor->room, CFI_EVERYBODY);
    }
    return status;
}

enum cf_status cf_shutdown(struct cf_executor *executor,
                           enum cf_shutdown_how how, int64_t timeout_ns)
{
    if (executor == NULL ||
        (how != CF_SHUTDOWN_DRAIN && how != CF_SHUTDOWN_CANCEL &&
         how != CF_SHUTDOWN_STOP))
        return cfi_fail(CF_INVALID, "no executor, or no such way to shut down");
    enum cf_status status = cfi_executor_check_ours(executor);
    if (status != CF_OK)
        return status;
    cfi_executor_close(executor, how);
    if (executor->backend->close != NULL)
        executor->backend->close(executor->state, how);
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
        cfi_executor_close(executor, CF_SHUTDOWN_DRAIN);
        if (executor->backend->close != NULL)
            executor->backend->close(executor->state, CF_SHUTDOWN_DRAIN);
        while (cfi_executor_await_all(executor, INT64_MAX) != CF_OK)
            ; /* not to be interrupted: who returned would free too early */
        cfi_timekeeper_stop(&executor->timekeeper);
        cfi_timekeeper_stop(&executor->caller);
        executor->backend->stop(executor->state);
    }
    cfi_executor_release(executor);
}
