/* SPDX-License-Identifier: MIT */
/*
 * A future's block of memory: one allocation for its head, the argument's
 * copy, room for a small result, the times and what is special about the task;
 * counted references.
 */
#include <stdlib.h>
#include <string.h>

#include "executor_impl.h"
#include "future_impl.h"
#include "ladder.h"

static size_t round_up(size_t bytes)
{
    return (bytes + 15) & ~(size_t)15;
}

/* A pending future with `more_bytes` behind its room for a result. */
static struct cf_future *new_future(size_t arg_bytes, size_t more_bytes)
{
    if (arg_bytes > SIZE_MAX / 2)
        return NULL;
    struct cf_future *future = malloc(sizeof *future + round_up(arg_bytes) +
                                      CFI_INLINE_RESULT_BYTES + more_bytes);
    if (future != NULL)
        *future = (struct cf_future){
            .references = 1,
            .arg_bytes = arg_bytes,
            .space_bytes = CFI_INLINE_RESULT_BYTES,
            .fork_generation = (uint32_t)cfi_fork_generation(),
            .worker = CFI_NO_WORKER,
        };
    return future;
}

struct cf_future *cfi_promise_create(void)
{
    cfi_fork_watch();
    return new_future(0, 0);
}

static bool is_special(const struct cf_call *call)
{
    return call != NULL &&
           (call->name != NULL || call->timeout_ns > 0 || call->retries > 0 ||
            call->priority != 0 || call->arg_destroy != NULL);
}

/* The extra, its ladder and its name behind each other. */
static size_t extra_bytes(const struct cf_call *call)
{
    if (!is_special(call))
        return 0;
    return round_up(sizeof(struct cfi_extra)) +
           (call->timeout_ns > 0 ? round_up(sizeof(struct cfi_ladder)) : 0) +
           (call->name != NULL ? strlen(call->name) + 1 : 0);
}

static void fill_extra(struct cf_future *future, char *behind,
                       const struct cf_call *call)
{
    struct cfi_extra *extra = (struct cfi_extra *)behind;

    *extra = (struct cfi_extra){
        .timeout_ns = call->timeout_ns,
        .grace_ns = call->grace_ns,
        .retries = call->retries,
        .retry_on = call->retry_on,
        .priority = call->priority,
        .arg_destroy = call->arg_destroy,
    };
    behind += round_up(sizeof *extra);
    if (call->timeout_ns > 0) {
        extra->ladder = (struct cfi_ladder *)behind;
        cfi_ladder_init(extra->ladder, future, CF_EXPIRED);
        behind += round_up(sizeof *extra->ladder);
    }
    if (call->name != NULL)
        extra->name = strcpy(behind, call->name);
    future->extra = extra;
}

struct cf_future *cfi_future_create(struct cf_executor *executor,
                                    cf_function *function, const void *arg,
                                    size_t arg_bytes,
                                    const struct cf_call *call)
{
    size_t times_bytes = executor->record_times ? sizeof(struct cfi_times) : 0;
    size_t copied = call != NULL && call->arg_destroy != NULL ? 0 : arg_bytes;

    struct cf_future *future =
        new_future(copied, times_bytes + extra_bytes(call));
    if (future == NULL)
        return NULL;
    future->executor = executor;
    future->function = function;
    if (copied > 0)
        memcpy(future->space, arg, copied);
    char *behind = (char *)cfi_future_space(future) + CFI_INLINE_RESULT_BYTES;
    if (times_bytes > 0) {
        future->times = (struct cfi_times *)behind;
        *future->times = (struct cfi_times){0};
    }
    if (is_special(call)) {
        fill_extra(future, behind + times_bytes, call);
        future->extra->object = (void *)(uintptr_t)arg;
        future->extra->object_bytes = arg_bytes;
    }
    if (executor->backend->take_back != NULL) {
        future->travels = future->holds_executor = true;
        cfi_executor_retain(executor);
    }
    return future;
}

void cfi_extra_destroy_arg(struct cfi_extra *extra)
{
    if (!cfi_is_handed_over(extra))
        return;
    cf_destructor *destroy = extra->arg_destroy;
    extra->arg_destroy = NULL;
    destroy(extra->object);
}

void *cfi_future_space(struct cf_future *future)
{
    return (char *)future->space + round_up(future->arg_bytes);
}

struct cf_future *cf_future_retain(struct cf_future *future)
{
    /* relaxed: a new reference is made from one that is held */
    if (future != NULL)
        atomic_fetch_add_explicit(&future->references, 1, memory_order_relaxed);
    return future;
}

static void destroy(struct cf_future *future)
{
    if (future->holds_executor) { /* else the executor may be gone already */
        struct cf_error error;
        if (!future->is_read && cfi_future_has_error(future, &error))
            cfi_executor_unread_error(future->executor, cf_future_name(future),
                                      &error);
        cfi_executor_release(future->executor);
    }
    if (cfi_future_is_written_off(future))
        cfi_ladder_finish(future->written_off);
    cfi_future_drop_watches(future);
    cfi_outcome_clear(&future->outcome);
    free(future);
}

void cf_future_release(struct cf_future *future)
{
    if (future == NULL)
        return;
    /* acq_rel: every holder's reading comes before the last one's free */
    uint32_t before =
        atomic_fetch_sub_explicit(&future->references, 1, memory_order_acq_rel);
    if (before == 1)
        destroy(future);
}

void cfi_future_discard(struct cf_future *future)
{
    cf_future_release(future);
    cf_future_release(future);
}

bool cfi_future_is_ours(const struct cf_future *future)
{
    return future->fork_generation == (uint32_t)cfi_fork_generation();
}
