/* SPDX-License-Identifier: MIT */
/*
 * Filling an array from another. A backend with a loop of its own runs it.
 * Where the workers share our memory, each gets one task, which takes chunk
 * after chunk: a chunk costs one compare-and-swap. Unless somebody chose their
 * size they become smaller with what is left: workers begin at different times,
 * by tens of microseconds where they had to be woken, and are to end together.
 * Where they do not, each chunk is a task: the items travel as its argument and
 * the results come back as its result.
 *
 * A caller who asked for it takes the place of one worker, since an item cannot
 * tell where it runs. Nobody does so unasked: beside other tasks that is one
 * more thread than `max_workers` says. Inside one of the executor's tasks a
 * caller runs a worker's part if none has begun it (await.c).
 */
#include <stdalign.h>
#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "admission.h"
#include "clock.h"
#include "code_address.h"
#include "executor_impl.h"
#include "interrupt.h"
#include "iterator_impl.h"
#include "last_error.h"
#include "submit.h"

/* So many chunks for each worker, where the caller names no size: enough to
 * even out what takes unequally long, few enough to cost nothing. */
#define CHUNKS_PER_WORKER 8

/* The last chunks are that much smaller than the first. */
#define LEAST_PART 64

/* As cf_submit(), but counted in as a map's tasks are: it is refused for want of
 * room never, nor waits for any, which would outlast the caller's time. */
static enum cf_status submit_part(struct cf_executor *executor,
                                  cf_function *function, const void *arg,
                                  size_t arg_bytes, struct cf_future **future)
{
    size_t submitted;

    return cfi_submit_array(executor, function, arg, arg_bytes, 1, 1, NULL,
                            future, &submitted);
}

/* --- a range in shared memory --- */

/* What the pullers of one range share: a task per worker, each of which takes
 * chunk after chunk until none is left. */
struct shared_range {
    struct cfi_range range;
    size_t least; /* items in a chunk */
    _Atomic bool is_over;
    _Alignas(64) _Atomic size_t taken; /* items            */
};

/* The next chunk where so many of the items are taken. */
static size_t next_chunk(const struct shared_range *shared, size_t taken)
{
    const struct cfi_range *range = &shared->range;
    size_t rest = range->count - taken, count = range->chunk;

    if (range->may_vary) {
        count = rest / (range->count / range->chunk + 1);
        count = count > shared->least ? count : shared->least;
    }
    return count < rest ? count : rest;
}

/* 0: none is left. */
static size_t take_chunk(struct shared_range *shared, size_t *first)
{
    /* relaxed: hands out numbers; what the items hold came with the submit */
    size_t taken = atomic_load_explicit(&shared->taken, memory_order_relaxed);
    size_t count;

    do {
        if (taken >= shared->range.count)
            return 0;
        count = next_chunk(shared, taken);
    } while (!atomic_compare_exchange_weak_explicit(
        &shared->taken, &taken, taken + count, memory_order_relaxed,
        memory_order_relaxed));
    *first = taken;
    return count;
}

static enum cf_status pull(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    struct shared_range *shared = *(struct shared_range *const *)arg;
    size_t first, count;

    (void)task;
    (void)arg_bytes;
    while ((count = take_chunk(shared, &first)) > 0)
        cfi_range_compute_until(&shared->range, first, count, &shared->is_over);
    return CF_OK;
}

/* Takes chunk after chunk in the calling thread. CF_TIMEOUT: it had to end
 * before all were done. */
static enum cf_status take_part(struct shared_range *shared)
{
    enum cf_status status = CF_OK;
    size_t first, count, block = 1;

    while (status == CF_OK && (count = take_chunk(shared, &first)) > 0)
        status = cfi_range_run_part(&shared->range, first, count, &block);
    return status;
}

/* --- chunks that travel --- */

static size_t chunk_count(const struct cfi_range *range, size_t i)
{
    size_t rest = range->count - i * range->chunk;
    return rest < range->chunk ? rest : range->chunk;
}

struct travelling_chunk {
    /* so that the items behind it are aligned for any type */
    alignas(max_align_t) struct cfi_code_address function;
    size_t item_bytes;
    size_t result_bytes;
    size_t count;
};

static enum cf_status run_travelling_chunk(struct cf_task *task,
                                           const void *arg, size_t arg_bytes)
{
    const struct travelling_chunk *chunk = arg;
    (void)arg_bytes;

    cf_item_function *function =
        (cf_item_function *)(uintptr_t)cfi_code_address_resolve(
            chunk->function);
    if (function == NULL)
        return CF_UNSUPPORTED;
    unsigned char *results =
        cf_return_space(task, chunk->count * chunk->result_bytes);
    if (results == NULL)
        return CF_NOMEM;
    struct cfi_range range = {
        .function = function,
        .items = (const unsigned char *)(chunk + 1),
        .item_bytes = chunk->item_bytes,
        .results = results,
        .result_bytes = chunk->result_bytes,
    };
    cfi_range_compute(&range, 0, chunk->count);
    return CF_OK;
}

