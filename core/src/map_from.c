/* SPDX-License-Identifier: MIT */
/*
 * A map over pulled input: at most `buffersize` futures that were submitted and
 * not yet yielded, filled up again after each one.
 *
 *      in order     a ring, whose oldest is awaited
 *      unordered    a place for each, and the arrivals (arrivals.c); a place is
 *                   free again when its future is given back
 */
#include <stdlib.h>

#include "admission.h"
#include "arrivals.h"
#include "buffer_impl.h"
#include "executor_impl.h"
#include "future_impl.h"
#include "interrupt.h"
#include "iterator_impl.h"
#include "last_error.h"
#include "submit.h"

struct pull_map {
    struct cf_iterator iterator;  /* first: it is cast back */
    struct cf_executor *executor; /* a reference */
    cf_function *function;
    cf_pull *pull;
    void *context;
    int64_t deadline_ns;
    struct cf_buffer *buffers[CF_MOST_BUFFERS]; /* what every task shares */
    size_t buffer_count;
    enum cf_status input; /* CF_OK: there may be more input  */
    struct cfi_noted why; /* where it could not be submitted */
    size_t items;         /* submitted in all                */
    size_t count;         /* submitted, not yet yielded      */
    size_t capacity;
};

/* No more can be submitted, as was noted: cf_next() may have others to yield
 * before it says so. */
static bool end_input(struct pull_map *map, enum cf_status status,
                      const struct cfi_noted *noted)
{
    map->input = status;
    map->why = cfi_noted();
    cfi_note_again(noted);
    return false;
}

/* Brings and submits the next item. False: there is none, or it failed. */
static bool submit_next(struct pull_map *map, struct cf_future **future)
{
    const void *arg = NULL;
    size_t arg_bytes = 0;
    struct cf_call call = {.buffers = map->buffers,
                           .buffer_count = map->buffer_count};

    if (map->input != CF_OK || map->count == map->capacity)
        return false;
    struct cfi_noted noted = cfi_noted();
    enum cf_status status = cfi_executor_check_open(map->executor);
    if (status != CF_OK) /* what is not pulled is not lost */
        return end_input(map, status, &noted);
    if (!map->pull(map->context, &arg, &arg_bytes)) {
        map->input = CF_END;
        return false;
    }
    noted = cfi_noted();
    status = cfi_submit_pulled(map->executor, map->function, arg, arg_bytes,
                               &call, map->items, future);
    if (status != CF_OK)
        return end_input(map, status, &noted);
    map->items++;
    map->count++;
    return true;
}

static void end(struct cf_future *future)
{
    cf_cancel(future);
    cf_future_release(future);
}

static void map_free(struct pull_map *map)
{
    for (size_t i = 0; i < map->buffer_count; i++)
        cf_buffer_release(map->buffers[i]);
    cfi_executor_release(map->executor);
    free(map);
}

/* Nothing is left to be yielded. */
static enum cf_status end_of(const struct pull_map *map)
{
    if (map->input != CF_END)
        cfi_note_again(&map->why);
    return map->input;
}

static enum cf_status fail_timeout(void)
{
    return cfi_fail_timeout("an item has not ended in time");
}

/* --- in order --- */

struct ring_map {
    struct pull_map map;    /* first: it is cast back */
    struct cf_future *lent; /* yielded last           */
    size_t oldest;          /* its place in the ring  */
    struct cf_future *ring[];
};

static void ring_fill(struct ring_map *ring)
{
    struct cf_future *future;

    while (submit_next(&ring->map, &future))
        ring->ring[(ring->oldest + ring->map.count - 1) % ring->map.capacity] =
            future;
}

static enum cf_status ring_next(struct cf_iterator *iterator,
                                struct cf_future **future)
{
    struct ring_map *ring = (struct ring_map *)iterator;

    cf_future_release(ring->lent);
    ring->lent = NULL;
    if (ring->map.count == 0)
        return end_of(&ring->map);
    enum cf_status status =
        cfi_future_await(ring->ring[ring->oldest], ring->map.deadline_ns);
    if (status != CF_OK)
        return status == CF_TIMEOUT ? fail_timeout() : status;
    ring->lent = ring->ring[ring->oldest];
    ring->oldest = (ring->oldest + 1) % ring->map.capacity;
    ring->map.count--;
    ring_fill(ring); /* the workers go on while the caller looks at this one */
    *future = ring->lent;
    return CF_OK;
}

static void ring_release(struct cf_iterator *iterator)
{
    struct ring_map *ring = (struct ring_map *)iterator;

    cf_future_release(ring->lent);
    while (ring->map.count-- > 0)
        end(ring->ring[(ring->oldest + ring->map.count) % ring->map.capacity]);
    map_free(&ring->map);
}

/* --- unordered --- */

struct place_map {
    struct pull_map map; /* first: it is cast back */
    struct cfi_arrivals arrivals;
    struct cfi_awaited awaited;
    struct cfi_arrival *lent; /* yielded last                         */
    struct cfi_arrival *free; /* places without a future, by `next`   */
    struct cfi_arrival places[];
};

