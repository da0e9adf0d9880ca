/* SPDX-License-Identifier: MIT */
/* What taking a task back promises. */
#include "conformance.h"

#include <pthread.h>
#include <unistd.h>

/* One worker, kept busy at a gate. */
struct busy {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *running;
};

static void busy_make(struct busy *busy)
{
    gate_make(&busy->gate);
    busy->executor = executor_of(1);
    busy->running =
        submit(busy->executor, stand_at_gate, &busy->gate, sizeof busy->gate);
    gate_await(&busy->gate, 1);
}

static void busy_end(struct busy *busy)
{
    gate_open(&busy->gate, 1);
    assert_int_equal(int_result(busy->running), 1);
    cf_future_release(busy->running);
    cf_executor_destroy(busy->executor);
    gate_close(&busy->gate);
}

/* Writes a byte, so that it can be seen whether it ever ran. */
static enum cf_status leave_a_trace(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    (void)arg_bytes;
    if (!tell(*(const int *)arg, 'x'))
        return cf_raise(task, 1, "cannot write");
    return CF_OK;
}

static void a_cancelled_task_never_runs(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    int trace[2];
    assert_int_equal(pipe(trace), 0);
    struct busy busy;
    busy_make(&busy);
    struct cf_future *next =
        submit(busy.executor, leave_a_trace, &trace[1], sizeof trace[1]);
    struct cf_future *later =
        submit(busy.executor, leave_a_trace, &trace[1], sizeof trace[1]);

    assert_true(cf_cancel(later)); /* queued      */
    assert_true(cf_cancel(next));  /* prefetched  */
    assert_true(cf_cancelled(next));
    assert_true(cf_done(next));
    assert_status(cf_result(next, CF_FOREVER, NULL, 0), CF_CANCELLED);
    cf_future_release(next);
    cf_future_release(later);
    busy_end(&busy);
    close(trace[1]);
    char byte;
    assert_int_equal(read(trace[0], &byte, 1), 0); /* nobody wrote */
    close(trace[0]);
}

static void
a_task_can_be_cancelled_twice_and_only_before_it_starts(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct busy busy;
    busy_make(&busy);
    struct cf_future *next = submit_int(busy.executor, square, 1);

    assert_false(cf_cancel(busy.running));
    assert_true(cf_cancel(next));
    assert_true(cf_cancel(next));
    cf_future_release(next);
    struct cf_future *running = cf_future_retain(busy.running);
    busy_end(&busy);
    assert_false(cf_cancel(running));
    assert_false(cf_cancelled(running));
    cf_future_release(running);
}

static void *wait_for_it(void *future)
{
    return (void *)(intptr_t)cf_result(future, CF_FOREVER, NULL, 0);
}

static void a_cancel_wakes_who_waits(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct busy busy;
    busy_make(&busy);
    struct cf_future *next = submit_int(busy.executor, square, 1);
    pthread_t waiter;
    void *status;

    pthread_create(&waiter, NULL, wait_for_it, next);
    assert_true(cf_cancel(next));
    pthread_join(waiter, &status);
    assert_status((enum cf_status)(intptr_t)status, CF_CANCELLED);
    cf_future_release(next);
    busy_end(&busy);
}

static void note_thread(struct cf_future *future, void *context)
{
    assert_true(cf_cancelled(future));
    *(pthread_t *)context = pthread_self();
}

static void callbacks_of_a_cancelled_task_run_in_the_canceller(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct busy busy;
    busy_make(&busy);
    struct cf_future *next = submit_int(busy.executor, square, 1);
    pthread_t caller = 0;

    assert_status(cf_add_done_callback(next, note_thread, &caller), CF_OK);
    assert_true(cf_cancel(next));
    assert_true(pthread_equal(caller, pthread_self()));
    cf_future_release(next);
    busy_end(&busy);
}

static void releasing_early_neither_cancels_nor_waits(void **state)
{
    (void)state;
    int trace[2];
    assert_int_equal(pipe(trace), 0);
    struct cf_executor *executor = executor_of(1);
    cf_future_release(
        submit(executor, leave_a_trace, &trace[1], sizeof trace[1]));
    char byte;
    assert_int_equal(read(trace[0], &byte, 1), 1);
    cf_executor_destroy(executor);
    close(trace[0]);
    close(trace[1]);
}

/* Cancel races with the start: each task either ran or was cancelled. */
static void a_cancel_that_races_with_the_start_has_one_winner(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    size_t ran = 0, cancelled = 0;

    for (int i = 0; i < 5000; i++) {
        struct cf_future *future = submit_int(executor, square, i % 100);
        bool is_taken = cf_cancel(future);
        enum cf_status status = cf_result(future, CF_FOREVER, NULL, 0);
        assert_true(status == (is_taken ? CF_CANCELLED : CF_INVALID));
        assert_true(cf_cancelled(future) == is_taken);
        ran += !is_taken;
        cancelled += is_taken;
        cf_future_release(future);
    }
    assert_int_equal(ran + cancelled, 5000);
    cf_executor_destroy(executor);
}

int run_cancel_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_cancelled_task_never_runs),
        cmocka_unit_test(
            a_task_can_be_cancelled_twice_and_only_before_it_starts),
        cmocka_unit_test(a_cancel_wakes_who_waits),
        cmocka_unit_test(callbacks_of_a_cancelled_task_run_in_the_canceller),
        cmocka_unit_test(releasing_early_neither_cancels_nor_waits),
        cmocka_unit_test(a_cancel_that_races_with_the_start_has_one_winner),
    };
    return cmocka_run_group_tests_name("cancel", tests, NULL, NULL);
}
