/* SPDX-License-Identifier: MIT */
/* What a worker process tells its host of its task's waits: that it sleeps and
 * for what, so that another worker may stand in; and that it waits for ever, so
 * that circles are found. */
#include "awaited.h"

#include <string.h>

#include "last_error.h"
#include "worker_executor.h"

#define MOST_IDS (CFI_WINDOW_BYTES / sizeof(uint64_t))

static struct cfi_worker_executor *executor_of(struct cfi_worker *worker)
{
    return worker->executor->state;
}

static bool is_ours(const struct cf_future *future,
                    const struct cf_executor *executor)
{
    return future != NULL && future->executor == executor &&
           cfi_future_is_sent(future) && !cfi_future_is_final(future);
}

static bool note_wait(struct cfi_worker *worker, struct cf_future *future)
{
    struct cfi_worker_executor *own = executor_of(worker);

    if (!is_ours(future, &own->executor))
        return true;
    struct cfi_reply reply =
        cfi_worker_ask(own, CFI_ASK_WAIT, cfi_rest(future)->ticket, 0);
    own->is_linked = reply.status == CF_OK;
    if (!own->is_linked)
        cfi_fail((enum cf_status)reply.status, "%s", reply.why);
    return own->is_linked;
}

/* As many of the ids from `*at` on as there is room for. */
static size_t list_ids(const struct cfi_awaited *awaited,
                       const struct cf_executor *executor, size_t *at,
                       unsigned char *to)
{
    size_t count = 0;

    for (; *at < awaited->count && count < MOST_IDS; (*at)++) {
        const struct cf_future *future =
            *(struct cf_future *const *)(const void *)(awaited->first +
                                                       *at * awaited->stride);
        if (!is_ours(future, executor))
            continue;
        memcpy(to + count * sizeof cfi_rest(future)->ticket,
               &cfi_rest(future)->ticket, sizeof cfi_rest(future)->ticket);
        count++;
    }
    return count;
}

static bool note_sleep(struct cfi_worker *worker, struct cfi_awaited *awaited)
{
    struct cfi_worker_executor *own = executor_of(worker);
    bool can_end = true;
    size_t at = 0, count;

    if (!own->is_open)
        return true; /* it waits for nothing of ours */
    struct cfi_window *window =
        cfi_worker_desk_begin(&own->desk, CFI_WINDOW_NOW);
    while ((count = list_ids(awaited, &own->executor, &at, window->bytes)) >
           0) {
        struct cfi_question sleep = {.kind = CFI_ASK_SLEEP,
                                     .bytes = count * sizeof(uint64_t)};
        can_end =
            cfi_worker_desk_ask(&own->desk, CFI_WINDOW_NOW, &sleep)->is_yes !=
            0;
        own->is_told = true;
    }
    cfi_worker_desk_end(&own->desk, CFI_WINDOW_NOW);
    return can_end;
}

static void note_wake(struct cfi_worker *worker)
{
    struct cfi_worker_executor *own = executor_of(worker);

    if (own->is_told || own->is_linked)
        cfi_worker_ask(own, CFI_ASK_WAKE, 0, 0);
    own->is_told = own->is_linked = false;
}

static void note_callbacks(struct cfi_worker *worker, bool begins)
{
    (void)worker; /* the task in which they run keeps it busy */
    (void)begins;
}

const struct cfi_absence cfi_worker_executor_absence = {
    .calls_back = note_callbacks,
    .sleeps = note_sleep,
    .wakes = note_wake,
    .waits_for = note_wait,
};
