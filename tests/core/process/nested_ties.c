/* SPDX-License-Identifier: MIT */
/* What ties hosts and workers together while their tasks wait for each other:
 * waits that are noted, callbacks and limits of what workers have caused. */
#include "nested_tasks.h"

#include <semaphore.h>

/* --- waits that are noted --- */

/* int depth -> how many tasks that was: each has two below it. */
static enum cf_status grow(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *branches[2];
    int depth = *(const int *)arg - 1, sum = 1, part = 0;

    (void)arg_bytes;
    if (depth < 0)
        return cf_return(task, &sum, sizeof sum);
    for (size_t i = 0; i < 2; i++)
        if (cf_submit(executor, grow, &depth, sizeof depth, &branches[i]) !=
            CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
    for (size_t i = 0; i < 2; i++) {
        if (cf_result(branches[i], CF_FOREVER, &part, sizeof part) != CF_OK)
            return cf_raise(task, 2, "%s", cf_last_error().text);
        sum += part;
        cf_future_release(branches[i]);
    }
    return cf_return(task, &sum, sizeof sum);
}

/* Waiters wait for waiters while these end: nothing that has gone is followed
 * (the address sanitizer would say so), and no circle is seen where none is. */
static void waits_stand_on_tasks_that_are_there(void **state)
{
    struct cf_executor *executor = full_executor(3);

    (void)state;
    for (int round = 0; round < 20; round++)
        assert_int_equal(int_result(submit_int(executor, grow, 5)), 63);
    cf_executor_destroy(executor);
}

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
        cmocka_unit_test(waits_stand_on_tasks_that_are_there),
        cmocka_unit_test(callbacks_of_what_a_worker_cancels_may_wait),
        cmocka_unit_test(a_limit_is_kept_where_the_queue_is_full),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
