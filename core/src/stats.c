/* SPDX-License-Identifier: MIT */
/* Counting what becomes of tasks, and telling of errors that nobody read. */
#include <cf/executor.h>

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

void cfi_executor_count(struct cf_executor *executor, enum cfi_ending ending)
{
    atomic_fetch_add_explicit(&executor->ended[ending], 1,
                              memory_order_relaxed);
}

void cfi_executor_uncount(struct cf_executor *executor, enum cfi_ending ending)
{
    atomic_fetch_sub_explicit(&executor->ended[ending], 1,
                              memory_order_relaxed);
    atomic_fetch_add(&executor->unfinished, 1);
    if (executor->limit > 0) /* who looked meanwhile may have seen no room */
        cfi_eventcount_notify(&executor->room, 1);
}

void cfi_executor_unread_error(struct cf_executor *executor, const char *name,
                               const struct cf_error *error)
{
    cfi_executor_count(executor, CFI_UNREAD);
    if (executor->on_error != NULL)
        executor->on_error(name, error, executor->on_error_context);
}

static uint64_t count_of(const struct cf_executor *executor,
                         enum cfi_ending ending)
{
    return atomic_load_explicit(&executor->ended[ending], memory_order_relaxed);
}

struct cf_executor_stats cf_executor_stats(const struct cf_executor *executor)
{
    struct cf_executor_stats stats = {0};

    if (executor == NULL)
        return stats;
    stats.unfinished = atomic_load(&executor->unfinished);
    stats.succeeded = count_of(executor, CFI_SUCCEEDED);
    stats.failed = count_of(executor, CFI_FAILED);
    stats.expired = count_of(executor, CFI_EXPIRED);
    stats.stopped = count_of(executor, CFI_STOPPED);
    stats.crashed = count_of(executor, CFI_CRASHED);
    stats.cancelled = count_of(executor, CFI_CANCELLED);
    stats.broken = count_of(executor, CFI_BROKEN);
    stats.unread_errors = count_of(executor, CFI_UNREAD);
    stats.retried = count_of(executor, CFI_RETRIED);
    stats.written_off = atomic_load(&executor->written_off);
    stats.submitted = stats.unfinished + stats.succeeded + stats.failed +
                      stats.expired + stats.stopped + stats.crashed +
                      stats.cancelled + stats.broken;
    return stats;
}
