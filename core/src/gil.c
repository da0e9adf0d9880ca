/* SPDX-License-Identifier: MIT */
/*
 * The control of the whole comparison: C code under CPython's rule (its
 * Python/ceval_gil.c, since 3.2), so that what a global lock costs is seen
 * apart from what an interpreter costs.
 *
 *   - One thread computes. Who wants the lock sleeps up to the switch
 *     interval, 5 ms; if it did not change hands meanwhile, asks for a drop.
 *   - The holder looks for that request at its checkpoints, lets go, and waits
 *     until another thread has the lock before it queues up again: else, being
 *     awake, it would take the lock back at once (forced switching).
 *   - A holder that is about to wait for something else lets go beforehand.
 *
 * A waiter never gives up, so a drop request always has somebody behind it.
 */
#include "gil.h"

#include "clock.h"

#define SWITCH_INTERVAL_NS 5000000

/* A name for this thread: the address of something of its own. */
static uintptr_t this_thread(void)
{
    static _Thread_local char name;
    return (uintptr_t)&name;
}

static bool try_take(struct cfi_gil *gil)
{
    uint32_t is_free = 0;

    if (!atomic_compare_exchange_strong(&gil->held, &is_free, 1))
        return false;
    if (atomic_exchange(&gil->last_holder, this_thread()) != this_thread())
        atomic_fetch_add(&gil->switches, 1);
    atomic_store(&gil->drop_request, 0);
    cfi_eventcount_notify(&gil->taken, CFI_EVERYBODY);
    return true;
}

void cfi_gil_acquire(struct cfi_gil *gil)
{
    while (!try_take(gil)) {
        uint32_t switches = atomic_load(&gil->switches);
        int64_t deadline_ns = cfi_deadline_ns(SWITCH_INTERVAL_NS);
        uint32_t key = cfi_eventcount_prepare(&gil->freed);
        if (atomic_load(&gil->held) == 0) {
            cfi_eventcount_cancel(&gil->freed);
            continue;
        }
        if (!cfi_eventcount_wait(&gil->freed, key, deadline_ns) &&
            atomic_load(&gil->switches) == switches)
            atomic_store(&gil->drop_request, 1);
    }
}

void cfi_gil_release(struct cfi_gil *gil)
{
    atomic_store(&gil->held, 0);
    cfi_eventcount_notify(&gil->freed, 1);
}

static void wait_until_taken(struct cfi_gil *gil)
{
    while (atomic_load(&gil->last_holder) == this_thread()) {
        uint32_t key = cfi_eventcount_prepare(&gil->taken);
        if (atomic_load(&gil->last_holder) != this_thread()) {
            cfi_eventcount_cancel(&gil->taken);
            return;
        }
        cfi_eventcount_wait(&gil->taken, key, INT64_MAX);
    }
}

void cfi_gil_checkpoint(struct cfi_gil *gil)
{
    /* relaxed: a hint; the lock itself orders everything else */
    if (atomic_load_explicit(&gil->drop_request, memory_order_relaxed) == 0)
        return;
    cfi_gil_release(gil);
    wait_until_taken(gil);
    cfi_gil_acquire(gil);
}
