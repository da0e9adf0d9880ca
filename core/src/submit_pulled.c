/* SPDX-License-Identifier: MIT */
/*
 * How a pulled item of a map comes in: whatever `max_pending` says, as those of
 * an array, since `buffersize` bounds how many there are. A wait for room would
 * hold back an item that is ready, outlast the map's time, and lose what was
 * pulled where it is interrupted.
 */
#include "admission.h"
#include "future_tie.h"
#include "heap.h"
#include "last_error.h"
#include "lent.h"
#include "observe.h"
#include "submit.h"

/* Is it copied once, to where it is needed, as in cf_submit()? */
static bool may_be_lent(const struct cf_executor *executor, size_t arg_bytes)
{
    return arg_bytes >= CFI_HEAP_LARGE && executor->backend->takes_lent &&
           arg_bytes >> CFI_ARG_BITS == 0;
}

static enum cf_status hand_over(struct cf_executor *executor,
                                struct cf_future *future)
{
    const struct cf_backend *backend = executor->backend;

    return backend->submit_of_array != NULL
               ? backend->submit_of_array(executor->state, future)
               : backend->submit(executor->state, future);
}

enum cf_status cfi_submit_pulled(struct cf_executor *executor,
                                 cf_function *function, const void *arg,
                                 size_t arg_bytes, const struct cf_call *call,
                                 size_t item, struct cf_future **future)
{
    struct cf_call lending;
    uint32_t epoch;

    if (arg == NULL && arg_bytes > 0)
        return cfi_fail(CF_INVALID, "input of %zu bytes, and none of them",
                        arg_bytes);
    enum cf_status status = cfi_executor_enter(executor, 1, &epoch);
    if (status != CF_OK)
        return status;
    if (may_be_lent(executor, arg_bytes)) {
        lending = cfi_lending(call);
        call = &lending;
    }
    struct cf_future *made =
        cfi_submit_make(executor, function, arg, arg_bytes, call, epoch);
    if (made == NULL) {
        status = CF_NOMEM;
    } else {
        cfi_future_set_item(made, item, true);
        status = hand_over(executor, made);
    }
    if (status != CF_OK) {
        cfi_future_discard(made);
        cfi_executor_withdraw(executor, 1, epoch);
        return status;
    }
    if (executor->observer != NULL)
        cfi_observe_submitted(made);
    *future = made;
    return CF_OK;
}
