/* SPDX-License-Identifier: MIT */
/* Futures without an executor: their states are moved by hand. */
#include <cf/promise.h>

#include <string.h>

#include "future_impl.h"
#include "heap.h"
#include "last_error.h"

enum cf_status cf_future_create(struct cf_future **future)
{
    if (future == NULL)
        return cfi_fail(CF_INVALID, "no place given for the future");
    *future = cfi_promise_create();
    return *future != NULL ? CF_OK
                           : cfi_fail(CF_NOMEM, "no memory for a future");
}

static enum cf_status check(const struct cf_future *future)
{
    if (future == NULL)
        return cfi_fail(CF_INVALID, "no future given");
    if (future->executor != NULL)
        return cfi_fail(CF_INVALID, "an executor runs this future");
    if (!cfi_future_is_ours(future))
        return cfi_fail(CF_BROKEN, "the future belongs to the process that "
                                   "forked this one");
    return CF_OK;
}

static enum cf_status refuse(const struct cf_future *future)
{
    if (cf_cancelled(future))
        return cfi_fail(CF_CANCELLED, "the future was cancelled");
    return cfi_fail(CF_INVALID, "the future has started or ended already");
}

enum cf_status cf_future_start(struct cf_future *future)
{
    enum cf_status status = check(future);
    if (status != CF_OK)
        return status;
    return cfi_future_claim(future) ? CF_OK : refuse(future);
}

/* Publishes `outcome` if nobody was faster; it is the future's then. */
static enum cf_status settle(struct cf_future *future,
                             struct cfi_outcome *outcome)
{
    if (!cfi_future_settle(future)) {
        cfi_outcome_clear(outcome);
        return refuse(future);
    }
    future->outcome = *outcome;
    cfi_future_finish(future);
    return CF_OK;
}

enum cf_status cf_future_set_result(struct cf_future *future,
                                    const void *result, size_t result_bytes)
{
    struct cfi_outcome outcome = {.status = CF_OK};
    enum cf_status status = check(future);

    if (status != CF_OK)
        return status;
    if (result == NULL && result_bytes > 0)
        return cfi_fail(CF_INVALID, "no result given");
    if (result_bytes > 0) {
        void *copy = cfi_heap_take_whole(result_bytes);
        if (copy == NULL)
            return cfi_fail(CF_NOMEM, "no memory for a result of %zu bytes",
                            result_bytes);
        cfi_outcome_set(&outcome, memcpy(copy, result, result_bytes),
                        result_bytes, true);
    }
    return settle(future, &outcome);
}

/* NULL without memory. */
static struct cfi_error *copy_of(const struct cf_error *error)
{
    struct cfi_error *copy = cfi_error_create(error->message, error->file);

    if (copy == NULL)
        return NULL;
    if (error->backtrace != NULL && error->backtrace[0] != '\0' &&
        (copy->backtrace = strdup(error->backtrace)) == NULL) {
        cfi_error_destroy(copy);
        return NULL;
    }
    copy->code = error->code;
    copy->line = error->line;
    copy->signal = error->signal;
    copy->exit_code = error->exit_code;
    copy->pid = error->pid;
    copy->rung = error->rung;
    copy->object = error->object;
    copy->fault_address = error->fault_address;
    copy->peak_bytes = error->peak_bytes;
    copy->is_out_of_memory = error->is_out_of_memory;
    return copy;
}

enum cf_status cf_future_set_error(struct cf_future *future,
                                   const struct cf_error *error)
{
    enum cf_status status = check(future);

    if (status != CF_OK)
        return status;
    if (error == NULL ||
        (error->status != CF_EXCEPTION && error->status != CF_CRASHED &&
         error->status != CF_EXPIRED && error->status != CF_BROKEN))
        return cfi_fail(CF_INVALID, "no error, or no status of a failed task");
    struct cfi_outcome outcome = {.status = error->status,
                                  .error = copy_of(error)};
    if (outcome.error == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an error");
    return settle(future, &outcome);
}
