/* SPDX-License-Identifier: MIT */
/* What a future promises about results, errors and times. */
#include "conformance.h"

#include <string.h>
#include <unistd.h>

#define MS 1000000LL

static void a_result_comes_back(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct cf_future *future = submit_int(executor, square, 5);

    assert_int_equal(int_result(future), 25);
    assert_int_equal(int_result(future), 25); /* and stays */
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void arguments_and_results_of_any_size_come_back(void **state)
{
    static const size_t sizes[] = {0,   1,    15,   16,   31,    32,     33,
                                   100, 4095, 4096, 4097, 65536, 1000000};
    (void)state;
    struct cf_executor *executor = executor_of(2);
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        size_t bytes = sizes[i], result_bytes;
        const void *result;
        unsigned char *arg = malloc(bytes + 1);
        for (size_t k = 0; k < bytes; k++)
            arg[k] = (unsigned char)(k * 31 + i);
        struct cf_future *future = submit(executor, echo, arg, bytes);
        assert_status(
            cf_result_view(future, CF_FOREVER, &result, &result_bytes), CF_OK);
        assert_int_equal(result_bytes, bytes);
        assert_int_equal(cf_future_info(future).result_bytes, bytes);
        if (bytes > 0)
            assert_memory_equal(result, arg, bytes);
        else
            assert_null(result);
        cf_future_release(future);
        free(arg);
    }
    cf_executor_destroy(executor);
}

