/* SPDX-License-Identifier: MIT */
/*
 * Waiting for one future. A waiter looks for a while, then sleeps on the
 * future's word, or where the backend can, fetches answers meanwhile.
 *
 * A worker that waits is a worker less. Where what it waits for has not started
 * it runs that itself (cfi_future_help()): never anything else, which might
 * need a lock that its own task holds; never in a wait with a time-out, which
 * would last as long as the task; never a task with a limit of its own, whose
 * clock would be the waiter's; and not with half of the stack in use. In those
 * cases who keeps the workers is told that one sleeps and what for, and may put
 * a spare one in its place.
 */
#include <cf/future.h>

#include "awaited.h"
#include "clock.h"
#include "executor_impl.h"
#include "future_impl.h"
#include "interrupt.h"
#include "last_error.h"
#include "shift.h"
#include "spin.h"
#include "waits_for.h"

/* The backend that carries its task, and may be asked to bring it home. */
static const struct cf_backend *carrier_of(const struct cf_future *future)
{
    return future->travels ? future->executor->backend : NULL;
}

/* Sleeps while its word is `word`; false: the deadline has passed. */
static bool sleep_on(struct cf_future *future, uint32_t word,
                     int64_t deadline_ns)
{
    const struct cf_backend *carrier = carrier_of(future);

    if (carrier != NULL && carrier->sleep != NULL)
        return carrier->sleep(future->executor->state, future, word,
                              deadline_ns);
    return cfi_interruptible_wait(cfi_future_sleepers(future), word,
                                  deadline_ns);
}

/* Looks for a while before sleeping. */
static void spin_until_final(const struct cf_future *future,
                             int64_t deadline_ns)
{
    static _Thread_local struct cfi_spin spin;

    if (!cfi_spin_pays(&spin))
        return;
    int64_t begun_ns = cfi_now_ns(), now_ns = begun_ns;
    int64_t until_ns = begun_ns + CFI_SPIN_NS;
    if (until_ns > deadline_ns)
        until_ns = deadline_ns;
    bool is_there = false;
    for (unsigned round = 1; !is_there && now_ns < until_ns; round++) {
        cfi_spin_rest(round);
        is_there = cfi_future_is_final(future);
        now_ns = cfi_now_ns();
    }
    cfi_spin_note(&spin, is_there, now_ns - begun_ns);
}

static enum cf_status sleep_until_final(struct cf_future *future,
                                        int64_t deadline_ns)
{
    const struct cf_backend *carrier = carrier_of(future);

    if (carrier != NULL && carrier->fetch != NULL)
        carrier->fetch(future->executor->state, future, deadline_ns);
    else
        spin_until_final(future, deadline_ns);
    uint32_t word;
    bool has_told = false;

    while (cfi_future_is_open(future, &word)) {
        if (!has_told)
            cfi_absence_lasts();
        has_told = true;
        bool in_time = sleep_on(future, word, deadline_ns);
        if (!in_time && !cfi_future_is_final(future))
            return CF_TIMEOUT;
    }
    return CF_OK;
}

/* It could run here but for the depth, and nobody else can be had. */
static bool is_too_deep(const struct cf_future *future, int64_t deadline_ns)
{
    const struct cfi_worker *worker = cfi_worker_of(future->executor);

    return deadline_ns == INT64_MAX && worker != NULL &&
           worker->executor != NULL && worker->is_too_deep &&
           cfi_future_state(future) == CF_STATE_PENDING;
}

static enum cf_status sleep_as_worker(struct cf_future *future,
                                      int64_t deadline_ns)
{
    struct cfi_awaited awaited;
    enum cf_status status;

    cfi_forget_interrupt();
    cfi_awaited_init(&awaited, &future, sizeof future, 1);
    bool can_end = cfi_absence_begin(&awaited);
    if (!can_end && is_too_deep(future, deadline_ns)) {
        status = cfi_fail(CF_DEADLOCK,
                          "waits inside waits, %u deep, and no "
                          "worker is left for the innermost",
                          cfi_worker_of(future->executor)->depth);
    } else {
        cfi_sleep_begin();
        status = sleep_until_final(future, deadline_ns);
        cfi_sleep_end();
    }
    cfi_absence_end();
    return status;
}

enum cf_status cfi_future_await(struct cf_future *future, int64_t deadline_ns)
{
    if (cfi_future_is_final(future))
        return CF_OK;
    if (!cfi_future_is_ours(future))
        return CF_BROKEN;
    if (deadline_ns == INT64_MIN) {
        cfi_forget_interrupt();
        return CF_TIMEOUT;
    }
    if (deadline_ns == INT64_MAX && cfi_future_help(future))
        return CF_OK;
    bool is_for_ever = deadline_ns == INT64_MAX;
    if (is_for_ever && !cfi_waits_for_begin(future))
        return CF_DEADLOCK;
    enum cf_status status = sleep_as_worker(future, deadline_ns);
    if (is_for_ever)
        cfi_waits_for_end();
    return status;
}
