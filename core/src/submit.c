/* SPDX-License-Identifier: MIT */
/* How a task comes in: one, one of which something is said, or an array. */
#include "submit.h"

#include <stddef.h>

#include "admission.h"
#include "executor_impl.h"
#include "future_birth.h"
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
    struct cfi_worker caller = {.index = executor->max_workers,
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
        arg_bytes < CFI_HEAP_LARGE
            ? make_one(executor, function, arg, arg_bytes, call, epoch)
            : make_large(executor, function, arg, arg_bytes, call, epoch);
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

enum cf_status cfi_submit_item(struct cf_executor *executor,
                               cf_function *function, const void *arg,
                               size_t arg_bytes, const struct cf_call *call,
                               size_t item, struct cf_future **future)
{
    return submit(executor, function, arg, arg_bytes, call, item, future);
}

/* --- arrays --- */

/* So many of an array are made and handed over at a time: workers run the first
 * while the rest is made, and meet lines that a cache has still. Of fewer, each
 * hand-over would cost a process's host more than they are worth. */
#define SLICE 1024

/* Where the slice that begins at `first` ends: it has whole chunks. */
static size_t slice_end(const struct cf_executor *executor, size_t first,
                        size_t count, size_t chunk)
{
    size_t size = chunk < SLICE ? SLICE / chunk * chunk : chunk;

    if (executor->backend->takes_whole_arrays || count - first < size)
        return count;
    return first + size;
}

/*
 * A shutdown that cancels what has not started may have looked for it before
 * this was handed over: then it is cancelled here. It sets `cancels` first, we
 * look after the hand-over, both sequentially consistent, so one of the two
 * sees to it. No more is handed over then.
 */
static enum cf_status heed_shutdown(struct cf_executor *executor, bool is_more)
{
    if (atomic_load(&executor->cancels) == 0)
        return CF_OK;
    executor->backend->cancel_pending(executor->state);
    return is_more ? cfi_fail(CF_SHUTDOWN, "the executor is shut down") : CF_OK;
}

/* Makes those from `made` to `end`, each to be run by itself if `is_alone`;
 * returns the first that there was no memory
 * for, else `end`. */
static size_t make(struct cf_executor *executor, cf_function *function,
                   const unsigned char *items, size_t item_bytes, size_t made,
                   size_t end, const struct cf_call *call, uint32_t epoch,
                   bool is_alone, struct cf_future **futures)
{
    while (made < end && (futures[made] = cfi_submit_make(
                              executor, function, items + made * item_bytes,
                              item_bytes, call, epoch)) != NULL) {
        cfi_future_set_item(futures[made], made, is_alone);
        made++;
    }
    return made;
}

static void observe(struct cf_future *const *futures, size_t count)
{
    for (size_t i = 0; i < count; i++)
        cfi_observe_submitted(futures[i]);
}

/* Gives the futures to the backend; returns how many it took. */
static size_t hand_over(struct cf_executor *executor,
                        struct cf_future **futures, size_t count, size_t chunk,
                        enum cf_status *status)
{
    const struct cf_backend *backend = executor->backend;
    size_t taken = 0;

    if (backend->submit_array != NULL) {
        *status = backend->submit_array(executor->state, futures, count, chunk);
        return *status == CF_OK ? count : 0;
    }
    while (taken < count) {
        size_t rest = count - taken;
        size_t size = rest < chunk ? rest : chunk;
        for (size_t i = taken; i + 1 < taken + size; i++)
            cfi_future_set_next(futures[i], futures[i + 1]);
        *status =
            backend->submit_of_array != NULL
                ? backend->submit_of_array(executor->state, futures[taken])
                : backend->submit(executor->state, futures[taken]);
        if (*status != CF_OK)
            break;
        taken += size;
    }
    return taken;
}

enum cf_status cfi_submit_array(struct cf_executor *executor,
                                cf_function *function, const void *items,
                                size_t item_bytes, size_t count, size_t chunk,
                                const struct cf_call *call,
                                struct cf_future **futures, size_t *submitted)
{
    size_t made = 0;
    uint32_t epoch;

    *submitted = 0;
    for (size_t i = 0; i < count; i++)
        futures[i] = NULL;
    enum cf_status status = cfi_executor_enter(executor, count, &epoch);
    if (status != CF_OK || count == 0)
        return status;
    while (status == CF_OK && *submitted < count) {
        size_t end = slice_end(executor, *submitted, count, chunk);
        made = make(executor, function, items, item_bytes, made, end, call,
                    epoch, chunk == 1, futures);
        if (made < end) {
            status = CF_NOMEM;
            break;
        }
        size_t taken = hand_over(executor, futures + *submitted,
                                 end - *submitted, chunk, &status);
        if (executor->observer != NULL)
            observe(futures + *submitted, taken);
        *submitted += taken;
        if (status == CF_OK)
            status = heed_shutdown(executor, *submitted < count);
    }
    for (size_t i = *submitted; i < count; i++) {
        if (i < made)
            cfi_future_discard(futures[i]);
        futures[i] = NULL;
        cfi_executor_withdraw(executor, 1, epoch);
    }
    return status;
}

enum cf_status cf_submit_many(struct cf_executor *executor,
                              cf_function *function, const void *items,
                              size_t item_bytes, size_t count,
                              struct cf_future **futures)
{
    enum cf_status status = CF_OK;
    size_t submitted = 0, bytes;

    if (executor == NULL || function == NULL ||
        (futures == NULL && count > 0) ||
        (items == NULL && item_bytes > 0 && count > 0) ||
        __builtin_mul_overflow(count, item_bytes, &bytes))
        return cfi_fail(CF_INVALID, "executor, function, items or place for "
                                    "the futures missing");
    if (executor->limit == 0)
        return cfi_submit_array(executor, function, items, item_bytes, count, 1,
                                NULL, futures, &submitted);
    /* each waits for its room */
    for (size_t i = 0; i < count; i++)
        futures[i] = NULL;
    for (size_t i = 0; i < count && status == CF_OK; i++)
        status = submit(executor, function,
                        (const unsigned char *)items + i * item_bytes,
                        item_bytes, NULL, i, &futures[i]);
    return status;
}