static void the_argument_is_copied_at_submit(void **state)
{
    (void)state;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *first = NULL;
    int number = 6;

    if (!is_serial()) {
        first = submit(executor, stand_at_gate, &gate, sizeof gate);
        gate_await(&gate, 1);
    }
    struct cf_future *future = submit(executor, square, &number, sizeof number);
    number = 0;
    if (first != NULL)
        gate_open(&gate, 1);
    assert_int_equal(int_result(future), 36);
    cf_future_release(first);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_result_larger_than_its_room_is_refused_and_kept(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    char text[] = "eleven byte", room[4] = "abc";
    struct cf_future *future = submit(executor, echo, text, sizeof text);

    assert_status(cf_result(future, CF_FOREVER, room, sizeof room), CF_INVALID);
    assert_string_equal(room, "abc");
    assert_int_equal(cf_future_info(future).result_bytes, sizeof text);
    char enough[sizeof text];
    assert_status(cf_result(future, 0, enough, sizeof enough), CF_OK);
    assert_string_equal(enough, text);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void a_raised_error_has_code_message_and_place(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, fail_with, 42);
    struct cf_error error;

    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_EXCEPTION);
    assert_string_equal(cf_last_error().text, "failed with 42");
    assert_status(cf_future_error(future, 0, &error), CF_OK);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, 42);
    assert_string_equal(error.message, "failed with 42");
    assert_non_null(strstr(error.file, "conformance.c"));
    assert_true(error.line > 0);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void a_number_returned_without_raise_is_the_code(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, return_code, 7);
    struct cf_error error;

    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, 7);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void a_success_has_no_error(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, return_code, 0);
    struct cf_error error;

    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_status(error.status, CF_OK);
    assert_string_equal(error.message, "");
    assert_status(cf_result(future, 0, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static enum cf_status changes_its_mind(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    int large[100] = {0}, small = 9;
    (void)arg;
    (void)arg_bytes;
    enum cf_status ignored = cf_raise(task, 1, "never mind");
    (void)ignored;
    if (cf_return(task, large, sizeof large) != CF_OK)
        return CF_NOMEM;
    return cf_return(task, &small, sizeof small);
}

static void the_last_word_of_a_task_counts(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit(executor, changes_its_mind, NULL, 0);
    assert_int_equal(int_result(future), 9);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void a_wait_that_is_too_short_changes_nothing(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    int result;

    gate_await(&gate, 1);
    assert_status(cf_result(future, 0, &result, sizeof result), CF_TIMEOUT);
    assert_status(cf_result(future, -5, &result, sizeof result), CF_TIMEOUT);
    assert_status(cf_result(future, INT64_MIN, &result, sizeof result),
                  CF_TIMEOUT);
    assert_status(cf_result(future, 5 * MS, &result, sizeof result),
                  CF_TIMEOUT);
    gate_open(&gate, 1);
    assert_int_equal(int_result(future), 1);
    assert_status(cf_result(future, 0, &result, sizeof result), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_huge_time_out_is_for_ever(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, square, 3);
    int result;
    assert_status(cf_result(future, CF_FOREVER - 1, &result, sizeof result),
                  CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void pending_running_and_finished_are_told_apart(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *first =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    struct cf_future *second = submit_int(executor, square, 2);

    assert_true(cf_running(first));
    assert_false(cf_done(first));
    assert_int_equal(cf_future_info(first).state, CF_STATE_RUNNING);
    assert_false(cf_running(second)); /* prefetched is not started */
    assert_false(cf_done(second));
    assert_int_equal(cf_future_info(second).state, CF_STATE_PENDING);
    gate_open(&gate, 1);
    assert_int_equal(int_result(second), 4);
    assert_false(cf_running(first));
    assert_true(cf_done(first));
    assert_false(cf_cancelled(first));
    assert_int_equal(cf_future_info(first).state, CF_STATE_FINISHED);
    cf_future_release(first);
    cf_future_release(second);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void times_and_worker_are_known_when_asked_for(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct cf_future *future = submit_int(executor, square, 2);
    int_result(future);
    struct cf_future_info info = cf_future_info(future);

    assert_true(info.submitted_ns > 0);
    assert_true(info.started_ns >= info.submitted_ns);
    assert_true(info.finished_ns >= info.started_ns);
    assert_true(info.cpu_ns >= 0);
    assert_true(info.worker < 2);
    assert_int_equal(info.attempt, 1);
    assert_true(is_remote() ? info.pid != getpid() : info.pid == getpid());
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void nothing_comes_of_a_null_future(void **state)
{
    (void)state;
    struct cf_error error;
    assert_status(cf_result(NULL, 0, NULL, 0), CF_INVALID);
    assert_status(cf_future_error(NULL, 0, &error), CF_INVALID);
    assert_status(cf_add_done_callback(NULL, NULL, NULL), CF_INVALID);
    assert_false(cf_done(NULL));
    assert_false(cf_running(NULL));
    assert_false(cf_cancelled(NULL));
    assert_false(cf_cancel(NULL));
    cf_future_release(NULL);
}

static enum cf_status return_no_space(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_return_space(task, 0) != NULL ? CF_OK : CF_NOMEM;
}

static void an_empty_result_is_lent_as_null(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *futures[] = {submit(executor, return_no_space, NULL, 0),
                                   submit(executor, echo, NULL, 0)};

    for (int i = 0; i < 2; i++) {
        const void *result = state;
        size_t result_bytes = 1;
        assert_status(
            cf_result_view(futures[i], CF_FOREVER, &result, &result_bytes),
            CF_OK);
        assert_null(result);
        assert_int_equal(result_bytes, 0);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
}

struct cut {
    size_t room_bytes;
    size_t from;
    size_t bytes;
};

static unsigned char byte_at(size_t i)
{
    return (unsigned char)(i * 31 + i / 256);
}

/* Fills more room than it needs, and returns a part of that. */
static enum cf_status return_part(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    const struct cut *cut = arg;
    unsigned char *room = cf_return_space(task, cut->room_bytes);
    (void)arg_bytes;

    if (room == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < cut->room_bytes; i++)
        room[i] = byte_at(i);
    return cf_return(task, room + cut->from, cut->bytes);
}

static void check_cut(struct cf_executor *executor, struct cut cut)
{
    struct cf_future *future = submit(executor, return_part, &cut, sizeof cut);
    const void *result;
    size_t result_bytes;

    assert_status(cf_result_view(future, CF_FOREVER, &result, &result_bytes),
                  CF_OK);
    assert_int_equal(result_bytes, cut.bytes);
    for (size_t i = 0; i < result_bytes; i++)
        assert_int_equal(((const unsigned char *)result)[i],
                         byte_at(cut.from + i));
    cf_future_release(future);
}

static void a_part_of_a_result_may_replace_it(void **state)
{
    static const size_t rooms[] = {16, 100, 1000, 4096, 20000, 70000, 1000000};
    (void)state;
    struct cf_executor *executor = executor_of(2);

    for (size_t i = 0; i < sizeof rooms / sizeof rooms[0]; i++)
        for (size_t part = 1; part <= 4; part++) {
            size_t room = rooms[i], from = room / part - room / 4;
            check_cut(executor, (struct cut){room, 0, room / part});
            check_cut(executor, (struct cut){room, from, room / 4});
            check_cut(executor, (struct cut){room, room / part - 1, 1});
            check_cut(executor, (struct cut){room, room / part - 1, 0});
        }
    cf_executor_destroy(executor);
}

static enum cf_status return_nothing_for_something(struct cf_task *task,
                                                   const void *arg,
                                                   size_t arg_bytes)
{
    enum cf_status status = cf_return(task, NULL, 8);

    return status == CF_INVALID ? cf_return(task, arg, arg_bytes)
                                : cf_raise(task, (int)status, "not refused");
}

static void bytes_that_are_nowhere_are_no_result(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit_int(executor, return_nothing_for_something, 5);

    assert_int_equal(int_result(future), 5);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int run_future_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_result_comes_back),
        cmocka_unit_test(arguments_and_results_of_any_size_come_back),
        cmocka_unit_test(the_argument_is_copied_at_submit),
        cmocka_unit_test(a_result_larger_than_its_room_is_refused_and_kept),
        cmocka_unit_test(a_raised_error_has_code_message_and_place),
        cmocka_unit_test(a_number_returned_without_raise_is_the_code),
        cmocka_unit_test(a_success_has_no_error),
        cmocka_unit_test(the_last_word_of_a_task_counts),
        cmocka_unit_test(a_wait_that_is_too_short_changes_nothing),
        cmocka_unit_test(a_huge_time_out_is_for_ever),
        cmocka_unit_test(pending_running_and_finished_are_told_apart),
        cmocka_unit_test(times_and_worker_are_known_when_asked_for),
        cmocka_unit_test(nothing_comes_of_a_null_future),
        cmocka_unit_test(an_empty_result_is_lent_as_null),
        cmocka_unit_test(a_part_of_a_result_may_replace_it),
        cmocka_unit_test(bytes_that_are_nowhere_are_no_result),
    };
    return cmocka_run_group_tests_name("futures", tests, NULL, NULL);
}
