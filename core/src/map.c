/* SPDX-License-Identifier: MIT */
/*
 * A map over an array, which yields a future per item: every task is made and
 * submitted at the call, as an array where the backend takes one, else chunk
 * by chunk. A chunk of 1, the default, is no more work than a longer one where
 * tasks are short: a pool's worker takes as many entries at a time as lately
 * took 16 us (station.c), a process has as many ahead as take 50 us.
 */
#include <stdlib.h>

#include "buffer_impl.h"
#include "executor_impl.h"
#include "future_impl.h"
#include "future_tie.h"
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

/* What is yielded is the other iterator's alone from then on, which gives it back
 * with its next. */
static enum cf_status next_as_ended(struct array_map *map,
                                    struct cf_future **future)
{
    enum cf_status status = cf_next(map->as_ended, future);

    if (status == CF_OK) {
        struct cf_future **own = &map->futures[cfi_future_item(*future)];
        cf_future_release(*own);
        *own = NULL;
    }
    return status;
}

static enum cf_status array_next(struct cf_iterator *iterator,
                                 struct cf_future **future)
{
    struct array_map *map = (struct array_map *)iterator;

    if (map->as_ended != NULL)
        return next_as_ended(map, future);
    if (map->next > 0 && map->futures[map->next - 1] != NULL) {
        cf_future_release(map->futures[map->next - 1]);
        map->futures[map->next - 1] = NULL;
    }
    if (map->next == map->count)
        return CF_END;
    cfi_futures_fetch_later(map->futures, map->count, map->next);
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

static const struct cf_map_options standard;

enum cf_status cf_map(struct cf_executor *executor, cf_function *function,
                      const void *items, size_t item_bytes, size_t count,
                      const struct cf_map_options *options,
                      struct cf_iterator **iterator)
{
    struct array_map *map;

    if (options == NULL)
        options = &standard;
    enum cf_status status = cfi_map_check(
        executor, (const void *)(uintptr_t)function, options, iterator);
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
        status = cfi_as_completed_until(map->futures, count, map->deadline_ns,
                                        &map->as_ended);
    if (status != CF_OK) {
        array_release(&map->iterator);
        return status;
    }
    *iterator = &map->iterator;
    return CF_OK;
}
