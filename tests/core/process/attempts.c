/* SPDX-License-Identifier: MIT */
/* A task whose worker has died may be tried again, as often as its call
 * allows. */
#include "process.h"

#include <signal.h>
#include <string.h>
#include <unistd.h>

/* Dies in each attempt before the one that its argument names; tells that. */
static enum cf_status survive_attempt(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    int attempt = (int)cf_task_attempt(task);
    (void)arg_bytes;
    if (attempt < *(const int *)arg)
        raise(SIGKILL);
    return cf_return(task, &attempt, sizeof attempt);
}

static void a_crashed_task_is_tried_again_as_often_as_it_may(void **state)
{
    struct cf_executor *executor = full_executor(2);
    int three = 3;

    (void)state;
    struct cf_future *future =
        submit_call(executor, survive_attempt, &three, sizeof three,
                    (struct cf_call){.retries = 2});
    int attempt = 0;
    assert_status(cf_result(future, CF_FOREVER, &attempt, sizeof attempt),
                  CF_OK);
    assert_int_equal(attempt, 3);
    assert_int_equal(cf_future_info(future).attempt, 3);
    cf_future_release(future);
    assert_int_equal(cf_executor_stats(executor).retried, 2);

    future = submit_call(executor, survive_attempt, &three, sizeof three,
                         (struct cf_call){.retries = 1});
    assert_status(error_of(future).status, CF_CRASHED);
    assert_int_equal(cf_future_info(future).attempt, 2);
    cf_future_release(future);

    future = submit_call(
        executor, survive_attempt, &three, sizeof three,
        (struct cf_call){.retries = 9, .retry_on = CF_RETRY_EXCEPTION});
    assert_status(error_of(future).status, CF_CRASHED);
    assert_int_equal(cf_future_info(future).attempt, 1);
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

/* Never ends, but in its second attempt. */
static enum cf_status hang_once(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int attempt = (int)cf_task_attempt(task);
    (void)arg;
    (void)arg_bytes;
    while (attempt == 1)
        pause();
    return cf_return(task, &attempt, sizeof attempt);
}

static void a_task_that_hangs_once_is_tried_again_past_its_limit(void **state)
{
    struct cf_executor *executor = full_executor(1);
    struct cf_call call = {
        .timeout_ns = 20000000, .grace_ns = 1000000, .retries = 1};

    (void)state;
    struct cf_future *future = submit_call(executor, hang_once, NULL, 0, call);
    assert_int_equal(int_result(future), 2);
    cf_executor_destroy(executor);
}

/* The second worker, and each one after it, stands at a gate before it
 * begins. */
struct threshold {
    struct gate gate;
    int *births;
};

static enum cf_status cross(size_t worker, const void *arg, size_t arg_bytes,
                            void **state)
{
    const struct threshold *threshold = arg;
    (void)worker;
    (void)arg_bytes;
    (void)state;
    if ((*threshold->births)++ > 0 && !gate_pass(&threshold->gate))
        return CF_SYSTEM;
    return CF_OK;
}

/* A task that has crashed once; its second attempt waits for a worker. */
struct between {
    struct threshold threshold;
    struct cf_executor *executor;
    struct cf_future *future;
};

static void stand_between_attempts(struct between *between)
{
    int two = 2;

    gate_make(&between->threshold.gate);
    between->threshold.births = shared_memory(sizeof(int));
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK,
                                 .initializer = cross,
                                 .initializer_arg = &between->threshold,
                                 .initializer_arg_bytes =
                                     sizeof between->threshold};
    assert_status(cf_executor_create(CF_PROCESS, &options, &between->executor),
                  CF_OK);
    between->future = submit_call(between->executor, survive_attempt, &two,
                                  sizeof two, (struct cf_call){.retries = 5});
    gate_await(&between->threshold.gate, 1);
}

static void leave_between(struct between *between)
{
    assert_serves(between->executor);
    cf_executor_destroy(between->executor);
    gate_close(&between->threshold.gate);
}

static void a_task_between_attempts_is_running(void **state)
{
    struct between between;

    (void)state;
    stand_between_attempts(&between);
    assert_true(cf_running(between.future));
    assert_false(cf_cancel(between.future));
    gate_open(&between.threshold.gate, 1);
    assert_int_equal(int_result(between.future), 2);
    leave_between(&between);
}

static void a_task_between_attempts_can_be_stopped(void **state)
{
    struct between between;

    (void)state;
    stand_between_attempts(&between);
    assert_status(cf_stop(between.future, CF_FOREVER), CF_OK);
    assert_status(error_of(between.future).status, CF_STOPPED);
    assert_int_equal(cf_future_info(between.future).attempt, 1);
    cf_future_release(between.future);
    gate_open(&between.threshold.gate, 1);
    leave_between(&between);
}

static void a_shutdown_that_cancels_leaves_a_begun_task_its_attempts(void **s)
{
    struct between between;

    (void)s;
    stand_between_attempts(&between);
    struct cf_future *behind = submit_int(between.executor, square, 3);
    assert_status(cf_shutdown(between.executor, CF_SHUTDOWN_CANCEL, 0),
                  CF_TIMEOUT);
    assert_true(cf_cancelled(behind));
    cf_future_release(behind);
    gate_open(&between.threshold.gate, 1);
    assert_int_equal(int_result(between.future), 2);
    cf_executor_destroy(between.executor);
    gate_close(&between.threshold.gate);
}

static void a_task_between_attempts_ends_when_the_executor_breaks(void **state)
{
    struct cf_options options = {
        .max_workers = 1, .crash_limit = 2, .start_method = CF_START_FORK};
    struct cf_executor *executor;
    int many = 100;

    (void)state;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *future =
        submit_call(executor, survive_attempt, &many, sizeof many,
                    (struct cf_call){.retries = 50});
    assert_status(error_of(future).status, CF_BROKEN);
    assert_int_equal(cf_future_info(future).attempt, 2);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_crashed_task_is_tried_again_as_often_as_it_may),
        cmocka_unit_test(a_task_that_hangs_once_is_tried_again_past_its_limit),
        cmocka_unit_test(a_task_between_attempts_is_running),
        cmocka_unit_test(a_task_between_attempts_can_be_stopped),
        cmocka_unit_test(
            a_shutdown_that_cancels_leaves_a_begun_task_its_attempts),
        cmocka_unit_test(a_task_between_attempts_ends_when_the_executor_breaks),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
