/* SPDX-License-Identifier: MIT */
/*
 * Futures in the order in which they end. A watch on each puts its entry on a
 * stack when the future is final (any thread pushes); the one thread that
 * iterates takes the whole stack at once and turns it round. Where a worker
 * waits for tasks of its own executor it runs them itself, like any wait.
 */
#include <stdio.h>
#include <stdlib.h>

#include "awaited.h"
#include "clock.h"
#include "eventcount.h"
#include "future_impl.h"
#include "interrupt.h"
#include "iterator_impl.h"
#include "last_error.h"
#include "watch.h"

struct entry {
    struct cfi_watch watch; /* first: it is cast back */
    struct completed *completed;
    struct cf_future *future; /* NULL once yielded and given back */
    struct entry *next;
};

struct completed {
    struct cf_iterator iterator; /* first: it is cast back */
    int64_t deadline_ns;
    _Atomic(struct entry *) pushed; /* ended; the latest first      */
    struct cfi_eventcount event;    /* notified after each push     */
    struct entry *ready;            /* taken over, the oldest first */
    struct entry *lent;             /* yielded last                 */
    size_t left;                    /* not yielded yet              */
    size_t helped;                  /* entries before it were offered help */
    size_t count;
    struct cfi_awaited awaited;
    struct entry entries[];
};

static void push(struct entry *entry)
{
    struct completed *completed = entry->completed;
    struct entry *top =
        atomic_load_explicit(&completed->pushed, memory_order_relaxed);
    do {
        entry->next = top;
        /* release: pairs with the exchange in take_over() */
    } while (!atomic_compare_exchange_weak_explicit(&completed->pushed, &top,
                                                    entry, memory_order_release,
                                                    memory_order_relaxed));
}

static void fire(struct cfi_watch *watch, struct cf_future *future)
{
    struct entry *entry = (struct entry *)watch;
    (void)future;
    push(entry);
    cfi_eventcount_notify(&entry->completed->event, 1);
}

static void take_over(struct completed *completed)
{
    /* acquire: pairs with push() */
    struct entry *entry = atomic_exchange_explicit(&completed->pushed, NULL,
                                                   memory_order_acquire);
    while (entry != NULL) {
        struct entry *next = entry->next;
        entry->next = completed->ready;
        completed->ready = entry;
        entry = next;
    }
}

static bool is_any_ready(struct completed *completed)
{
    if (completed->ready == NULL)
        take_over(completed);
    return completed->ready != NULL;
}

static void give_back(struct entry *entry)
{
    /* even where the watch has fired: it may be firing at this moment */
    cfi_watch_remove(entry->future, &entry->watch);
    cf_future_release(entry->future);
    entry->future = NULL;
}

/* Runs one task that has not started, if this thread is its worker. */
static void help(struct completed *completed)
{
    while (completed->helped < completed->count) {
        struct entry *entry = &completed->entries[completed->helped++];
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

static enum cf_status wait_for_one(struct completed *completed)
{
    while (!is_any_ready(completed)) {
        uint32_t key = cfi_eventcount_prepare(&completed->event);
        if (is_any_ready(completed)) {
            cfi_eventcount_cancel(&completed->event);
            break;
        }
        if (!cfi_interruptible_event_wait(&completed->event, key,
                                          completed->deadline_ns) &&
            !is_any_ready(completed))
            return fail_timeout(completed);
    }
    return CF_OK;
}

static enum cf_status completed_next(struct cf_iterator *iterator,
                                     struct cf_future **future)
{
    struct completed *completed = (struct completed *)iterator;

    if (completed->lent != NULL) {
        give_back(completed->lent);
        completed->lent = NULL;
    }
    if (completed->left == 0)
        return CF_END;
    if (!is_any_ready(completed) && completed->deadline_ns == INT64_MAX)
        help(completed);
    enum cf_status status = CF_OK;
    if (!is_any_ready(completed)) {
        cfi_absence_begin(&completed->awaited);
        cfi_sleep_begin();
        status = wait_for_one(completed);
        cfi_sleep_end();
        cfi_absence_end();
    }
    if (status != CF_OK)
        return status;
    completed->lent = completed->ready;
    completed->ready = completed->ready->next;
    completed->left--;
    *future = completed->lent->future;
    return CF_OK;
}

static void completed_release(struct cf_iterator *iterator)
{
    struct completed *completed = (struct completed *)iterator;

    for (size_t i = 0; i < completed->count; i++)
        if (completed->entries[i].future != NULL)
            give_back(&completed->entries[i]);
    free(completed);
}

static int by_address(const void *a, const void *b)
{
    const struct entry *x = a, *y = b;
    return (x->future > y->future) - (x->future < y->future);
}

/* Fills the entries with each future once, in the order given. */
static void collect(struct completed *completed,
                    struct cf_future *const *futures, size_t count)
{
    struct entry *entries = completed->entries;
    size_t kept = 0;

    for (size_t i = 0; i < count; i++)
        entries[i].future = futures[i];
    qsort(entries, count, sizeof entries[0], by_address);
    for (size_t i = 0; i < count; i++)
        if (i == 0 || entries[i].future != entries[kept - 1].future)
            entries[kept++].future = entries[i].future;
    completed->count = completed->left = kept;
    cfi_awaited_init(&completed->awaited, &entries[0].future, sizeof entries[0],
                     kept);
}

enum cf_status cf_as_completed(struct cf_future *const *futures, size_t count,
                               int64_t timeout_ns,
                               struct cf_iterator **iterator)
{
    struct completed *completed;

    if (iterator == NULL || (futures == NULL && count > 0))
        return cfi_fail(CF_INVALID, "no futures, or no place for the iterator");
    *iterator = NULL;
    for (size_t i = 0; i < count; i++) {
        if (futures[i] == NULL)
            return cfi_fail(CF_INVALID, "future %zu is NULL", i);
        if (!cfi_future_is_final(futures[i]) && !cfi_future_is_ours(futures[i]))
            return cfi_fail(CF_BROKEN, "a task belongs to the process that "
                                       "forked this one");
    }
    if (count > (SIZE_MAX - sizeof *completed) / sizeof(struct entry) ||
        (completed = calloc(1, sizeof *completed +
                                   count * sizeof(struct entry))) == NULL)
        return cfi_fail(CF_NOMEM, "no memory to wait for %zu tasks", count);
    cfi_iterator_init(&completed->iterator, completed_next, completed_release);
    completed->deadline_ns = cfi_deadline_ns(timeout_ns);
    collect(completed, futures, count);
    for (size_t i = 0; i < completed->count; i++) {
        struct entry *entry = &completed->entries[i];
        entry->completed = completed;
        entry->watch.fire = fire;
        cf_future_retain(entry->future);
    }
    for (size_t i = 0; i < completed->count; i++) {
        struct entry *entry = &completed->entries[i];
        if (cfi_future_is_final(entry->future) ||
            !cfi_watch_add(entry->future, &entry->watch))
            push(entry);
    }
    *iterator = &completed->iterator;
    return CF_OK;
}
