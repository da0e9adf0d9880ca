/* SPDX-License-Identifier: MIT */
/*
 * serial: no worker; a task runs inside submit. The baseline of every
 * speed-up, and the reference for what the other backends must do.
 *
 * A task that submits runs the next one on top of itself. Where that many are
 * inside each other that half of the stack is used, the next one gets a thread
 * of its own, which the submit waits for: all else is as ever, and how deep it
 * goes is bounded by the memory for stacks.
 */
#include <errno.h>
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "backend_impl.h"
#include "executor_impl.h"
#include "last_error.h"
#include "observe.h"
#include "queue.h"
#include "shift.h"
#include "stack.h"

static size_t one_worker(void)
{
    return 1;
}

static enum cf_status serial_start(struct cf_executor *executor, void **state)
{
    struct cfi_worker *worker = calloc(1, sizeof *worker);
    if (worker == NULL)
        return cfi_fail(CF_NOMEM, "no memory for an executor");
    worker->executor = executor;
    worker->stopping = &executor->stopping;
    executor->max_workers = 1;
    /* its tasks run in a thread of the host, whose settings stay */
    executor->inner_setters[0] = NULL;
    if (!cfi_worker_begin(worker, executor)) {
        free(worker);
        return cfi_fail(CF_BROKEN, "%s", executor->broken_why);
    }
    cfi_observe_worker(executor, CF_EVENT_WORKER_STARTED, 0, getpid());
    *state = worker;
    return CF_OK;
}

/* The submitting thread is the worker while the task runs; a task may submit
 * in its turn, so what was current before comes back. */
static void run_here(const struct cfi_worker *state, struct cf_future *first)
{
    struct cfi_worker worker = *state;
    struct cfi_shift shift;

    cfi_shift_begin(&shift, &worker);
    cfi_stack_nest_begin();
    cfi_future_run(first, &worker);
    cfi_stack_nest_end();
    cfi_shift_end(&shift);
}

struct errand {
    const struct cfi_worker *state;
    struct cf_future *first;
    struct cfi_standing standing; /* of who waits for it */
};

/* In the place of a thread that waits for this one: so it is what that is, a
 * worker of the executors whose tasks and callbacks are below on its stack. */
static void *run_errand(void *context)
{
    const struct errand *errand = context;

    cfi_standing_adopt(&errand->standing);
    run_here(errand->state, errand->first);
    return NULL;
}

static enum cf_status run_elsewhere(const struct cfi_worker *state,
                                    struct cf_future *first)
{
    struct errand errand = {state, first, cfi_standing_of_this_thread()};
    pthread_t thread; /* with the signals of this one, as the task would have */

    int error = pthread_create(&thread, NULL, run_errand, &errand);
    if (error != 0) {
        errno = error;
        return cfi_fail_errno(CF_AGAIN, "pthread_create, for a submit inside "
                                        "of more than the stack has room for");
    }
    pthread_join(thread, NULL);
    return CF_OK;
}

/* Of an array, one may have shut the executor down before the next is here. */
static enum cf_status serial_submit(void *state, struct cf_future *first)
{
    const struct cfi_worker *worker = state;

    if (atomic_load(&worker->executor->cancels) != 0) {
        cfi_chunk_cancel(first);
        return CF_OK;
    }
    if (!cfi_stack_may_nest())
        return run_elsewhere(state, first);
    run_here(state, first);
    return CF_OK;
}

static enum cf_status serial_map_into(void *state,
                                      const struct cfi_range *range)
{
    (void)state;
    return cfi_range_run(range, 0, range->count);
}

static void serial_cancel_pending(void *state)
{
    (void)state; /* what was submitted has ended */
}

static void serial_stop(void *state)
{
    struct cfi_worker *worker = state;
    cfi_worker_end(worker, worker->executor);
    cfi_observe_worker(worker->executor, CF_EVENT_WORKER_ENDED, 0, getpid());
}

const struct cf_backend cf_backend_serial = {
    .name = "serial",
    .about = "no worker: each task runs at submit; the baseline",
    .abilities = CFI_CAN_PREFER | CFI_CAN_LIMIT | CFI_CAN_RETRY |
                 CFI_CAN_HAND_ON | CFI_CAN_IDLE_OUT | CFI_CAN_STACK |
                 CFI_CAN_BIND | CFI_CAN_NAME | CFI_CAN_OBSERVE,
    .default_workers = one_worker,
    .start = serial_start,
    .submit = serial_submit,
    .map_into = serial_map_into,
    .cancel_pending = serial_cancel_pending,
    .stop = serial_stop,
    .destroy = free,
};