static void free_place(struct place_map *places, struct cfi_arrival *place)
{
    place->next = places->free;
    places->free = place;
}

static void place_fill(struct place_map *places)
{
    struct cf_future *future;

    while (places->free != NULL && submit_next(&places->map, &future)) {
        struct cfi_arrival *place = places->free;
        places->free = place->next;
        cfi_arrival_expect(&places->arrivals, place, future);
    }
    places->awaited.at = 0; /* who is behind it has changed */
}

/* A worker runs a task of its own that has not started. */
static void help(struct place_map *places)
{
    for (size_t i = 0; i < places->awaited.count; i++)
        if (places->places[i].future != NULL &&
            cfi_future_help(places->places[i].future))
            return;
}

static enum cf_status place_next(struct cf_iterator *iterator,
                                 struct cf_future **future)
{
    struct place_map *places = (struct place_map *)iterator;

    if (places->lent != NULL) {
        cfi_arrival_drop(places->lent);
        free_place(places, places->lent);
        places->lent = NULL;
    }
    place_fill(places);
    if (places->map.count == 0)
        return end_of(&places->map);
    if (places->map.deadline_ns == INT64_MAX &&
        !cfi_arrivals_are_there(&places->arrivals))
        help(places);
    places->lent = cfi_arrivals_take(&places->arrivals, &places->awaited,
                                     places->map.deadline_ns);
    if (places->lent == NULL)
        return fail_timeout();
    places->map.count--;
    place_fill(places);
    *future = places->lent->future;
    return CF_OK;
}

static void place_release(struct cf_iterator *iterator)
{
    struct place_map *places = (struct place_map *)iterator;

    for (size_t i = 0; i < places->awaited.count; i++)
        if (places->places[i].future != NULL) {
            cf_cancel(places->places[i].future);
            cfi_arrival_drop(&places->places[i]);
        }
    map_free(&places->map);
}

/* --- both --- */

/* `capacity` places behind the head; NULL without memory. */
static void *map_new(size_t head_bytes, size_t place_bytes, size_t capacity)
{
    if (capacity > (SIZE_MAX - head_bytes) / place_bytes)
        return NULL;
    return calloc(1, head_bytes + capacity * place_bytes);
}

static struct pull_map *ring_new(size_t capacity)
{
    struct ring_map *ring =
        map_new(sizeof *ring, sizeof ring->ring[0], capacity);

    if (ring == NULL)
        return NULL;
    cfi_iterator_init(&ring->map.iterator, ring_next, ring_release);
    return &ring->map;
}

static struct pull_map *place_new(struct cf_executor *executor, size_t capacity)
{
    /* one more, for the one that is lent */
    struct place_map *places =
        map_new(sizeof *places, sizeof places->places[0], capacity + 1);

    if (places == NULL)
        return NULL;
    cfi_iterator_init(&places->map.iterator, place_next, place_release);
    places->awaited = (struct cfi_awaited){
        .first = (const unsigned char *)&places->places[0].future,
        .stride = sizeof places->places[0],
        .count = capacity + 1,
        .executor = executor,
    };
    for (size_t i = capacity + 1; i-- > 0;)
        free_place(places, &places->places[i]);
    return &places->map;
}

enum cf_status cf_map_from(struct cf_executor *executor, cf_function *function,
                           cf_pull *pull, void *context,
                           const struct cf_map_options *options,
                           struct cf_iterator **iterator)
{
    static const struct cf_map_options standard;

    if (options == NULL)
        options = &standard;
    enum cf_status status = cfi_map_check(
        executor, (const void *)(uintptr_t)function, options, iterator);
    if (status != CF_OK)
        return status;
    if (pull == NULL)
        return cfi_fail(CF_INVALID, "no function that brings input given");
    size_t capacity = options->buffersize > 0
                          ? options->buffersize
                          : 2 * cf_executor_workers(executor);
    struct pull_map *map = options->unordered && capacity < SIZE_MAX
                               ? place_new(executor, capacity)
                               : ring_new(capacity);
    if (map == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a buffer of %zu", capacity);
    cfi_executor_retain(executor);
    map->executor = executor;
    map->function = function;
    map->pull = pull;
    map->context = context;
    map->deadline_ns = cfi_map_deadline_ns(options);
    map->capacity = capacity;
    map->buffer_count = options->buffer_count;
    for (size_t i = 0; i < options->buffer_count; i++)
        map->buffers[i] = cf_buffer_retain(options->buffers[i]);
    if (options->unordered)
        place_fill((struct place_map *)map);
    else
        ring_fill((struct ring_map *)map);
    if (map->count == 0 && map->input != CF_END) {
        status = end_of(map); /* nothing could be submitted */
        cf_iterator_release(&map->iterator);
        return status;
    }
    *iterator = &map->iterator;
    return CF_OK;
}
