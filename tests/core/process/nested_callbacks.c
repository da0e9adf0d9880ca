/* SPDX-License-Identifier: MIT */
/* What tasks in worker processes cause beside their own run: callbacks of what
 * they cancel or submit, tasks and limits where the queue is full. */
#include "nested_tasks.h"

#include <semaphore.h>
#include <string.h>

/* --- callbacks --- */

struct witness {
    struct cf_future *other;
    enum cf_status status;
    sem_t seen;
};

/* cf_wait() hears of an end by who looks at the rings, and by nobody else. */
static void wait_for_the_other(struct cf_future *future, void *context)
{
    struct witness *witness = context;

    (void)future;
    witness->status =
        cf_wait(&witness->other, 1, CF_ALL_COMPLETED, 5000 * MS, NULL);
    sem_post(&witness->seen);
}

static enum cf_status shut_down_at_the_gate(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    const struct plan *plan = arg;

    (void)arg_bytes;
    if (!gate_pass(&plan->gate))
        return cf_raise(task, 1, "the gate is broken");
    if (cf_shutdown(cf_task_executor(task), CF_SHUTDOWN_CANCEL, 0) !=
        CF_TIMEOUT)
        return cf_raise(task, 2, "it has ended");
    return CF_OK;
}

static void callbacks_of_what_a_worker_cancels_may_wait(void **state)
{
    struct plan plan = plan_of(0);
    struct cf_executor *executor = lazy_executor(1);
    struct witness witness = {
        .other = submit(executor, shut_down_at_the_gate, &plan, sizeof plan)};

    (void)state;
    gate_await(&plan.gate, 1);
    sem_init(&witness.seen, 0, 0);
    struct cf_future *pending = submit_int(executor, square, 3);
    assert_status(cf_add_done_callback(pending, wait_for_the_other, &witness),
                  CF_OK);
    gate_open(&plan.gate, 1);
    sem_wait(&witness.seen);
    assert_status(witness.status, CF_OK);
    assert_true(cf_cancelled(pending));
    assert_status(cf_result(witness.other, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(witness.other);
    cf_future_release(pending);
    sem_destroy(&witness.seen);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

struct legacy {
    struct plan plan;
    struct gate
        child_gate; /* so that its child ends after it has seen to that */
};

/* What a task leaves to a callback. */
static struct legacy left;
static struct cf_executor *left_to;

/* One for the other worker, one for the queue, one that has to run here. */
static void submit_three(struct cf_future *future, void *context)
{
    struct cf_future *stands;

    (void)future, (void)context;
    for (int i = 0; i < 3; i++)
        if (cf_submit(left_to, stand, &left.plan, sizeof left.plan, &stands) ==
            CF_OK)
            cf_future_release(stands);
}

static enum cf_status leave_a_callback(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_future *child;

    memcpy(&left, arg, arg_bytes);
    left_to = cf_task_executor(task);
    if (cf_submit(left_to, wait_at_gate, &left.child_gate,
                  sizeof left.child_gate, &child) != CF_OK ||
        cf_add_done_callback(child, submit_three, NULL) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    cf_future_release(child);
    return gate_pass(&left.plan.own_gate) ? CF_OK
                                          : cf_raise(task, 2, "no gate");
}

static void what_a_callback_runs_itself_may_outlast_the_task(void **state)
{
    struct legacy legacy = {.plan = plan_of(0)};
    struct plan *plan = &legacy.plan;
    struct cf_options options = {
        .max_workers = 2, .max_pending = 1, .start_method = CF_START_FORK};
    struct cf_executor *executor;

    (void)state;
    gate_make(&plan->own_gate);
    gate_make(&legacy.child_gate);
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *parent =
        submit(executor, leave_a_callback, &legacy, sizeof legacy);
    gate_await(&plan->own_gate, 1);
    gate_open(&legacy.child_gate, 1);
    gate_await(&plan->gate, 2);
    gate_open(&plan->own_gate, 1);
    assert_string_equal(error_of(parent).message, "");
    cf_future_release(parent);
    gate_await(&plan->gate, 1); /* where the parent was */
    gate_open(&plan->gate, 3);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_int_equal(cf_executor_stats(executor).crashed, 0);
    assert_int_equal(cf_executor_stats(executor).succeeded, 5);
    cf_executor_destroy(executor);
    gate_close(&plan->gate);
    gate_close(&plan->own_gate);
    gate_close(&legacy.child_gate);
}

/* --- limits --- */

/* Fills the queue, then submits what has a limit and needs one. */
static enum cf_status submit_beyond_the_queue(struct cf_task *task,
                                              const void *arg, size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_call limited = {.timeout_ns = 30 * MS};
    struct cf_future *first, *second;

    if (cf_submit(executor, square, arg, arg_bytes, &first) != CF_OK ||
        cf_submit_call(executor, loop, arg, arg_bytes, &limited, &second) !=
            CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status = cf_result(second, CF_FOREVER, NULL, 0);
    cf_future_release(second);
    cf_future_release(first);
    return cf_raise(task, (int)status, "how it ended");
}

static void a_limit_is_kept_where_the_queue_is_full(void **state)
{
    struct cf_executor *executor;

    (void)state;
    assert_status(cf_executor_create(
                      CF_PROCESS,
                      &(struct cf_options){.max_workers = 1, .max_pending = 1},
                      &executor),
                  CF_OK);
    struct cf_future *future = submit_int(executor, submit_beyond_the_queue, 2);
    assert_int_equal(error_of(future).code, CF_EXPIRED);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(callbacks_of_what_a_worker_cancels_may_wait),
        cmocka_unit_test(what_a_callback_runs_itself_may_outlast_the_task),
        cmocka_unit_test(a_limit_is_kept_where_the_queue_is_full),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
