/* SPDX-License-Identifier: MIT */
/* Taking a task back. Where a transport carries it, the transport decides. */
#include <sched.h>

#include "executor_impl.h"
#include "future_impl.h"

/* True or false is the answer; CFI_ELSEWHERE: look again. */
static enum cfi_take take_back(struct cf_future *future)
{
    struct cf_executor *executor = future->executor;
    enum cfi_take take = executor->backend->take_back(executor->state, future);

    if (take == CFI_TAKEN) {
        cfi_future_cancel_taken(future);
        cf_future_release(future); /* the transport's */
    }
    return take;
}

bool cf_cancel(struct cf_future *future)
{
    if (future == NULL)
        return false;
    if (!cfi_future_is_ours(future))
        return cf_cancelled(future);
    for (;;) {
        if (cfi_future_is_sent(future)) {
            enum cfi_take take = take_back(future);
            if (take == CFI_TAKEN)
                return true;
            if (take == CFI_STARTED)
                return cf_cancelled(future);
            sched_yield(); /* it is being moved: a few instructions */
            continue;
        }
        if (cfi_future_cancel_pending(future))
            return true;
        if (cfi_future_is_settled(future))
            return cfi_future_is_being_cancelled(future) ||
                   cf_cancelled(future);
        enum cf_future_state state = cfi_future_state(future);
        if (state != CF_STATE_PENDING)
            return state == CF_STATE_CANCELLED;
    }
}