static enum cf_status submit_travelling(struct cf_executor *executor,
                                        const struct cfi_range *range,
                                        size_t first, size_t count,
                                        struct cf_future **future)
{
    size_t bytes = count * range->item_bytes, all;
    struct travelling_chunk *chunk = NULL;
    if (!__builtin_add_overflow(sizeof *chunk, bytes, &all))
        chunk = malloc(all);
    if (chunk == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a chunk of %zu bytes", bytes);
    *chunk = (struct travelling_chunk){
        .item_bytes = range->item_bytes,
        .result_bytes = range->result_bytes,
        .count = count,
    };
    enum cf_status status;
    if (!cfi_code_address_of((const void *)(uintptr_t)range->function,
                             &chunk->function)) {
        status = cfi_fail(CF_UNSUPPORTED, "the function lies in no loaded "
                                          "object: a worker cannot have it");
    } else {
        if (bytes > 0) /* else there may be no items */
            memcpy(chunk + 1, range->items + first * range->item_bytes, bytes);
        status =
            submit_part(executor, run_travelling_chunk, chunk, all, future);
    }
    free(chunk);
    return status;
}

/* --- the whole array --- */

static enum cf_status chunk_status(struct cf_future *future,
                                   int64_t deadline_ns)
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
    /* no user code can raise here: the number is our own */
    return (enum cf_status)future->outcome.error->code;
}

/* Copies what the i-th chunk computed elsewhere to its place here. */
static enum cf_status bring_home(const struct cfi_range *range, size_t i,
                                 const struct cfi_outcome *outcome)
{
    size_t bytes = chunk_count(range, i) * range->result_bytes;

    if (outcome->result_bytes != bytes)
        return cfi_fail(CF_CRASHED, "a worker sent %zu bytes instead of %zu",
                        (size_t)outcome->result_bytes, bytes);
    if (bytes > 0)
        memcpy(range->results + i * range->chunk * range->result_bytes,
               outcome->result, bytes);
    return CF_OK;
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
        atomic_store_explicit(&future->is_read, true, memory_order_relaxed);
}

/* Cancels what has not started and waits for what has: nothing writes into
 * the caller's array after this. */
static void put_away(struct cf_future **futures, size_t count)
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

static enum cf_status map_travelling(struct cf_executor *executor,
                                     const struct cfi_range *range,
                                     size_t chunks)
{
    size_t submitted = 0;
    enum cf_status status = CF_OK;

    struct cf_future **futures = calloc(chunks, sizeof futures[0]);
    if (futures == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu chunks", chunks);
    while (submitted < chunks && status == CF_OK) {
        status = submit_travelling(executor, range, submitted * range->chunk,
                                   chunk_count(range, submitted),
                                   &futures[submitted]);
        submitted += status == CF_OK;
    }
    for (size_t i = 0; i < chunks && status == CF_OK; i++) {
        status = chunk_status(futures[i], range->deadline_ns);
        if (status == CF_OK)
            status = bring_home(range, i, &futures[i]->outcome);
    }
    put_away(futures, submitted);
    return status;
}

/* Counted in for as long as it is no task of its own that keeps shutdown. */
static enum cf_status pull_here(struct cf_executor *executor,
                                struct shared_range *shared)
{
    uint32_t epoch;
    enum cf_status status = cfi_executor_enter(executor, 1, &epoch);

    if (status != CF_OK)
        return status;
    status = take_part(shared);
    cfi_executor_withdraw(executor, 1, epoch);
    return status;
}

static enum cf_status map_shared(struct cf_executor *executor,
                                 const struct cfi_range *range, size_t chunks,
                                 bool takes_part)
{
    size_t least = range->chunk / LEAST_PART;
    struct shared_range shared = {.range = *range,
                                  .least = least > 0 ? least : 1};
    struct shared_range *args[1] = {&shared};
    size_t pullers =
        chunks < executor->max_workers ? chunks : executor->max_workers;
    size_t submitted = 0;
    enum cf_status status = CF_OK;

    pullers -= takes_part;
    struct cf_future **futures = calloc(pullers + 1, sizeof futures[0]);
    if (futures == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers", pullers);
    while (submitted < pullers && status == CF_OK) {
        status =
            submit_part(executor, pull, args, sizeof args, &futures[submitted]);
        submitted += status == CF_OK;
    }
    if (status == CF_OK && takes_part)
        status = pull_here(executor, &shared);
    for (size_t i = 0; i < submitted && status == CF_OK; i++)
        if (!takes_part || !cf_cancel(futures[i])) /* nothing is left for it */
            status = chunk_status(futures[i], range->deadline_ns);
    atomic_store(&shared.taken, range->count); /* who still pulls gets none */
    atomic_store(&shared.is_over, true);
    put_away(futures, submitted);
    return status;
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
    if (status != CF_OK || count == 0)
        return status;
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
        return map_travelling(executor, &range, chunks);
    if (executor->backend->map_into == NULL)
        return map_shared(executor, &range, chunks,
                          options->caller_helps && can_take_part(executor));
    uint32_t epoch;
    status = cfi_executor_enter(executor, 1, &epoch);
    if (status != CF_OK)
        return status;
    status = executor->backend->map_into(executor->state, &range);
    cfi_executor_withdraw(executor, 1, epoch);
    return status;
}
