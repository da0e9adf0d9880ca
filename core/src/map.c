/* SPDX-License-Identifier: MIT */
/*
 * Maps that yield a future per item, in input order.
 *
 * cf_map() knows its input: every task is made and submitted at the call, as
 * one array where the backend takes one, else chunk by chunk.
 * cf_map_from() pulls: a ring of at most `buffersize` futures that were
 * submitted and not yet yielded is filled up again after each one.
 */
#include <stdlib.h>

#include "buffer_impl.h"
#include "executor_impl.h"
#include "future_impl.h"
#include "interrupt.h"
#include "iterator_impl.h"
#include "last_error.h"
#include "submit.h"

static void end(struct cf_future *future)
{
    cf_cancel(future);
    cf_future_release(future);
}

/* Of the reasons why an item's wait ended, only this has no text yet. */
static enum cf_status fail_wait(enum cf_status status)
{
    return status == CF_TIMEOUT
               ? cfi_fail_timeout("an item has not ended in time")
               : status;
}

/* --- a map over an array --- */

struct array_map {
    struct cf_iterator iterator;  /* first: it is cast back */
    struct cf_iterator *as_ended; /* unordered: yields instead, else NULL */
    int64_t deadline_ns;
    size_t next; /* the one before it is lent */
    size_t count;
    struct cf_future *futures[]; /* NULL once given back */
};

static enum cf_status array_next(struct cf_iterator *iterator,
                                 struct cf_future **future)
{
    struct array_map *map = (struct array_map *)iterator;

    if (map->as_ended != NULL)
        return cf_next(map->as_ended, future);
    if (map->next > 0 && map->futures[map->next - 1] != NULL) {
        cf_future_release(map->futures[map->next - 1]);
        map->futures[map->next - 1] = NULL;
    }
    if (map->next == map->count)
        return CF_END;
    enum cf_status status =
        cfi_future_await(map->futures[map->next], map->deadline_ns);
    if (status != CF_OK)
        return fail_wait(status);
    *future = map->futures[map->next++];
    return CF_OK;
}

static void array_release(struct cf_iterator *iterator)
{
    struct array_map *map = (struct array_map *)iterator;

    cf_iterator_release(map->as_ended);
    /* the latest first: what a worker is about to take goes last */
    for (size_t i = map->count; i-- > 0;)
        if (map->futures[i] != NULL)
            end(map->futures[i]);
    free(map);
}

static enum cf_status check(const struct cf_executor *executor,
                            const void *function,
                            const struct cf_map_options *options,
                            struct cf_iterator **iterator)
{
    enum cf_status status;

    if (executor == NULL || function == NULL || iterator == NULL)
        return cfi_fail(CF_INVALID,
                        "executor, function or place for the iterator missing");
    *iterator = NULL;
    status = cfi_map_options_check(options);
    return status == CF_OK
               ? cfi_buffers_check(executor->backend, options->buffers,
                                   options->buffer_count)
               : status;
}

static const struct cf_map_options standard;

enum cf_status cf_map(struct cf_executor *executor, cf_function *function,
                      const void *items, size_t item_bytes, size_t count,
                      const struct cf_map_options *options,
                      struct cf_iterator **iterator)
{
    struct array_map *map;

