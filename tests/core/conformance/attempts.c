/* SPDX-License-Identifier: MIT */
/* How often a task may be tried, and after what. */
#include "conformance.h"

#define MS 1000000LL

/* Succeeds in the attempt that its argument names, and tells which it was. */
static enum cf_status succeed_in_attempt(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    int attempt = (int)cf_task_attempt(task);
    (void)arg_bytes;
    if (attempt < *(const int *)arg)
        return cf_raise(task, attempt, "attempt %d", attempt);
    return cf_return(task, &attempt, sizeof attempt);
}

static void a_failed_task_is_tried_again_as_often_as_it_may(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    int three = 3;
    struct cf_future *future =
        submit_call(executor, succeed_in_attempt, &three, sizeof three,
                    (struct cf_call){.retries = 2});
    assert_int_equal(int_result(future), 3);
    assert_int_equal(cf_future_info(future).attempt, 3);
    assert_int_equal(cf_executor_stats(executor).retried, 2);
    cf_future_release(future);

    future = submit_call(executor, succeed_in_attempt, &three, sizeof three,
                         (struct cf_call){.retries = 1});
    struct cf_error error = outcome_of(future);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, 2);
    assert_string_equal(error.message, "attempt 2");
    assert_int_equal(cf_future_info(future).attempt, 2);
    cf_future_release(future);

    future = submit_call(
        executor, succeed_in_attempt, &three, sizeof three,
        (struct cf_call){.retries = 5, .retry_on = CF_RETRY_EXPIRED});
    assert_int_equal(outcome_of(future).code, 1); /* not that failure */
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Works until it is asked, but for the second attempt. */
static enum cf_status hurry_next_time(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    if (cf_task_attempt(task) == 2)
        return cf_stopping(task) ? cf_raise(task, 1, "still asked") : CF_OK;
    while (!cf_stopping(task))
        ;
    return CF_OK;
}

static void an_expired_attempt_may_be_followed_by_another(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_call(
        executor, hurry_next_time, NULL, 0,
        (struct cf_call){
            .timeout_ns = 10 * MS, .grace_ns = CF_FOREVER, .retries = 3});
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    assert_int_equal(cf_future_info(future).attempt, 2);
    assert_int_equal(cf_future_info(future).rung, CF_RUNG_NONE);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Arrives at the gate, works until asked, fails. */
static enum cf_status fail_when_asked(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    enum cf_status status = work_until_asked(task, arg, arg_bytes);
    return status == CF_OK ? cf_raise(task, 4, "as asked") : status;
}

static void a_stopped_task_is_not_tried_again(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the task has ended before it can be stopped");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit_call(executor, fail_when_asked, &gate, sizeof gate,
                    (struct cf_call){.retries = 1000});
    gate_await(&gate, 1);
    assert_status(cf_stop(future, CF_FOREVER), CF_OK);
    assert_int_equal(outcome_of(future).code, 4);
    assert_int_equal(cf_future_info(future).attempt, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int run_attempt_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_failed_task_is_tried_again_as_often_as_it_may),
        cmocka_unit_test(an_expired_attempt_may_be_followed_by_another),
        cmocka_unit_test(a_stopped_task_is_not_tried_again),
    };
    return cmocka_run_group_tests_name("attempts", tests, NULL, NULL);
}
