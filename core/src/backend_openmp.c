/* SPDX-License-Identifier: MIT */
/*
 * openmp: one persistent OpenMP team. What needs the compiler's runtime is a
 * module, module_openmp.c, loaded when the backend is first asked for.
 *
 * The parallel region is entered once, by a thread of our own that destroy
 * joins: a team whose first thread has ended leaves no thread behind, while
 * one started from the host's thread would stay and make a later fork hang.
 * Between two pieces of work the members sleep in our eventcount, never at an
 * OpenMP barrier, which spins.
 *
 * Work comes in two forms. A single task waits in a queue, first in, first
 * out. A map over an array is a loop: a command that every member passes, in
 * the same order, with `omp for nowait` inside, so that the compiler's runtime
 * deals out the items; a member that comes late finds it empty, and nobody
 * waits for a long task. The list of loops is in loop_list.h, what a member
 * does in openmp_team.c; this file is the table of calls.
 *
 * A queued task carries the number of loops that stood before it, and a member
 * takes it only after passing those: with one worker the start order is that
 * of submission across both forms.
 */
#include <execinfo.h>
#include <stdlib.h>

#include <cf/cpus.h>

#include "awaited.h"
#include "completion.h"
#include "executor_impl.h"
#include "interrupt.h"
#include "last_error.h"
#include "openmp_module.h"
#include "openmp_team.h"
#include "shift.h"

#pragma weak cf_module_openmp /* the program may have linked it */

static const struct cfi_module_wish wish = {
    CFI_MODULE_REASONS("libcf-openmp.so.0"),
    .symbol = "cf_module_openmp",
    .linked = &cf_module_openmp,
    .head = CFI_MODULE_HEAD(CFI_OPENMP_INTERFACE, struct cfi_openmp_module),
};

static const char *find_missing(void)
{
    return cfi_module_missing(&wish);
}

static size_t usable_count(void)
{
    return cf_usable_cpus().count;
}

static void openmp_stop(void *state)
{
    struct cfi_team *team = state;

    cfi_lock(&team->lock);
    team->is_ending = true;
    cfi_unlock(&team->lock);
    cfi_eventcount_notify(&team->work, CFI_EVERYBODY);
    pthread_join(team->entry, NULL);
    /* now, not in destroy: a failed future holds the executor, and so us */
    cfi_loop_drop(team->loops.last);
    team->loops.last = NULL;
}

static enum cf_status fail_nomem(void)
{
    return cfi_fail(CF_NOMEM, "no memory for an OpenMP team");
}

/* gcc's threads end by pthread_exit(), for which libc loads the unwinder; where
 * it cannot, it ends the process. So it is loaded while the program may still
 * find it: servers change their root. */
static bool has_unwinder(void)
{
    void *frame;

    return backtrace(&frame, 1) > 0;
}

static enum cf_status openmp_start(struct cf_executor *executor, void **state)
{
    const char *why = NULL;
    const struct cfi_openmp_module *openmp = cfi_module_find(&wish, &why);
    if (openmp == NULL)
        return cfi_fail(CF_UNSUPPORTED, "backend openmp: %s", why);
    if (!has_unwinder())
        return cfi_fail(CF_UNSUPPORTED, "backend openmp: its threads cannot "
                                        "end, since libgcc_s.so.1 cannot be "
                                        "loaded");
    struct cfi_team *team = calloc(1, sizeof *team);
    if (team == NULL)
        return fail_nomem();
    team->openmp = openmp;
    if (!cfi_loop_list_init(&team->loops)) {
        free(team);
        return fail_nomem();
    }
    team->executor = executor;
    team->start = team->loops.last; /* before anything can be appended */
    enum cf_status status =
        cfi_thread_start(&team->entry, cfi_team_enter, team);
    if (status != CF_OK)
        goto free_loops;
    executor->max_workers = team->loops.first->behind = cfi_team_await(team);
    if (cfi_executor_is_broken(executor)) { /* an initializer failed */
        openmp_stop(team);
        status = cfi_fail(CF_BROKEN, "%s", executor->broken_why);
        goto free_team;
    }
    *state = team;
    return CF_OK;

free_loops:
    cfi_loop_drop(team->loops.first);
free_team:
    free(team);
    return status;
}

static enum cf_status openmp_submit(void *state, struct cf_future *first)
{
    struct cfi_team *team = state;

    cfi_lock(&team->lock);
    cfi_rest(first)->ticket = team->loops.appended;
    bool was_empty = cfi_queue_is_empty(&team->queue);
    cfi_queue_push(&team->queue, first);
    cfi_unlock(&team->lock);
    if (was_empty)
        cfi_eventcount_notify(&team->work, 1);
    return CF_OK;
}

