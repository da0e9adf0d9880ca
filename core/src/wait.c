/* SPDX-License-Identifier: MIT */
/*
 * Waiting for several futures: a watch on each, all of which count into one
 * waiter. The waiter takes every watch back before it returns, also those that
 * have fired: taking back waits out a watch that is firing at that moment.
 */
#include <cf/future.h>

#include <stdlib.h>

#include "awaited.h"
#include "clock.h"
#include "eventcount.h"
#include "future_impl.h"
#include "future_tie.h"
#include "interrupt.h"
#include "last_error.h"
#include "watch.h"

struct waiter {
    size_t total; /* futures waited for */
    enum cf_wait_mode mode;
    _Atomic size_t final;  /* futures that are final      */
    _Atomic size_t failed; /* of these, ended by an error */
    struct cfi_eventcount event;
};

struct entry {
    struct cfi_watch watch; /* first: it is cast back */
    struct waiter *waiter;
};

static bool has_failed(const struct cf_future *future)
{
    return !cf_cancelled(future) && cfi_future_outcome(future)->status != CF_OK;
}

static void count(struct waiter *waiter, const struct cf_future *future)
{
    if (has_failed(future))
        atomic_fetch_add(&waiter->failed, 1);
    atomic_fetch_add(&waiter->final, 1);
}

static bool is_met(struct waiter *waiter)
{
    size_t final = atomic_load(&waiter->final);

    return final == waiter->total ||
           (waiter->mode == CF_FIRST_COMPLETED && final > 0) ||
           (waiter->mode == CF_FIRST_EXCEPTION &&
            atomic_load(&waiter->failed) > 0);
}

/* Whoever counts the last one that is needed wakes the waiter, nobody before:
 * the counts are sequentially consistent, so one of them sees it met. */
static void fire(struct cfi_watch *watch, struct cf_future *future)
{
    struct waiter *waiter = ((struct entry *)watch)->waiter;

    count(waiter, future);
    if (is_met(waiter))
        cfi_eventcount_notify(&waiter->event, 1);
}

/* A worker that waits for ever runs what has not started itself, one task at a
 * time, as far as the mode needs it. */
static void help(struct cf_future *const *futures, struct waiter *waiter)
{
    for (size_t i = 0; i < waiter->total && !is_met(waiter); i++)
        cfi_future_help(futures[i]);
}

static enum cf_status sleep_until_met(struct waiter *waiter,
                                      int64_t deadline_ns)
{
    while (!is_met(waiter)) {
        uint32_t key = cfi_eventcount_prepare(&waiter->event);
        if (is_met(waiter)) {
            cfi_eventcount_cancel(&waiter->event);
            break;
        }
        if (!cfi_interruptible_event_wait(&waiter->event, key, deadline_ns) &&
            !is_met(waiter))
            return cfi_fail_timeout("not all tasks have ended in time");
    }
    return CF_OK;
}

static enum cf_status watch_and_wait(struct cf_future *const *futures,
                                     size_t total, enum cf_wait_mode mode,
                                     int64_t deadline_ns)
{
    struct waiter waiter = {.total = total, .mode = mode};
    struct entry *entries = calloc(total, sizeof *entries);
    if (entries == NULL)
        return cfi_fail(CF_NOMEM, "no memory to wait for %zu tasks", total);
    for (size_t i = 0; i < total; i++) {
        entries[i].watch.fire = fire;
        entries[i].waiter = &waiter;
        if (!cfi_watch_add(futures[i], &entries[i].watch))
            count(&waiter, futures[i]);
    }
    if (deadline_ns == INT64_MAX)
        help(futures, &waiter);
    struct cfi_awaited awaited;
    cfi_awaited_init(&awaited, futures, sizeof futures[0], total);
    cfi_absence_begin(&awaited);
    cfi_sleep_begin();
    if (!is_met(&waiter))
        cfi_absence_lasts();
    enum cf_status status = sleep_until_met(&waiter, deadline_ns);
    cfi_sleep_end();
    cfi_absence_end();
    for (size_t i = 0; i < total; i++)
        cfi_watch_remove(futures[i], &entries[i].watch);
    free(entries);
    return status;
}

/* Decides where no waiting is needed: the mode holds, or cannot come to hold
 * here. CF_TIMEOUT, not noted: it does not hold yet. */
static enum cf_status look(struct cf_future *const *futures, size_t total,
                           enum cf_wait_mode mode)
{
    struct waiter waiter = {.total = total, .mode = mode};
    bool is_foreign = false;

    for (size_t i = 0; i < total; i++) {
        cfi_futures_fetch_later(futures, total, i);
        if (cfi_future_is_final(futures[i]))
            count(&waiter, futures[i]);
        else if (!cfi_future_is_ours(futures[i]))
            is_foreign = true;
    }
    if (is_met(&waiter))
        return CF_OK;
    if (is_foreign)
        return cfi_fail(CF_BROKEN, "a task belongs to the process that forked "
                                   "this one");
    return CF_TIMEOUT;
}

enum cf_status cf_wait(struct cf_future *const *futures, size_t total,
                       enum cf_wait_mode mode, int64_t timeout_ns,
                       size_t *done_count)
{
    if ((futures == NULL && total > 0) || mode > CF_FIRST_EXCEPTION)
        return cfi_fail(CF_INVALID, "no futures, or no such way to wait");
    for (size_t i = 0; i < total; i++)
        if (futures[i] == NULL)
            return cfi_fail(CF_INVALID, "future %zu is NULL", i);
    int64_t deadline_ns = cfi_deadline_ns(timeout_ns);
    enum cf_status status = look(futures, total, mode);
    if (status == CF_TIMEOUT && deadline_ns == INT64_MIN)
        cfi_fail(CF_TIMEOUT, "not all tasks have ended in time");
    else if (status == CF_TIMEOUT)
        status = watch_and_wait(futures, total, mode, deadline_ns);
    if (done_count != NULL) {
        *done_count = 0;
        for (size_t i = 0; i < total; i++)
            *done_count += cfi_future_is_final(futures[i]);
    }
    return status;
}
