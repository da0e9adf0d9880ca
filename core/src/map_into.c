/* SPDX-License-Identifier: MIT */
/*
 * Filling an array from another. A backend with a loop of its own runs it. Else
 * tasks do: map_shared.c where the workers share our memory, map_travelling.c
 * where they do not.
 */
#include "map_into.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "admission.h"
#include "interrupt.h"
#include "iterator_impl.h"
#include "last_error.h"

/* So many chunks for each worker, where the caller names no size: enough to
 * even out what takes unequally long, few enough to cost nothing. */
#define CHUNKS_PER_WORKER 8

enum cf_status cfi_map_await_part(struct cf_future *future, int64_t deadline_ns)
{
    enum cf_status status = cfi_future_await(future, deadline_ns);
    if (status == CF_TIMEOUT)
        return cfi_fail_timeout(cfi_range_unfinished);
    if (status != CF_OK)
        return status;
    if (cf_cancelled(future)) /* by nobody else: it is not the user's */
        return cfi_fail(CF_SHUTDOWN, "the executor is shut down");
    status = cf_result_view(future, 0, NULL, NULL);
    if (status != CF_EXCEPTION)
        return status;
    const struct cfi_error *error = cfi_outcome_error(&future->outcome);
    if (error == NULL) /* there was none left for one */
        return cfi_fail(CF_NOMEM, "no memory to tell why a chunk failed");
    /* no user code can raise here: the number is our own */
    return cfi_fail((enum cf_status)error->code, "%s", error->message);
}

/* An interrupt ends the map, not this; nor does a circle of waits, through an
 * item that waits for the task which maps: whoever lets that one go does. With
 * a deadline no circle is looked for. */
static void await_writer(struct cf_future *future)
{
    int64_t deadline_ns = INT64_MAX;
    enum cf_status status;

    while ((status = cfi_future_await(future, deadline_ns)) == CF_TIMEOUT ||
           status == CF_DEADLOCK)
        if (status == CF_DEADLOCK)
            deadline_ns = INT64_MAX - 1;
}

/* How it ended is told by the map's status: nobody else can ask. */
static void note_read(struct cf_future *future)
{
    if (cfi_future_outcome(future)->status != CF_OK)
        /* relaxed: as in result.c */
        atomic_store_explicit(&cfi_rest(future)->is_read, true,
                              memory_order_relaxed);
}

void cfi_map_put_away(struct cf_future **futures, size_t count)
{
    for (size_t i = count; i-- > 0;)
        cf_cancel(futures[i]);
    for (size_t i = 0; i < count; i++) {
        await_writer(futures[i]);
        note_read(futures[i]);
        cf_future_release(futures[i]);
    }
    free(futures);
}

/* Not under a lock that workers share; a worker's own waits help already. */
static bool can_take_part(const struct cf_executor *executor)
{
    return !executor->backend->needs_worker &&
           !cfi_executor_is_inside(executor);
}

static size_t standard_chunk(const struct cf_executor *executor, size_t count)
{
    size_t chunks = (size_t)executor->max_workers * CHUNKS_PER_WORKER;
    return count / chunks + (count % chunks != 0);
}

enum cf_status cf_map_into(struct cf_executor *executor,
                           cf_item_function *function, const void *items,
                           size_t item_bytes, void *results,
                           size_t result_bytes, size_t count,
                           const struct cf_map_options *options)
{
    static const struct cf_map_options standard;
    size_t bytes;

    if (options == NULL)
        options = &standard;
    if (executor == NULL || function == NULL ||
        (count > 0 && ((items == NULL && item_bytes > 0) ||
                       (results == NULL && result_bytes > 0))) ||
        __builtin_mul_overflow(count, item_bytes, &bytes) ||
        __builtin_mul_overflow(count, result_bytes, &bytes))
        return cfi_fail(CF_INVALID, "executor, function or an array missing, "
                                    "or arrays larger than memory");
    enum cf_status status = cfi_map_options_check(options);
    if (status == CF_OK && options->buffer_count > 0)
        status = cfi_fail(CF_INVALID, "no task that could ask for a buffer");
    if (status != CF_OK)
        return status;
    if (count == 0)
        return cfi_executor_check_open(executor);
    struct cfi_range range = {
        .function = function,
        .items = items,
        .item_bytes = item_bytes,
        .results = results,
        .result_bytes = result_bytes,
        .count = count,
        .chunk = options->chunk > 0 ? options->chunk
                                    : standard_chunk(executor, count),
        .may_vary = options->chunk == 0,
        .deadline_ns = cfi_map_deadline_ns(options),
    };
    size_t chunks = (count - 1) / range.chunk + 1;
    if (executor->backend->take_back != NULL)
        return cfi_map_travelling(executor, &range, chunks);
    if (executor->backend->map_into == NULL)
        return cfi_map_shared(executor, &range, chunks,
                              options->caller_helps && can_take_part(executor));
    uint32_t epoch;
    status = cfi_executor_enter(executor, 1, &epoch);
    if (status != CF_OK)
        return status;
    status = executor->backend->map_into(executor->state, &range);
    cfi_executor_withdraw(executor, 1, epoch);
    return status;
}
