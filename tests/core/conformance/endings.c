/* SPDX-License-Identifier: MIT */
/* How a running task is ended by others: limits, stops. */
#include "conformance.h"

#include <string.h>

#define MS 1000000LL

static void a_task_past_its_limit_is_asked_and_has_expired(void **state)
{
    (void)state;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    /* a grace so long that the test hangs if it has to be waited for */
    struct cf_future *future = submit_call(
        executor, work_until_asked, &gate, sizeof gate,
        (struct cf_call){.timeout_ns = 20 * MS, .grace_ns = CF_FOREVER});
    struct cf_error error = outcome_of(future);
    assert_status(error.status, CF_EXPIRED);
    assert_int_equal(error.rung, CF_RUNG_ASKED);
    assert_non_null(strstr(error.message, "time limit of 0.02 s"));
    assert_status(cf_result(future, 0, NULL, 0), CF_EXPIRED);
    struct cf_future_info info = cf_future_info(future);
    assert_int_equal(info.rung, CF_RUNG_ASKED);
    assert_true(info.finished_ns - info.submitted_ns >= 20 * MS);
    assert_int_equal(cf_executor_stats(executor).expired, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_limit_counts_from_the_start_of_the_task(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing ever waits to start");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *first =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    int six = 6;
    struct cf_future *second =
        submit_call(executor, square, &six, sizeof six,
                    (struct cf_call){.timeout_ns = 30 * MS});
    gate_await(&gate, 1);
    /* longer in the queue than its limit */
    assert_status(cf_result(second, 60 * MS, NULL, 0), CF_TIMEOUT);
    gate_open(&gate, 1);
    assert_int_equal(int_result(second), 36);
    cf_future_release(first);
    cf_future_release(second);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void tasks_within_their_limit_are_left_alone(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    for (int i = 0; i < 2000; i++) {
        struct cf_future *future =
            submit_call(executor, square, &i, sizeof i,
                        (struct cf_call){.timeout_ns = 3600000 * MS});
        assert_int_equal(int_result(future), i * i);
        assert_int_equal(cf_future_info(future).rung, CF_RUNG_NONE);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

static void a_stopped_task_that_comes_back_keeps_its_outcome(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the task has ended before it can be stopped");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, work_until_asked, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_stop(future, CF_FOREVER), CF_OK);
    assert_int_equal(int_result(future), 7);
    assert_int_equal(cf_future_info(future).rung, CF_RUNG_ASKED);
    assert_int_equal(outcome_of(future).rung, CF_RUNG_ASKED);
    assert_status(cf_stop(future, CF_FOREVER), CF_INVALID);
    cf_future_release(future);

    /* and one whose ladder was to go on */
    future = submit(executor, work_until_asked, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_stop(future, 3600000 * MS), CF_OK);
    assert_int_equal(int_result(future), 7);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_pending_task_that_is_stopped_is_cancelled(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *running =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    struct cf_future *pending = submit_int(executor, square, 1);
    assert_status(cf_stop(pending, 0), CF_OK);
    assert_true(cf_cancelled(pending));
    assert_status(cf_stop(pending, 0), CF_INVALID);
    gate_open(&gate, 1);
    int_result(running);
    cf_future_release(running);
    cf_future_release(pending);
    cf_executor_destroy(executor);
    gate_close(&gate);
    assert_status(cf_stop(NULL, 0), CF_INVALID);
    struct cf_future *promise;
    assert_status(cf_future_create(&promise), CF_OK);
    assert_status(cf_future_start(promise), CF_OK);
    assert_status(cf_stop(promise, 0), CF_UNSUPPORTED);
    cf_future_release(promise);
}

static void nonsense_about_a_call_is_refused(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    static const struct cf_call calls[] = {
        {.timeout_ns = -1},
        {.grace_ns = -1},
        {.retry_on = 8},
        {.reserved = {1}},
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct cf_future *future = (struct cf_future *)executor;
        assert_status(
            cf_submit_call(executor, square, "four", 4, &calls[i], &future),
            CF_INVALID);
        assert_null(future);
    }
    cf_executor_destroy(executor);
}

int run_ending_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_past_its_limit_is_asked_and_has_expired),
        cmocka_unit_test(a_limit_counts_from_the_start_of_the_task),
        cmocka_unit_test(tasks_within_their_limit_are_left_alone),
        cmocka_unit_test(a_stopped_task_that_comes_back_keeps_its_outcome),
        cmocka_unit_test(a_pending_task_that_is_stopped_is_cancelled),
        cmocka_unit_test(nonsense_about_a_call_is_refused),
    };
    return cmocka_run_group_tests_name("endings", tests, NULL, NULL);
}
