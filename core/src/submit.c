/* SPDX-License-Identifier: MIT */
/* How a task comes in: one, or one of which something is said. */
#include "submit.h"

#include <stddef.h>

#include "admission.h"
#include "executor_impl.h"
#include "future_birth.h"
#include "future_tie.h"
#include "heap.h"
#include "last_error.h"
#include "lent.h"
#include "observe.h"
#include "options.h"
#include "shift.h"
#include "stack.h"
#include "task_impl.h"
#include "watch.h"

static enum cf_status no_memory(size_t arg_bytes)
{
    return cfi_fail(CF_NOMEM, "no memory for a task of %zu bytes", arg_bytes);
}

static inline struct cf_future *
make_one(struct cf_executor *executor, cf_function *function, const void *arg,
         size_t arg_bytes, const struct cf_call *call, uint32_t epoch)
{
    bool is_small =
        call == NULL && arg_bytes <= CFI_SMALL_ARG && !executor->record_times;
    struct cf_future *future =
        is_small
            ? cfi_future_create_small(executor, function, arg, arg_bytes, epoch)
            : cfi_future_create(executor, function, arg, arg_bytes, call,
                                epoch);
    if (future == NULL)
        (void)no_memory(arg_bytes);
    return future;
}

struct cf_future *cfi_submit_make(struct cf_executor *executor,
                                  cf_function *function, const void *arg,
                                  size_t arg_bytes, const struct cf_call *call,
                                  uint32_t epoch)
{
    return make_one(executor, function, arg, arg_bytes, call, epoch);
}

/* Has the memory there: who copies it later has a lock. */
static void touch(const void *memory, size_t bytes)
{
    const volatile unsigned char *at = memory;

    for (size_t i = 0; i < bytes; i += 4096)
        (void)at[i];
    (void)at[bytes - 1];
}

/* A large argument is lent to a backend that puts it where it is needed. */
__attribute__((noinline)) static struct cf_future *
make_large(struct cf_executor *executor, cf_function *function, const void *arg,
           size_t arg_bytes, const struct cf_call *call, uint32_t epoch)
{
    bool is_too_large = arg_bytes >> CFI_ARG_BITS != 0;
    struct cf_call lending;

    if (executor->backend->takes_lent && !is_too_large &&
        (call == NULL || call->retries == 0)) {
        touch(arg, arg_bytes);
        lending = cfi_lending(call);
        call = &lending;
    }
    return make_one(executor, function, arg, arg_bytes, call, epoch);
}

static inline struct cf_future *
make_any(struct cf_executor *executor, cf_function *function, const void *arg,
         size_t arg_bytes, const struct cf_call *call, uint32_t epoch)
{
    return arg_bytes < CFI_HEAP_LARGE
               ? make_one(executor, function, arg, arg_bytes, call, epoch)
               : make_large(executor, function, arg, arg_bytes, call, epoch);
}

/*
 * The queue is full and nobody is to wait: is the caller the worker? Not where
 * tasks need a real one, and this is none, or one that has not what its tasks
 * have: in a callback, or without the lock; nor where tasks inside each other's
 * submits have used up the stack. Then the task is queued beyond the bound,
 * which keeps nobody waiting either.
 */
static bool may_run_here(const struct cf_executor *executor)
{
    const struct cfi_worker *own = cfi_worker_of(executor);

    if (executor->backend->needs_worker &&
        (own == NULL || own->away > 0 || cfi_is_calling_back(executor)))
        return false;
    return cfi_stack_may_nest();
}

static void run_here(struct cf_executor *executor, struct cf_future *future)
{
    struct cfi_worker *own = cfi_worker_of(executor);
    struct cfi_worker caller = {.index = CFI_NO_WORKER,
                                .executor = executor,
                                .stopping = &executor->stopping};
    struct cfi_worker *worker = own != NULL ? own : &caller;
    struct cfi_shift shift;

    cfi_shift_begin(&shift, worker);
    cfi_stack_nest_begin();
    cfi_future_run(future, worker);
    cfi_stack_nest_end();
    cfi_worker_catch_up(worker);
    cfi_shift_end(&shift);
}

/* Tasks with a limit need somebody to keep it. */
static enum cf_status begin_limits(struct cf_executor *executor)
{
    enum cf_status status = cfi_executor_check_ours(executor);

    /* a worker process's are kept by its host */
    if (status != CF_OK || executor->backend->borrow != NULL)
        return status;
    return cfi_timekeeper_start(&executor->timekeeper);
}