static enum cf_status openmp_submit_array(void *state,
                                          struct cf_future *const *futures,
                                          size_t count, size_t chunk)
{
    struct cfi_loop *loop = cfi_loop_create(futures, count, chunk);

    if (loop == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a loop of %zu tasks", count);
    cfi_team_append(state, loop);
    return CF_OK;
}

static enum cf_status wait_for_range(struct cfi_loop *loop)
{
    while (atomic_load(&loop->remaining) != 0) {
        uint32_t key = cfi_eventcount_prepare(&loop->done);
        if (atomic_load(&loop->remaining) == 0)
            cfi_eventcount_cancel(&loop->done);
        else if (!cfi_interruptible_event_wait(&loop->done, key,
                                               loop->range.deadline_ns) &&
                 atomic_load(&loop->remaining) != 0)
            return cfi_fail_timeout(cfi_range_unfinished);
    }
    return CF_OK;
}

/* No member is at the caller's arrays after this. */
static void end_range(struct cfi_loop *loop)
{
    atomic_store(&loop->is_over, true);
    while (atomic_load(&loop->inside) != 0) {
        uint32_t key = cfi_eventcount_prepare(&loop->done);
        if (atomic_load(&loop->inside) != 0)
            cfi_eventcount_wait(&loop->done, key, INT64_MAX);
        else
            cfi_eventcount_cancel(&loop->done);
    }
}

/* The worker of another executor waits for no future, so whatever is queued
 * there may be what the items wait for. */
static enum cf_status sleep_over_range(struct cfi_loop *loop)
{
    cfi_sleep_elsewhere_begin();
    enum cf_status status = wait_for_range(loop);
    if (status != CF_OK)
        end_range(loop);
    cfi_sleep_elsewhere_end();
    return status;
}

static enum cf_status openmp_map_into(void *state,
                                      const struct cfi_range *range)
{
    struct cfi_team *team = state;

    /* a member could not pass the loop while it waits for it; as in a nested
     * OpenMP region, it computes alone */
    if (cfi_worker_of(team->executor) != NULL)
        return cfi_range_run(range, 0, range->count);
    struct cfi_loop *loop = cfi_loop_create(NULL, range->count, range->chunk);
    if (loop == NULL)
        return cfi_fail(CF_NOMEM, "no memory for a loop");
    loop->range = *range;
    cfi_loop_hold(loop);
    cfi_team_append(team, loop);
    enum cf_status status = sleep_over_range(loop);
    cfi_loop_drop(loop);
    return status;
}

static void cancel_loop(struct cfi_loop *loop)
{
    for (size_t i = 0; loop->futures != NULL && i < loop->count; i++) {
        struct cf_future *future = cfi_loop_take(loop, i);
        if (future == NULL)
            continue;
        cfi_future_cancel_pending(future);
        cf_future_release(future);
    }
}

static void openmp_cancel_pending(void *state)
{
    struct cfi_team *team = state;

    cfi_lock(&team->lock);
    struct cfi_queue queue = team->queue;
    team->queue = (struct cfi_queue){0};
    struct cfi_loop *loop = team->loops.first;
    cfi_loop_hold(loop);
    cfi_unlock(&team->lock);
    cfi_queue_cancel(&queue);
    while (loop != NULL) {
        cancel_loop(loop);
        cfi_lock(&team->lock);
        struct cfi_loop *next = cfi_loop_list_next(&team->loops, loop);
        cfi_unlock(&team->lock);
        cfi_loop_drop(loop);
        loop = next;
    }
}

static void openmp_destroy(void *state)
{
    free(state);
}

const struct cf_backend cf_backend_openmp = {
    .name = "openmp",
    .about = "one persistent OpenMP team; a map is a worksharing loop",
    .find_missing = find_missing,
    .abilities = CFI_CAN_LIMIT | CFI_CAN_RETRY | CFI_CAN_HAND_ON |
                 CFI_CAN_BIND | CFI_CAN_NAME | CFI_CAN_OBSERVE,
    .default_workers = usable_count,
    .start = openmp_start,
    .submit = openmp_submit,
    .submit_array = openmp_submit_array,
    .takes_whole_arrays = true, /* as a loop: see above */
    .map_into = openmp_map_into,
    .cancel_pending = openmp_cancel_pending,
    .stop = openmp_stop,
    .destroy = openmp_destroy,
};
