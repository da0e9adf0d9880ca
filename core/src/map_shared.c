/* SPDX-License-Identifier: MIT */
/*
 * Filling an array where the workers share our memory: each gets one task, which
 * takes chunk after chunk: a chunk costs one compare-and-swap. Unless somebody
 * chose their size they become smaller with what is left: workers begin at
 * different times, by tens of microseconds where they had to be woken, and are to
 * end together.
 *
 * A caller who asked for it takes the place of one worker, since an item cannot
 * tell where it runs. Nobody does so unasked: beside other tasks that is one
 * more thread than `max_workers` says. Inside one of the executor's tasks a
 * caller runs a worker's part if none has begun it (await.c).
 */
#include <stdatomic.h>
#include <stdlib.h>

#include "admission.h"
#include "last_error.h"
#include "map_into.h"
#include "submit.h"

/* The last chunks are that much smaller than the first. */
#define LEAST_PART 64

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

/* One task for each puller, in one call; how many came in is in `*submitted`.
 * Inside one of the executor's tasks the caller runs one of these himself, or
 * sleeps behind all. */
static enum cf_status submit_pullers(struct cf_executor *executor,
                                     struct shared_range *shared,
                                     size_t pullers, bool takes_part,
                                     struct cf_future **futures,
                                     size_t *submitted)
{
    enum cf_status status;
    struct shared_range **args = calloc(pullers + 1, sizeof args[0]);

    *submitted = 0;
    if (args == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers", pullers);
    for (size_t i = 0; i < pullers; i++)
        args[i] = shared;
    if (cfi_executor_is_inside(executor))
        status = cfi_submit_array(executor, pull, args, sizeof args[0], pullers,
                                  1, NULL, futures, submitted);
    else
        status = cfi_submit_parts(executor, pull, args, sizeof args[0], pullers,
                                  !takes_part, futures, submitted);
    free(args);
    return status;
}

enum cf_status cfi_map_shared(struct cf_executor *executor,
                              const struct cfi_range *range, size_t chunks,
                              bool takes_part)
{
    size_t least = range->chunk / LEAST_PART;
    struct shared_range shared = {.range = *range,
                                  .least = least > 0 ? least : 1};
    size_t pullers =
        chunks < executor->max_workers ? chunks : executor->max_workers;
    size_t submitted;

    pullers -= takes_part;
    struct cf_future **futures = calloc(pullers + 1, sizeof futures[0]);
    if (futures == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers", pullers);
    enum cf_status status = submit_pullers(executor, &shared, pullers,
                                           takes_part, futures, &submitted);
    if (status == CF_OK && takes_part)
        status = pull_here(executor, &shared);
    for (size_t i = 0; i < submitted && status == CF_OK; i++)
        if (!takes_part || !cf_cancel(futures[i])) /* nothing is left for it */
            status = cfi_map_await_part(futures[i], range->deadline_ns);
    atomic_store(&shared.taken, range->count); /* who still pulls gets none */
    atomic_store(&shared.is_over, true);
    cfi_map_put_away(futures, submitted);
    return status;
}
