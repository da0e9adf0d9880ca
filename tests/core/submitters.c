/* SPDX-License-Identifier: MIT */
/* The six calls that submit are refused alike, whatever the reason. */
#include <signal.h>
#include <stddef.h>

#include "shared.h"

static struct cf_executor *executor_of(const struct cf_backend *backend,
                                       struct cf_options options)
{
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    return executor;
}

static void double_it(const void *item, void *result)
{
    *(int *)result = 2 * *(const int *)item;
}

static bool pull_for_ever(void *context, const void **arg, size_t *arg_bytes)
{
    *arg = context;
    *arg_bytes = sizeof(int);
    return true;
}

/* Of the six, what the i-th answers for `function`; what it made is gone. */
enum { BY_MAP = 3, BY_MAP_FROM, BY_MAP_INTO, SUBMITTERS };

static enum cf_status submit_by(int i, struct cf_executor *executor,
                                cf_function *function)
{
    int items[2] = {1, 2}, results[2];
    struct cf_future *futures[2] = {NULL, NULL};
    struct cf_iterator *iterator = NULL;
    cf_item_function *item_function =
        function == square ? double_it
                           : (cf_item_function *)(uintptr_t)function;
    enum cf_status status = CF_OK;

    switch (i) {
    case 0:
        status = cf_submit(executor, function, items, 4, &futures[0]);
        break;
    case 1:
        status =
            cf_submit_call(executor, function, items, 4, NULL, &futures[0]);
        break;
    case 2:
        status = cf_submit_many(executor, function, items, 4, 2, futures);
        break;
    case BY_MAP:
        status = cf_map(executor, function, items, 4, 2, NULL, &iterator);
        break;
    case BY_MAP_FROM:
        status = cf_map_from(executor, function, pull_for_ever, items, NULL,
                             &iterator);
        break;
    default:
        status =
            cf_map_into(executor, item_function, items, 4, results, 4, 2, NULL);
    }
    cf_future_release(futures[0]);
    cf_future_release(futures[1]);
    cf_iterator_release(iterator);
    return status;
}

static void assert_all_refuse(struct cf_executor *executor,
                              cf_function *function, enum cf_status expected)
{
    for (int i = 0; i < SUBMITTERS; i++)
        assert_status(submit_by(i, executor, function), expected);
}

static void every_way_to_submit_works(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_THREAD, (struct cf_options){.max_workers = 1});

    (void)state;
    assert_all_refuse(executor, square, CF_OK);
    cf_executor_destroy(executor);
}

static void after_shutdown_every_way_to_submit_is_refused(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_THREAD, (struct cf_options){.max_workers = 1});

    (void)state;
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    assert_all_refuse(executor, square, CF_SHUTDOWN);
    cf_executor_destroy(executor);
}

static enum cf_status fail_to_begin(size_t worker, const void *arg,
                                    size_t arg_bytes, void **state)
{
    (void)worker;
    (void)arg;
    (void)arg_bytes;
    (void)state;
    return CF_NOMEM;
}

static void of_a_broken_executor_every_submit_is_refused(void **state)
{
    struct cf_options options = {.max_workers = 1,
                                 .initializer = fail_to_begin};
    struct cf_executor *executor = executor_of(CF_THREAD, options);
    struct cf_future *future = submit_int(executor, square, 1);

    (void)state;
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_BROKEN);
    cf_future_release(future);
    assert_all_refuse(executor, square, CF_BROKEN);
    cf_executor_destroy(executor);
    options.start_all = true;
    assert_status(cf_executor_create(CF_THREAD, &options, &executor),
                  CF_BROKEN);
}

static void a_function_in_no_object_is_refused_however_submitted(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_PROCESS, (struct cf_options){.max_workers = 1});
    int nowhere;

    (void)state;
    assert_all_refuse(executor, (cf_function *)(uintptr_t)&nowhere,
                      CF_UNSUPPORTED);
    cf_executor_destroy(executor);
}

static void a_full_queue_refuses_what_has_no_room(void **state)
{
    struct cf_executor *executor = executor_of(
        CF_THREAD, (struct cf_options){.max_workers = 1,
                                       .max_pending = 1,
                                       .when_full = CF_WHEN_FULL_FAIL});
    struct cf_future *standing[2];
    struct gate gate;

    (void)state;
    gate_make(&gate);
    for (int i = 0; i < 2; i++)
        standing[i] = submit(executor, wait_at_gate, &gate, sizeof gate);
    for (int i = 0; i < BY_MAP_INTO; i++) /* a map bounds its items itself */
        assert_status(submit_by(i, executor, square),
                      i < BY_MAP ? CF_FULL : CF_OK);
    gate_open(&gate, 2);
    cf_future_release(standing[0]);
    cf_future_release(standing[1]);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* --- a map that fills an array --- */

static void a_map_into_whose_time_is_up_says_so(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_THREAD, (struct cf_options){.max_workers = 1});
    struct cf_map_options options = {.timeout_ns = 1000000};
    int item = 1, result;
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_future *standing =
        submit(executor, wait_at_gate, &gate, sizeof gate);
    assert_status(
        cf_map_into(executor, double_it, &item, 4, &result, 4, 1, &options),
        CF_TIMEOUT);
    gate_open(&gate, 1);
    cf_future_release(standing);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void die_over_it(const void *item, void *result)
{
    raise(SIGKILL);
    double_it(item, result);
}

static void a_map_into_whose_worker_dies_says_so(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_PROCESS, (struct cf_options){.max_workers = 1});
    int item = 1, result;

    (void)state;
    assert_status(
        cf_map_into(executor, die_over_it, &item, 4, &result, 4, 1, NULL),
        CF_CRASHED);
    cf_executor_destroy(executor);
}

static enum cf_status do_nothing(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}

static void an_array_that_is_refused_leaves_no_futures(void **state)
{
    struct cf_executor *executor =
        executor_of(CF_SERIAL, (struct cf_options){.max_workers = 1});
    struct cf_future *gone;
    const struct {
        struct cf_executor *executor;
        cf_function *function;
        const void *items;
        size_t item_bytes;
    } calls[] = {
        {NULL, do_nothing, &gone, 1},
        {executor, NULL, &gone, 1},
        {executor, do_nothing, NULL, 1},
        {executor, do_nothing, &gone, SIZE_MAX / 2 + 1},
    };
    (void)state;

    assert_status(cf_future_create(&gone), CF_OK);
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct cf_future *futures[2] = {gone, gone};
        assert_status(cf_submit_many(calls[i].executor, calls[i].function,
                                     calls[i].items, calls[i].item_bytes, 2,
                                     futures),
                      CF_INVALID);
        assert_null(futures[0]);
        assert_null(futures[1]);
    }
    assert_status(cf_submit_many(executor, do_nothing, &gone, 1, SIZE_MAX,
                                 &(struct cf_future *){gone}),
                  CF_INVALID);
    cf_future_release(gone);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_way_to_submit_works),
        cmocka_unit_test(after_shutdown_every_way_to_submit_is_refused),
        cmocka_unit_test(of_a_broken_executor_every_submit_is_refused),
        cmocka_unit_test(a_function_in_no_object_is_refused_however_submitted),
        cmocka_unit_test(a_full_queue_refuses_what_has_no_room),
        cmocka_unit_test(a_map_into_whose_time_is_up_says_so),
        cmocka_unit_test(a_map_into_whose_worker_dies_says_so),
        cmocka_unit_test(an_array_that_is_refused_leaves_no_futures),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
