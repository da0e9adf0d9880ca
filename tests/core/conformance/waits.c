/* SPDX-License-Identifier: MIT */
/* What waiting for several futures promises. */
#include "conformance.h"

#define MS 1000000LL

static void waiting_for_none_returns_at_once(void **state)
{
    (void)state;
    size_t done = 7;
    assert_status(cf_wait(NULL, 0, CF_ALL_COMPLETED, CF_FOREVER, &done), CF_OK);
    assert_int_equal(done, 0);
    assert_status(cf_wait(NULL, 0, CF_FIRST_COMPLETED, CF_FOREVER, NULL),
                  CF_OK);
}

static void all_completed_waits_for_all(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct cf_future *futures[20];
    size_t done;

    for (int i = 0; i < 20; i++)
        futures[i] = submit_int(executor, odd_ones_fail, i);
    assert_status(cf_wait(futures, 20, CF_ALL_COMPLETED, CF_FOREVER, &done),
                  CF_OK);
    assert_int_equal(done, 20);
    for (int i = 0; i < 20; i++) {
        assert_true(cf_done(futures[i]));
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
}

static void first_completed_returns_with_one(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(2);
    struct cf_future *futures[2] = {
        submit(executor, stand_at_gate, &gate, sizeof gate),
        submit_int(executor, square, 3)};
    size_t done;

    assert_status(cf_wait(futures, 2, CF_FIRST_COMPLETED, CF_FOREVER, &done),
                  CF_OK);
    assert_int_equal(done, 1);
    assert_true(cf_done(futures[1]));
    assert_status(cf_wait(futures, 2, CF_ALL_COMPLETED, 5 * MS, &done),
                  CF_TIMEOUT);
    assert_int_equal(done, 1);
    assert_status(cf_wait(futures, 2, CF_ALL_COMPLETED, 0, &done), CF_TIMEOUT);
    gate_open(&gate, 1);
    assert_status(cf_wait(futures, 2, CF_ALL_COMPLETED, CF_FOREVER, &done),
                  CF_OK);
    assert_int_equal(done, 2);
    cf_future_release(futures[0]);
    cf_future_release(futures[1]);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void
first_exception_returns_with_a_failure_and_not_with_a_cancel(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *futures[3] = {
        submit(executor, stand_at_gate, &gate, sizeof gate),
        submit_int(executor, fail_with, 3), submit_int(executor, square, 3)};
    size_t done;

    gate_await(&gate, 1);
    assert_true(cf_cancel(futures[2]));
    assert_status(cf_wait(futures, 3, CF_FIRST_EXCEPTION, 5 * MS, &done),
                  CF_TIMEOUT);
    assert_int_equal(done, 1);
    gate_open(&gate, 1);
    assert_status(cf_wait(futures, 3, CF_FIRST_EXCEPTION, CF_FOREVER, &done),
                  CF_OK);
    assert_true(cf_done(futures[1]));
    for (int i = 0; i < 3; i++)
        cf_future_release(futures[i]);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void first_exception_without_one_waits_for_all(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct cf_future *futures[4];
    size_t done;
    for (int i = 0; i < 4; i++)
        futures[i] = submit_int(executor, square, i);
    assert_status(cf_wait(futures, 4, CF_FIRST_EXCEPTION, CF_FOREVER, &done),
                  CF_OK);
    assert_int_equal(done, 4);
    for (int i = 0; i < 4; i++)
        cf_future_release(futures[i]);
    cf_executor_destroy(executor);
}

static void duplicates_and_several_executors_may_be_mixed(void **state)
{
    (void)state;
    struct cf_executor *one = executor_of(1), *two = executor_of(1);
    struct cf_future *a = submit_int(one, square, 1);
    struct cf_future *b = submit_int(two, square, 2);
    struct cf_future *futures[] = {a, b, a, a};
    size_t done;
    assert_status(cf_wait(futures, 4, CF_ALL_COMPLETED, CF_FOREVER, &done),
                  CF_OK);
    assert_int_equal(done, 4);
    cf_future_release(a);
    cf_future_release(b);
    cf_executor_destroy(one);
    cf_executor_destroy(two);
}

static void a_null_entry_or_an_unknown_mode_is_refused(void **state)
{
    (void)state;
    struct cf_future *none[1] = {NULL};
    struct cf_iterator *iterator;
    assert_status(cf_wait(none, 1, CF_ALL_COMPLETED, 0, NULL), CF_INVALID);
    assert_status(cf_wait(NULL, 1, CF_ALL_COMPLETED, 0, NULL), CF_INVALID);
    assert_status(cf_wait(NULL, 0, (enum cf_wait_mode)9, 0, NULL), CF_INVALID);
    assert_status(cf_as_completed(none, 1, 0, &iterator), CF_INVALID);
    assert_null(iterator);
    assert_status(cf_next(NULL, NULL), CF_INVALID);
    cf_iterator_release(NULL);
}

static void as_completed_yields_each_once_as_it_ends(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(2);
    struct cf_future *slow =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    struct cf_future *first = submit_int(executor, square, 1);
    struct cf_future *second = submit_int(executor, square, 2);
    struct cf_future *futures[] = {slow, first, second, slow, first};
    struct cf_iterator *iterator;
    struct cf_future *future;

    assert_status(cf_as_completed(futures, 5, CF_FOREVER, &iterator), CF_OK);
    /* of those that had ended before the call, any may be first */
    struct cf_future *one;
    assert_status(cf_next(iterator, &one), CF_OK);
    assert_true(one == first || one == second);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_ptr_equal(future, one == first ? second : first);
    gate_open(&gate, 1);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_ptr_equal(future, slow);
    assert_status(cf_next(iterator, &future), CF_END);
    assert_null(future);
    assert_status(cf_next(iterator, &future), CF_END);
    cf_iterator_release(iterator);
    cf_future_release(slow);
    cf_future_release(first);
    cf_future_release(second);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void as_completed_keeps_the_order_of_what_has_ended(void **state)
{
    (void)state;
    enum { COUNT = 300 };
    struct cf_executor *executor = executor_of(2);
    struct cf_future *futures[COUNT], *mixed[2 * COUNT], *future;
    struct cf_iterator *iterator;

    for (int i = 0; i < COUNT; i++)
        futures[i] = submit_int(executor, square, i);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    /* every 7th is next, and all come twice */
    for (int i = 0; i < 2 * COUNT; i++)
        mixed[i] = futures[i * 7 % COUNT];
    assert_status(cf_as_completed(mixed, 2 * COUNT, CF_FOREVER, &iterator),
                  CF_OK);
    for (int i = 0; i < COUNT; i++) {
        assert_status(cf_next(iterator, &future), CF_OK);
        assert_ptr_equal(future, mixed[i]);
    }
    assert_status(cf_next(iterator, &future), CF_END);
    cf_iterator_release(iterator);
    for (int i = 0; i < COUNT; i++)
        cf_future_release(futures[i]);
    cf_executor_destroy(executor);
}

static void as_completed_yields_a_cancelled_one_at_once(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *futures[2] = {
        submit(executor, stand_at_gate, &gate, sizeof gate),
        submit_int(executor, square, 1)};
    struct cf_iterator *iterator;
    struct cf_future *future;

    gate_await(&gate, 1);
    assert_status(cf_as_completed(futures, 2, CF_FOREVER, &iterator), CF_OK);
    assert_true(cf_cancel(futures[1]));
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_ptr_equal(future, futures[1]);
    cf_iterator_release(iterator); /* cancels nothing */
    assert_false(cf_cancelled(futures[0]));
    gate_open(&gate, 1);
    assert_int_equal(int_result(futures[0]), 1);
    cf_future_release(futures[0]);
    cf_future_release(futures[1]);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void as_completed_delivers_what_ended_when_its_time_is_up(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(2);
    struct cf_future *futures[2] = {
        submit(executor, stand_at_gate, &gate, sizeof gate),
        submit_int(executor, square, 1)};
    struct cf_iterator *iterator;
    struct cf_future *future;

    int_result(futures[1]);
    assert_status(cf_as_completed(futures, 2, 5 * MS, &iterator), CF_OK);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_status(cf_next(iterator, &future), CF_TIMEOUT);
    assert_string_equal(cf_last_error().text, "1 (of 2) tasks have not ended");
    assert_status(cf_next(iterator, &future), CF_TIMEOUT);
    cf_iterator_release(iterator);
    gate_open(&gate, 1);
    int_result(futures[0]);
    cf_future_release(futures[0]);
    cf_future_release(futures[1]);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void note_a_failure(void)
{
    assert_status(cf_wait(NULL, 1, CF_ALL_COMPLETED, 0, NULL), CF_INVALID);
}

static void assert_failure_is_last(void)
{
    struct cf_last_error last = cf_last_error();

    assert_status(last.status, CF_INVALID);
    assert_string_equal(last.text, "no futures, or no such way to wait");
}

static bool pull_one(void *context, const void **arg, size_t *arg_bytes)
{
    *arg = context;
    *arg_bytes = sizeof(int);
    return true;
}

static void calls_that_succeed_leave_the_last_error_alone(void **state)
{
    struct cf_map_options options = {.buffersize = 2};
    struct cf_iterator *iterator;
    struct cf_future *future, *promise;
    struct cf_error error;
    int three = 3;

    (void)state;
    note_a_failure();
    struct cf_executor *executor = executor_of(1);
    assert_failure_is_last();
    assert_status(cf_future_create(&promise), CF_OK);
    future = submit_int(executor, square, 2);
    assert_status(cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                  CF_OK);
    assert_failure_is_last();
    assert_true(cf_cancel(promise));
    assert_status(cf_future_error(promise, 0, &error), CF_OK);
    assert_failure_is_last();
    assert_string_equal(error.message, "the task was cancelled");
    assert_status(
        cf_map_from(executor, square, pull_one, &three, &options, &iterator),
        CF_OK);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    cf_future_release(future);
    for (int i = 0; i < 2; i++) /* and what is pulled is refused */
        assert_status(cf_next(iterator, &future), CF_OK);
    assert_failure_is_last();
    for (int i = 0; i < 2; i++) { /* told when the map is over, each time */
        note_a_failure();
        assert_status(cf_next(iterator, &future), CF_SHUTDOWN);
        assert_string_equal(cf_last_error().text, "the executor is shut down");
    }
    assert_status(cf_result(promise, 0, NULL, 0), CF_CANCELLED);
    assert_string_equal(cf_last_error().text, "the task was cancelled");
    cf_iterator_release(iterator);
    cf_future_release(promise);
    cf_executor_destroy(executor);
}

int run_wait_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waiting_for_none_returns_at_once),
        cmocka_unit_test(all_completed_waits_for_all),
        cmocka_unit_test(first_completed_returns_with_one),
        cmocka_unit_test(
            first_exception_returns_with_a_failure_and_not_with_a_cancel),
        cmocka_unit_test(first_exception_without_one_waits_for_all),
        cmocka_unit_test(duplicates_and_several_executors_may_be_mixed),
        cmocka_unit_test(a_null_entry_or_an_unknown_mode_is_refused),
        cmocka_unit_test(as_completed_yields_each_once_as_it_ends),
        cmocka_unit_test(as_completed_keeps_the_order_of_what_has_ended),
        cmocka_unit_test(as_completed_yields_a_cancelled_one_at_once),
        cmocka_unit_test(as_completed_delivers_what_ended_when_its_time_is_up),
        cmocka_unit_test(calls_that_succeed_leave_the_last_error_alone),
    };
    return cmocka_run_group_tests_name("wait", tests, NULL, NULL);
}
