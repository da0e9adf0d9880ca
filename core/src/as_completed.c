/* SPDX-License-Identifier: MIT */
/*
 * An iterator over given futures in the order in which they end. Where a worker
 * waits for tasks of its own executor it runs them itself, like any wait.
 */
#include <stdio.h>
#include <stdlib.h>

#include "arrivals.h"
#include "clock.h"
#include "future_impl.h"
#include "future_tie.h"
#include "interrupt.h"
#include "iterator_impl.h"
#include "last_error.h"

struct completed {
    struct cf_iterator iterator; /* first: it is cast back */
    int64_t deadline_ns;
    struct cfi_arrivals arrivals;
    struct cfi_arrival *lent; /* yielded last                          */
    size_t left;              /* not yielded yet                       */
    size_t helped;            /* entries before it were offered help   */
    size_t count;
    struct cfi_awaited awaited;
    struct cfi_arrival entries[]; /* without a future once given back */
};

/* Runs one task that has not started, if this thread is its worker. */
static void help(struct completed *completed)
{
    while (completed->helped < completed->count) {
        struct cfi_arrival *entry = &completed->entries[completed->helped++];
        if (entry->future != NULL && cfi_future_help(entry->future))
            return;
    }
}

static enum cf_status fail_timeout(const struct completed *completed)
{
    char what[80];

    snprintf(what, sizeof what, "%zu (of %zu) tasks have not ended",
             completed->left, completed->count);
    return cfi_fail_timeout(what);
}

static enum cf_status completed_next(struct cf_iterator *iterator,
                                     struct cf_future **future)
{
    struct completed *completed = (struct completed *)iterator;

    if (completed->lent != NULL) {
        cfi_arrival_drop(completed->lent);
        completed->lent = NULL;
    }
    if (completed->left == 0)
        return CF_END;
    if (completed->deadline_ns == INT64_MAX &&
        !cfi_arrivals_are_there(&completed->arrivals))
        help(completed);
    completed->lent = cfi_arrivals_take(
        &completed->arrivals, &completed->awaited, completed->deadline_ns);
    if (completed->lent == NULL)
        return fail_timeout(completed);
    completed->left--;
    *future = completed->lent->future;
    return CF_OK;
}

static void completed_release(struct cf_iterator *iterator)
{
    struct completed *completed = (struct completed *)iterator;

    for (size_t i = 0; i < completed->count; i++)
        if (completed->entries[i].future != NULL)
            cfi_arrival_drop(&completed->entries[i]);
    free(completed);
}

/* The futures that were met so far: a table by address, at most half full. */
struct met {
    struct cf_future **places;
    unsigned bits; /* it has 2 to this many places */
};

static bool met_create(struct met *met, size_t count)
{
    met->bits = 1;
    while (met->bits < 60 && (size_t)1 << met->bits < 2 * count)
        met->bits++;
    met->places = calloc((size_t)1 << met->bits, sizeof met->places[0]);
    return met->places != NULL;
}

/* True the first time. Fibonacci hashing: Knuth, The Art of Computer Programming
 * 3, 6.4. */
static bool meet(struct met *met, struct cf_future *future)
{
    uint64_t scattered = (uint64_t)(uintptr_t)future * 0x9e3779b97f4a7c15;
    size_t mask = ((size_t)1 << met->bits) - 1;
    size_t at = (size_t)(scattered >> (64 - met->bits));

    while (met->places[at] != NULL && met->places[at] != future)
        at = (at + 1) & mask;
    bool is_new = met->places[at] == NULL;
    met->places[at] = future;
    return is_new;
}

/* Fills the entries with each future once, in the order given. False without
 * memory. */
static bool collect(struct completed *completed,
                    struct cf_future *const *futures, size_t count)
{
    struct cfi_arrival *entries = completed->entries;
    struct met met;
    size_t kept = 0;

    if (!met_create(&met, count))
        return false;
    for (size_t i = 0; i < count; i++)
        if (meet(&met, futures[i]))
            entries[kept++].future = futures[i];
    free(met.places);
    completed->count = completed->left = kept;
    cfi_awaited_init(&completed->awaited, &entries[0].future, sizeof entries[0],
                     kept);
    return true;
}

static void expect(struct completed *completed, struct cfi_arrival *entry)
{
    cfi_arrival_expect(&completed->arrivals, entry,
                       cf_future_retain(entry->future));
}

/* Those that have ended first: one that ends meanwhile is to come after them. */
static void expect_all(struct completed *completed)
{
    struct cfi_arrival *entries = completed->entries;
    size_t open = 0;

    for (size_t i = 0; i < completed->count; i++)
        if (cfi_future_is_final(entries[i].future))
            expect(completed, &entries[i]);
        else
            open++;
    for (size_t i = 0; i < completed->count && open > 0; i++)
        if (entries[i].arrivals == NULL) {
            expect(completed, &entries[i]);
            open--;
        }
}

static enum cf_status fail_nomem(size_t count)
{
    return cfi_fail(CF_NOMEM, "no memory to wait for %zu tasks", count);
}

static enum cf_status check(struct cf_future *const *futures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        cfi_futures_fetch_later(futures, count, i);
        if (futures[i] == NULL)
            return cfi_fail(CF_INVALID, "future %zu is NULL", i);
        if (!cfi_future_is_final(futures[i]) && !cfi_future_is_ours(futures[i]))
            return cfi_fail(CF_BROKEN, "a task belongs to the process that "
                                       "forked this one");
    }
    return CF_OK;
}

enum cf_status cfi_as_completed_until(struct cf_future *const *futures,
                                      size_t count, int64_t deadline_ns,
                                      struct cf_iterator **iterator)
{
    struct completed *completed;

    *iterator = NULL;
    enum cf_status status = check(futures, count);
    if (status != CF_OK)
        return status;
    if (count > (SIZE_MAX - sizeof *completed) / sizeof completed->entries[0] ||
        (completed = calloc(1, sizeof *completed +
                                   count * sizeof completed->entries[0])) ==
            NULL)
        return fail_nomem(count);
    cfi_iterator_init(&completed->iterator, completed_next, completed_release);
    completed->deadline_ns = deadline_ns;
    if (!collect(completed, futures, count)) {
        free(completed);
        return fail_nomem(count);
    }
    expect_all(completed);
    *iterator = &completed->iterator;
    return CF_OK;
}

enum cf_status cf_as_completed(struct cf_future *const *futures, size_t count,
                               int64_t timeout_ns,
                               struct cf_iterator **iterator)
{
    if (iterator == NULL || (futures == NULL && count > 0))
        return cfi_fail(CF_INVALID, "no futures, or no place for the iterator");
    return cfi_as_completed_until(futures, count, cfi_deadline_ns(timeout_ns),
                                  iterator);
}
