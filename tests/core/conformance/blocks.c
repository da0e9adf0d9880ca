/* SPDX-License-Identifier: MIT */
/* What lies side by side in a future's memory keeps out of each other's way:
 * its argument, its result, its times, its name, and the next future. */
#include "conformance.h"

#include <string.h>

/* As many arguments as fit the blocks of all sizes, and some that fit none. */
enum { MOST_ARG = 260, RESULTS = 6 };

static unsigned char byte_of(size_t bytes, size_t i)
{
    return (unsigned char)(bytes * 7 + i * 13 + 1);
}

static void fill(unsigned char *to, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        to[i] = byte_of(bytes, i);
}

static bool is_filled(const unsigned char *at, size_t bytes)
{
    for (size_t i = 0; i < bytes; i++)
        if (at[i] != byte_of(bytes, i))
            return false;
    return true;
}

/* Its result is all there before its argument is read. */
static enum cf_status give(struct cf_task *task, const void *arg,
                           size_t arg_bytes, size_t result_bytes)
{
    unsigned char *result = cf_return_space(task, result_bytes);

    if (result == NULL)
        return CF_NOMEM;
    if ((uintptr_t)result % 8 != 0)
        return cf_raise(task, 1, "a result at %p", (void *)result);
    fill(result, result_bytes);
    return is_filled(arg, arg_bytes)
               ? CF_OK
               : cf_raise(task, 2, "%zu bytes have changed", arg_bytes);
}

static enum cf_status give_1(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    return give(task, arg, arg_bytes, 1);
}

static enum cf_status give_8(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    return give(task, arg, arg_bytes, 8);
}

static enum cf_status give_9(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    return give(task, arg, arg_bytes, 9);
}

static enum cf_status give_16(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    return give(task, arg, arg_bytes, 16);
}

static enum cf_status give_17(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    return give(task, arg, arg_bytes, 17);
}

static enum cf_status give_none(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    (void)task;
    return is_filled(arg, arg_bytes)
               ? CF_OK
               : cf_raise(task, 2, "%zu bytes have changed", arg_bytes);
}

static const struct {
    cf_function *function;
    size_t bytes;
} results[RESULTS] = {{give_none, 0}, {give_1, 1},   {give_8, 8},
                      {give_9, 9},    {give_16, 16}, {give_17, 17}};

/* An argument of each size with a result of each, all there at once. */
static void run_all(const struct cf_options *options,
                    const struct cf_call *call)
{
    static struct cf_future *futures[MOST_ARG + 1][RESULTS];
    unsigned char arg[MOST_ARG];
    struct cf_executor *executor;

    assert_status(cf_executor_create(backend, options, &executor), CF_OK);
    for (size_t bytes = 0; bytes <= MOST_ARG; bytes++) {
        fill(arg, bytes);
        for (size_t i = 0; i < RESULTS; i++)
            assert_status(cf_submit_call(executor, results[i].function, arg,
                                         bytes, call, &futures[bytes][i]),
                          CF_OK);
    }
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    for (size_t bytes = 0; bytes <= MOST_ARG; bytes++)
        for (size_t i = 0; i < RESULTS; i++) {
            const void *result;
            size_t result_bytes;
            struct cf_future *future = futures[bytes][i];
            assert_status(
                cf_result_view(future, CF_FOREVER, &result, &result_bytes),
                CF_OK);
            assert_int_equal(result_bytes, results[i].bytes);
            assert_true(is_filled(result, result_bytes));
            if (call != NULL)
                assert_string_equal(cf_future_name(future), call->name);
            if (options->record_times)
                assert_true(cf_future_info(future).finished_ns >=
                            cf_future_info(future).submitted_ns);
            cf_future_release(future);
        }
    cf_executor_destroy(executor);
}

static void arguments_results_times_and_names_lie_apart(void **state)
{
    const struct cf_call call = {.name = "a name of some length"};

    (void)state;
    for (int has_times = 0; has_times < 2; has_times++)
        for (int has_name = 0; has_name < 2; has_name++) {
            struct cf_options options = {.max_workers = 2,
                                         .record_times = has_times != 0};
            run_all(&options, has_name != 0 ? &call : NULL);
        }
}

int run_block_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(arguments_results_times_and_names_lie_apart),
    };
    return cmocka_run_group_tests_name("blocks", tests, NULL, NULL);
}