/* The backend did not take it. */
static enum cf_status take_out(struct cf_executor *executor,
                               struct cf_future *made, uint32_t epoch,
                               enum cf_status status)
{
    cfi_future_discard(made);
    cfi_executor_withdraw(executor, 1, epoch);
    return status;
}

static enum cf_status submit(struct cf_executor *executor,
                             cf_function *function, const void *arg,
                             size_t arg_bytes, const struct cf_call *call,
                             size_t item, struct cf_future **future)
{
    uint32_t epoch;
    bool must_run;

    if (future != NULL)
        *future = NULL;
    if (executor == NULL || function == NULL || future == NULL ||
        (arg == NULL && arg_bytes > 0))
        return cfi_fail(CF_INVALID, "executor, function, argument or place "
                                    "for the future missing");
    enum cf_status status = CF_OK;
    if (call != NULL && call->timeout_ns > 0)
        status = begin_limits(executor);
    if (status == CF_OK)
        status = cfi_executor_enter_bounded(executor, &epoch, &must_run);
    if (status != CF_OK)
        return status;
    struct cf_future *made =
        make_any(executor, function, arg, arg_bytes, call, epoch);
    if (made != NULL)
        cfi_future_set_item(made, item, true);
    if (made == NULL)
        status = CF_NOMEM;
    else if (must_run && may_run_here(executor))
        run_here(executor, made);
    else
        status = executor->backend->submit(executor->state, made);
    if (status != CF_OK)
        return take_out(executor, made, epoch, status);
    if (executor->observer != NULL)
        cfi_observe_submitted(made);
    *future = made;
    return CF_OK;
}

/* What most submits are: a small argument, no bound, nobody who observes. */
static inline bool is_plain(const struct cf_executor *executor,
                            cf_function *function, const void *arg,
                            size_t arg_bytes, struct cf_future *const *future)
{
    return executor != NULL && function != NULL && future != NULL &&
           arg_bytes <= CFI_SMALL_ARG && (arg != NULL || arg_bytes == 0) &&
           executor->limit == 0 && !executor->record_times &&
           executor->observer == NULL;
}

enum cf_status cf_submit(struct cf_executor *executor, cf_function *function,
                         const void *arg, size_t arg_bytes,
                         struct cf_future **future)
{
    uint32_t epoch;

    if (!is_plain(executor, function, arg, arg_bytes, future))
        return submit(executor, function, arg, arg_bytes, NULL, 0, future);
    *future = NULL;
    enum cf_status status = cfi_executor_knock(executor, 1, &epoch);
    if (status != CF_OK)
        return status;
    struct cf_future *made =
        cfi_future_create_small(executor, function, arg, arg_bytes, epoch);
    status = made != NULL ? executor->backend->submit(executor->state, made)
                          : no_memory(arg_bytes);
    if (status != CF_OK)
        return take_out(executor, made, epoch, status);
    *future = made;
    return CF_OK;
}

enum cf_status cf_submit_call(struct cf_executor *executor,
                              cf_function *function, const void *arg,
                              size_t arg_bytes, const struct cf_call *call,
                              struct cf_future **future)
{
    enum cf_status status = executor != NULL && call != NULL
                                ? cfi_call_check(executor->backend, call)
                                : CF_OK;
    if (status != CF_OK) {
        if (future != NULL)
            *future = NULL;
        return status;
    }
    return submit(executor, function, arg, arg_bytes, call, 0, future);
}

enum cf_status cfi_submit_admitted(struct cf_executor *executor,
                                   cf_function *function, const void *arg,
                                   size_t arg_bytes, const struct cf_call *call,
                                   struct cf_future **future)
{
    uint32_t epoch;

    *future = NULL;
    enum cf_status status = cfi_call_check(executor->backend, call);
    if (status == CF_OK && call->timeout_ns > 0)
        status = begin_limits(executor);
    if (status == CF_OK)
        status = cfi_executor_let_in(executor, &epoch);
    if (status != CF_OK)
        return status;
    struct cf_future *made =
        make_any(executor, function, arg, arg_bytes, call, epoch);
    status = made != NULL ? executor->backend->submit(executor->state, made)
                          : CF_NOMEM;
    if (status != CF_OK)
        return take_out(executor, made, epoch, status);
    *future = made;
    return CF_OK;
}

enum cf_status cfi_submit_item(struct cf_executor *executor,
                               cf_function *function, const void *arg,
                               size_t arg_bytes, const struct cf_call *call,
                               size_t item, struct cf_future **future)
{
    return submit(executor, function, arg, arg_bytes, call, item, future);
}