    if (options == NULL)
        options = &standard;
    enum cf_status status =
        check(executor, (const void *)(uintptr_t)function, options, iterator);
    if (status != CF_OK)
        return status;
    if (items == NULL && count > 0 && item_bytes > 0)
        return cfi_fail(CF_INVALID, "no items given");
    if (count > (SIZE_MAX - sizeof *map) / sizeof map->futures[0] ||
        (map = calloc(1, sizeof *map + count * sizeof map->futures[0])) == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu tasks", count);
    cfi_iterator_init(&map->iterator, array_next, array_release);
    map->deadline_ns = cfi_map_deadline_ns(options);
    map->count = count;

    size_t submitted, chunk = options->chunk > 0 ? options->chunk : 1;
    struct cf_call call = {.buffers = options->buffers,
                           .buffer_count = options->buffer_count};
    status = cfi_submit_array(executor, function, items, item_bytes, count,
                              chunk, &call, map->futures, &submitted);
    if (status == CF_OK && options->unordered)
        status = cf_as_completed(map->futures, count,
                                 options->timeout_ns == 0 ? CF_FOREVER
                                                          : options->timeout_ns,
                                 &map->as_ended);
    if (status != CF_OK) {
        array_release(&map->iterator);
        return status;
    }
    *iterator = &map->iterator;
    return CF_OK;
}

/* --- a map over pulled input --- */

struct pull_map {
    struct cf_iterator iterator; /* first: it is cast back */
    struct cf_executor *executor;
    cf_function *function;
    cf_pull *pull;
    void *context;
    int64_t deadline_ns;
    enum cf_status input;   /* CF_OK: there may be more input             */
    struct cf_future *lent; /* yielded last                               */
    size_t oldest;          /* its place in the ring                      */
    size_t count;           /* submitted, not yet yielded                 */
    size_t capacity;
    struct cf_buffer *buffers[CF_MOST_BUFFERS]; /* what every task shares */
    size_t buffer_count;
    struct cf_future *ring[];
};

static void fill(struct pull_map *map)
{
    struct cf_call call = {.buffers = map->buffers,
                           .buffer_count = map->buffer_count};

    while (map->input == CF_OK && map->count < map->capacity) {
        const void *arg = NULL;
        size_t arg_bytes = 0;
        if (!map->pull(map->context, &arg, &arg_bytes)) {
            map->input = CF_END;
            return;
        }
        size_t place = (map->oldest + map->count) % map->capacity;
        map->input = cf_submit_call(map->executor, map->function, arg,
                                    arg_bytes, &call, &map->ring[place]);
        if (map->input == CF_OK)
            map->count++;
    }
}

static enum cf_status pull_next(struct cf_iterator *iterator,
                                struct cf_future **future)
{
    struct pull_map *map = (struct pull_map *)iterator;

    cf_future_release(map->lent);
    map->lent = NULL;
    if (map->count == 0)
        return map->input;
    enum cf_status status =
        cfi_future_await(map->ring[map->oldest], map->deadline_ns);
    if (status != CF_OK)
        return fail_wait(status);
    map->lent = map->ring[map->oldest];
    map->oldest = (map->oldest + 1) % map->capacity;
    map->count--;
    fill(map); /* the workers go on while the caller looks at this one */
    *future = map->lent;
    return CF_OK;
}

static void pull_free(struct pull_map *map)
{
    for (size_t i = 0; i < map->buffer_count; i++)
        cf_buffer_release(map->buffers[i]);
    free(map);
}

static void pull_release(struct cf_iterator *iterator)
{
    struct pull_map *map = (struct pull_map *)iterator;

    cf_future_release(map->lent);
    while (map->count-- > 0)
        end(map->ring[(map->oldest + map->count) % map->capacity]);
    pull_free(map);
}

enum cf_status cf_map_from(struct cf_executor *executor, cf_function *function,
                           cf_pull *pull, void *context,
                           const struct cf_map_options *options,
                           struct cf_iterator **iterator)
{
    struct pull_map *map;

    if (options == NULL)
        options = &standard;
    enum cf_status status =
        check(executor, (const void *)(uintptr_t)function, options, iterator);
    if (status != CF_OK)
        return status;
    if (pull == NULL)
        return cfi_fail(CF_INVALID, "no function that brings input given");
    size_t capacity = options->buffersize > 0
                          ? options->buffersize
                          : 2 * cf_executor_workers(executor);
    if (capacity > (SIZE_MAX - sizeof *map) / sizeof map->ring[0] ||
        (map = calloc(1, sizeof *map + capacity * sizeof map->ring[0])) == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a buffer of %zu", capacity);
    cfi_iterator_init(&map->iterator, pull_next, pull_release);
    map->executor = executor;
    map->function = function;
    map->pull = pull;
    map->context = context;
    map->deadline_ns = cfi_map_deadline_ns(options);
    map->capacity = capacity;
    map->buffer_count = options->buffer_count;
    for (size_t i = 0; i < options->buffer_count; i++)
        map->buffers[i] = cf_buffer_retain(options->buffers[i]);
    fill(map);
    if (map->count == 0 && map->input != CF_END) {
        status = map->input; /* nothing could be submitted */
        pull_free(map);
        return status;
    }
    *iterator = &map->iterator;
    return CF_OK;
}
