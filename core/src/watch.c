/* SPDX-License-Identifier: MIT */
/*
 * Who is told when a future is final: a list at the future, the latest first.
 *
 * Who adds a watch sets the future's flag first; who ends the future reads it
 * in the same step: so either the list is looked at, or the watch is not added
 * because the future is final already.
 *
 *      final ---> waiters, under the lock     so that one which takes its watch
 *            |                                back can be gone after it
 *            `--> callbacks, with no lock     the user's; in order of adding
 *
 * The future's lock guards the list and nothing else; no user code runs under
 * it.
 */
#include "watch.h"

#include "executor_impl.h"

bool cfi_watch_add(struct cf_future *future, struct cfi_watch *watch)
{
    struct cfi_future_rest *rest = cfi_rest(future);

    if (!cfi_future_is_ours(future)) /* its lock may be held for ever */
        return false;
    cfi_lock(&rest->lock);
    bool is_added = cfi_future_set_watched(future);
    if (is_added) {
        watch->next = rest->watches;
        rest->watches = watch;
    }
    cfi_unlock(&rest->lock);
    return is_added;
}

void cfi_watch_remove(struct cf_future *future, struct cfi_watch *watch)
{
    struct cfi_future_rest *rest = cfi_rest(future);

    if (!cfi_future_is_ours(future))
        return;
    cfi_lock(&rest->lock);
    struct cfi_watch **link = &rest->watches;
    while (*link != NULL && *link != watch)
        link = &(*link)->next;
    if (*link != NULL)
        *link = watch->next;
    cfi_unlock(&rest->lock);
}

/* Leaves the callbacks in order of adding. */
bool cfi_watches_tell(struct cf_future *future)
{
    struct cfi_future_rest *rest = cfi_rest(future);
    struct cfi_watch *callbacks = NULL, *next;

    cfi_lock(&rest->lock);
    for (struct cfi_watch *watch = rest->watches; watch; watch = next) {
        next = watch->next;
        if (watch->is_callback) {
            watch->next = callbacks; /* turns the order round */
            callbacks = watch;
        } else {
            watch->fire(watch, future);
        }
    }
    rest->watches = callbacks;
    cfi_unlock(&rest->lock);
    return callbacks != NULL;
}

struct cf_executor *cfi_watch_pin_executor(struct cf_future *future)
{
    struct cfi_future_rest *rest = cfi_rest(future);
    struct cf_executor *executor = NULL;

    /* whoever ends it takes the lock, once it is watched, before it lets the
     * executor go */
    cfi_lock(&rest->lock);
    if (cfi_future_set_watched(future) && future->executor != NULL) {
        executor = future->executor;
        cfi_executor_retain(executor);
    }
    cfi_unlock(&rest->lock);
    return executor;
}

/* The callbacks that this thread is in, inside each other, by what their
 * futures belong to. */
struct cfi_calling {
    const struct cf_executor *executor; /* NULL: a promise's */
    const struct cfi_calling *outer;
};

static _Thread_local const struct cfi_calling *current;

const struct cfi_calling *cfi_calling_current(void)
{
    return current;
}

void cfi_calling_adopt(const struct cfi_calling *calling)
{
    current = calling;
}

bool cfi_is_calling_back(const struct cf_executor *executor)
{
    const struct cfi_calling *calling = current;

    while (calling != NULL && calling->executor != executor)
        calling = calling->outer;
    return calling != NULL;
}

void cfi_watch_after_fork(void)
{
    current = NULL;
}

void cfi_watches_drop(struct cf_future *future)
{
    struct cfi_future_rest *rest = cfi_rest(future);
    struct cfi_watch *next;

    if (!cfi_future_is_watched(future) || !cfi_future_is_ours(future))
        return;
    for (struct cfi_watch *watch = rest->watches; watch; watch = next) {
        next = watch->next;
        watch->fire(watch, NULL);
    }
}

void cfi_watches_call_back(struct cf_future *future)
{
    struct cfi_future_rest *rest = cfi_rest(future);
    const struct cfi_calling calling = {future->executor, current};

    cfi_lock(&rest->lock); /* a late cfi_watch_remove() walks the list */
    struct cfi_watch *watch = rest->watches, *next;
    rest->watches = NULL;
    cfi_unlock(&rest->lock);

    current = &calling;
    for (; watch != NULL; watch = next) {
        next = watch->next;
        watch->fire(watch, future);
    }
    if (current == &calling) /* else a fork came between */
        current = calling.outer;
}
