/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_CLAIM_H
#define CFI_POOL_CLAIM_H

#include "future_head.h"
#include "pool_impl.h"

/*
 * Claims a pending future for `worker`, which calls, and takes its entry out of
 * the worker's queue if it is easy to reach there: the youngest, as what a task
 * waits for mostly is. `*has_entry`: the reference that came with the entry is
 * the caller's. The step back comes before the claim, which is the deque's
 * barrier too, where it succeeds.
 */
static inline bool cfi_pool_claim(struct cfi_worker *worker,
                                  struct cf_future *future, bool *has_entry)
{
    struct cfi_deque *deque =
        worker->station != NULL ? &worker->station->deque : NULL;

    if (deque == NULL || !cfi_deque_step_back(deque, future)) {
        bool is_claimed = cfi_future_claim_in_place(future);
        *has_entry = deque != NULL && cfi_deque_take_back(deque, future);
        return is_claimed;
    }
    bool is_claimed = cfi_future_claim_in_place(future);
    *has_entry = cfi_deque_keep_back(deque, is_claimed);
    return is_claimed;
}

#endif
