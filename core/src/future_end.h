/* SPDX-License-Identifier: MIT */
#ifndef CFI_FUTURE_END_H
#define CFI_FUTURE_END_H

/* How most runs end, in place for who runs tasks; the other ends are in
 * future.c. */
#include <limits.h>

#include "admission.h"
#include "future_head.h"

/*
 * Counts out what this worker has run. Where a task of its own waited for that
 * (`outer`, to which it goes back), nobody who waits for the last one is looked
 * for: `outer` is in, and will be told of as it goes. But where that was written
 * off: cfi_future_write_off() has a barrier in all threads between saying so and
 * its own look, so either it sees what is counted here, or this sees that it
 * was.
 */
static inline void cfi_worker_count_out(struct cfi_worker *worker,
                                        struct cf_executor *executor,
                                        uint32_t epoch)
{
    /* relaxed: our own */
    const struct cf_future *outer =
        atomic_load_explicit(&worker->running, memory_order_relaxed);

    if (outer == NULL && worker->depth == 0 && worker->says_later) {
        cfi_worker_ended_task(worker, epoch);
    } else if (outer != NULL && outer->epoch == epoch &&
               worker->tally != NULL) {
        cfi_tally_count(&worker->tally->left[epoch], 1);
        atomic_signal_fence(memory_order_seq_cst);
        if (cfi_future_is_written_off(outer))
            cfi_executor_leave(executor, 0, epoch);
    } else {
        cfi_executor_task_ended(executor, epoch);
    }
}

/* A run ends as most do: the task has brought a plain result, and what is left to
 * be done with it calls no function of the user's, which may last. */
static inline bool cfi_future_may_end_quietly(const struct cf_future *future)
{
    return !future->travels && future->outcome.status == CF_OK &&
           !future->outcome.is_object;
}

/* Its runner's step, as cfi_future_step(), if nobody watches it or has asked it to
 * end: from RUNNING, or from where he has claimed it by a plain store. */
static inline bool cfi_future_step_to_end(struct cf_future *future,
                                          uint64_t references, uint64_t *before)
{
    uint64_t head = atomic_load_explicit(&future->head, memory_order_relaxed);
    do {
        uint64_t place = head & (CFI_PLACE | CFI_ASKED | CFI_WATCHED);
        if (place != CF_STATE_RUNNING && place != CFI_BOUND)
            return false;
        /* acq_rel: as in cfi_future_step() */
    } while (!atomic_compare_exchange_weak_explicit(
        &future->head, &head,
        ((head & ~(uint64_t)UINT32_MAX) - references) | CF_STATE_FINISHED |
            (head & CFI_FLAGS),
        memory_order_acq_rel, memory_order_relaxed));
    *before = head;
    return true;
}

/*
 * Ends such a run if nobody watches. Its runner's reference goes in the step to
 * FINISHED if `gives_back`; then the future may be gone at once, and its waiters
 * are woken by the address alone (if that is another's by then, it wakes for
 * nothing). False: it ends in another way.
 */
static inline __attribute__((always_inline)) bool
cfi_future_end_quietly(struct cf_future *future, struct cfi_worker *worker,
                       bool gives_back)
{
    struct cf_executor *executor = future->executor;
    uint32_t epoch = future->epoch;
    uint64_t before;

    if (!cfi_future_step_to_end(future, gives_back ? CFI_REFERENCE : 0,
                                &before))
        return false;
    if (before & CFI_WAITED)
        cfi_futex_wake(cfi_future_sleepers(future), INT_MAX);
    cfi_executor_raise_event(executor);
    if (gives_back && before < 2 * CFI_REFERENCE)
        cfi_future_free(future);
    cfi_worker_count_out(worker, executor, epoch);
    return true;
}

#endif
