/* SPDX-License-Identifier: MIT */
/* Counting what becomes of tasks, and telling of errors that nobody read. */
#include <cf/executor.h>

#include "admission.h"
#include "executor_impl.h"

enum cfi_ending cfi_ending_of(enum cf_status status)
{
    switch (status) {
    case CF_OK:
        return CFI_SUCCEEDED;
    case CF_CRASHED:
        return CFI_CRASHED;
    case CF_CANCELLED:
        return CFI_CANCELLED;
    case CF_BROKEN:
        return CFI_BROKEN;
    case CF_EXPIRED:
        return CFI_EXPIRED;
    case CF_STOPPED:
        return CFI_STOPPED;
    default:
        return CFI_FAILED;
    }
}

void cfi_executor_unread_error(struct cf_executor *executor, const char *name,
                               const struct cf_error *error)
{
    if (!cfi_executor_is_ours(executor))
        return; /* the process that forked this one has it too */
    if (executor->backend->tell_unread != NULL) {
        executor->backend->tell_unread(executor->state, name, error);
        return;
    }
    cfi_tally_end(executor, CFI_UNREAD);
    if (executor->on_error != NULL)
        executor->on_error(name, error, executor->on_error_context);
}

struct cf_executor_stats cf_executor_stats(const struct cf_executor *executor)
{
    struct cf_executor_stats stats = {0};

    if (executor == NULL)
        return stats;
    stats.succeeded = cfi_tally_ended(executor, CFI_SUCCEEDED);
    stats.failed = cfi_tally_ended(executor, CFI_FAILED);
    stats.expired = cfi_tally_ended(executor, CFI_EXPIRED);
    stats.stopped = cfi_tally_ended(executor, CFI_STOPPED);
    stats.crashed = cfi_tally_ended(executor, CFI_CRASHED);
    stats.cancelled = cfi_tally_ended(executor, CFI_CANCELLED);
    stats.broken = cfi_tally_ended(executor, CFI_BROKEN);
    stats.unread_errors = cfi_tally_ended(executor, CFI_UNREAD);
    stats.retried = cfi_tally_ended(executor, CFI_RETRIED);
    stats.buffers_sent = atomic_load(&executor->buffers_sent);
    stats.written_off = atomic_load(&executor->written_off);
    stats.submitted = cfi_tally_accepted(executor); /* last, or it is less */
    stats.unfinished = stats.submitted - stats.succeeded - stats.failed -
                       stats.expired - stats.stopped - stats.crashed -
                       stats.cancelled - stats.broken;
    return stats;
}
