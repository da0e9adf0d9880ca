/* SPDX-License-Identifier: MIT */
/* What the maps promise. */
#include "conformance.h"

#include <stdatomic.h>
#include <string.h>

#define MS 1000000LL

static void map_yields_results_in_input_order(void **state)
{
    (void)state;
    enum { COUNT = 3000 }; /* more than are handed over at a time */
    static const size_t chunks[] = {0, 3, 64, 1000, 5000};
    struct cf_executor *executor = executor_of(3);
    static int items[COUNT];
    for (int i = 0; i < COUNT; i++)
        items[i] = i;
    for (size_t c = 0; c < sizeof chunks / sizeof chunks[0]; c++) {
        struct cf_map_options options = {.chunk = chunks[c]};
        struct cf_iterator *iterator;
        struct cf_future *future;
        assert_status(cf_map(executor, square, items, sizeof items[0], COUNT,
                             &options, &iterator),
                      CF_OK);
        for (int i = 0; i < COUNT; i++) {
            assert_status(cf_next(iterator, &future), CF_OK);
            assert_int_equal(int_result(future), i * i);
        }
        assert_status(cf_next(iterator, &future), CF_END);
        cf_iterator_release(iterator);
    }
    cf_executor_destroy(executor);
}

static void an_unordered_map_yields_as_items_end(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gates[2]; /* the first item's stays closed at first */
    gate_make(&gates[0]);
    gate_make(&gates[1]);
    gate_open(&gates[1], 1);
    struct cf_executor *executor = executor_of(2);
    struct cf_map_options options = {.unordered = true};
    struct cf_iterator *iterator;
    struct cf_future *future;

    assert_status(cf_map(executor, stand_at_gate, gates, sizeof gates[0], 2,
                         &options, &iterator),
                  CF_OK);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_int_equal(cf_future_info(future).item, 1);
    gate_open(&gates[0], 1);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_int_equal(cf_future_info(future).item, 0);
    assert_status(cf_next(iterator, &future), CF_END);
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
    gate_close(&gates[0]);
    gate_close(&gates[1]);
}

static void a_bad_item_spoils_no_other(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    int items[50];
    for (int i = 0; i < 50; i++)
        items[i] = i;
    struct cf_map_options options = {.chunk = 10};
    struct cf_iterator *iterator;
    struct cf_future *future;
    struct cf_error error;
    assert_status(cf_map(executor, odd_ones_fail, items, sizeof items[0], 50,
                         &options, &iterator),
                  CF_OK);
    for (int i = 0; cf_next(iterator, &future) == CF_OK; i++) {
        assert_status(cf_future_error(future, 0, &error), CF_OK);
        assert_int_equal(error.code, i % 2 != 0 ? i : 0);
    }
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
}

static void a_map_over_nothing_ends_at_once(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_iterator *iterator;
    struct cf_future *future;
    assert_status(cf_map(executor, square, NULL, 4, 0, NULL, &iterator), CF_OK);
    assert_status(cf_next(iterator, &future), CF_END);
    cf_iterator_release(iterator);
    assert_status(cf_map_into(executor, NULL, NULL, 0, NULL, 0, 0, NULL),
                  CF_INVALID);
    cf_executor_destroy(executor);
}

static void releasing_a_map_early_cancels_what_has_not_started(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct gate gates[8];
    gate_make(&gates[0]);
    for (int i = 1; i < 8; i++)
        gates[i] = gates[0];
    struct cf_executor *executor = executor_of(1);
    struct cf_iterator *iterator;
    assert_status(cf_map(executor, stand_at_gate, gates, sizeof gates[0], 8,
                         NULL, &iterator),
                  CF_OK);
    gate_await(&gates[0], 1);
    cf_iterator_release(iterator);
    gate_open(&gates[0], 1);
    cf_executor_destroy(executor); /* would hang at the other seven */
    gate_close(&gates[0]);
}

static void a_map_whose_time_is_up_says_so(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_map_options options = {.timeout_ns = 5 * MS};
    struct cf_iterator *iterator;
    struct cf_future *future;
    assert_status(cf_map(executor, stand_at_gate, &gate, sizeof gate, 1,
                         &options, &iterator),
                  CF_OK);
    assert_status(cf_next(iterator, &future), CF_TIMEOUT);
    assert_status(cf_next(iterator, &future), CF_TIMEOUT);
    gate_await(&gate, 1);
    gate_open(&gate, 1);
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* Short items have been taken many at a time; long ones are not. */
static void automatic_chunks_hold_no_long_item_back(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    SKIP_IF(backend == CF_MPI, "three ranks serve, and it needs four workers");
    enum { SHORT = 5000, LONG = 4 };
    struct gate gate;
    struct gate items[LONG];
    int *numbers = calloc(SHORT, sizeof numbers[0]);
    struct cf_iterator *first, *second;
    struct cf_future *future;

    gate_make(&gate);
    for (int i = 0; i < LONG; i++)
        items[i] = gate;
    struct cf_executor *executor = executor_of(LONG);
    assert_status(cf_map(executor, square, numbers, sizeof numbers[0], SHORT,
                         NULL, &first),
                  CF_OK);
    assert_status(cf_map(executor, stand_at_gate, items, sizeof items[0], LONG,
                         NULL, &second),
                  CF_OK);
    gate_await(&gate, LONG); /* each has a worker */
    gate_open(&gate, LONG);
    for (int i = 0; i < LONG; i++)
        assert_status(cf_next(second, &future), CF_OK);
    cf_iterator_release(first);
    cf_iterator_release(second);
    cf_executor_destroy(executor);
    gate_close(&gate);
    free(numbers);
}

/* Maps four items that fail, as one chunk, and reads no error. */
static enum cf_status map_inside(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    int items[4] = {1, 2, 3, 4}, count = 0;
    struct cf_map_options options = {.chunk = 4};
    struct cf_iterator *iterator;
    struct cf_future *future;
    (void)arg;
    (void)arg_bytes;

    if (cf_map(cf_task_executor(task), fail_with, items, sizeof items[0], 4,
               &options, &iterator) != CF_OK)
        return cf_raise(task, 1, "cannot submit");
    while (cf_next(iterator, &future) == CF_OK)
        count++;
    cf_iterator_release(iterator);
    return cf_return(task, &count, sizeof count);
}

static void a_nested_map_gives_every_item_of_a_chunk_back(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit(executor, map_inside, NULL, 0);
    assert_int_equal(int_result(future), 4);
    cf_future_release(future);
    future = submit_int(executor, square, 2); /* behind the chunk's entry */
    assert_int_equal(int_result(future), 4);
    cf_future_release(future);
    /* counted when a future is freed, which on CF_PROCESS is the worker's */
    if (!is_remote())
        assert_int_equal(cf_executor_stats(executor).unread_errors, 4);
    cf_executor_destroy(executor);
}

static _Atomic int told;

static void count_error(const char *name, const struct cf_error *error,
                        void *context)
{
    (void)name, (void)error, (void)context;
    atomic_fetch_add(&told, 1);
}

/* At the end of its tasks, not of the next array: the handler is called where
 * a future that nobody has read is freed. */
static void of_a_released_array_nothing_is_kept(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), "tasks are not given back in one thread");
    enum { COUNT = 50 };
    struct cf_options options = {.max_workers = 1, .on_error = count_error};
    struct cf_executor *executor;
    struct cf_future *futures[COUNT];
    int items[COUNT] = {0};

    atomic_store(&told, 0);
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    assert_status(cf_submit_many(executor, fail_with, items, sizeof items[0],
                                 COUNT, futures),
                  CF_OK);
    for (int i = 0; i < COUNT; i++)
        cf_future_release(futures[i]);
    struct cf_future *next = submit_int(executor, square, 2); /* behind them */
    assert_int_equal(int_result(next), 4);
    assert_int_equal(atomic_load(&told), COUNT);
    cf_future_release(next);
    cf_executor_destroy(executor);
}

/* Its result or error is gone by then: long output is not to fill the memory. */
static void an_item_is_given_back_when_the_next_is_asked_for(void **state)
{
    (void)state;
    enum { COUNT = 50 };
    static const int items[COUNT];
    struct cf_options options = {.max_workers = 2, .on_error = count_error};

    for (int unordered = 0; unordered < 2; unordered++) {
        struct cf_map_options how = {.unordered = unordered != 0, .chunk = 7};
        struct cf_executor *executor;
        struct cf_iterator *iterator;
        struct cf_future *future;
        enum cf_status status;

        atomic_store(&told, 0);
        assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
        assert_status(cf_map(executor, fail_with, items, sizeof items[0], COUNT,
                             &how, &iterator),
                      CF_OK);
        while ((status = cf_next(iterator, &future)) == CF_OK)
            ;
        assert_status(status, CF_END);
        cf_executor_destroy(executor); /* so that no worker has one either */
        assert_int_equal(atomic_load(&told), COUNT);
        cf_iterator_release(iterator);
        assert_int_equal(atomic_load(&told), COUNT);
    }
}

static void double_it(const void *item, void *result)
{
    *(long *)result = 2L * *(const int *)item;
}

static void map_into_fills_the_whole_array(void **state)
{
    (void)state;
    static const size_t counts[] = {0, 1, 2, 31, 1000, 100000};
    static const size_t chunks[] = {0, 1, 7, 200000};
    struct cf_executor *executor = executor_of(3);
    int *items = malloc(100000 * sizeof *items);
    long *results = malloc(100000 * sizeof *results);
    for (int i = 0; i < 100000; i++)
        items[i] = i;
    for (size_t k = 0; k < 6; k++)
        for (size_t c = 0; c < 4; c++) {
            if (counts[k] > 1000 && chunks[c] == 1)
                continue; /* 10^5 tasks: slow under a sanitizer */
            struct cf_map_options options = {.chunk = chunks[c],
                                             .caller_helps = (k + c) % 2 == 1};
            memset(results, 0xff, 100000 * sizeof *results);
            assert_status(cf_map_into(executor, double_it, items,
                                      sizeof items[0], results,
                                      sizeof results[0], counts[k], &options),
                          CF_OK);
            for (size_t i = 0; i < counts[k]; i++)
                assert_int_equal(results[i], 2 * items[i]);
            if (counts[k] < 100000) /* and nothing behind it */
                assert_int_equal(results[counts[k]], -1);
        }
    free(items);
    free(results);
    cf_executor_destroy(executor);
}

static void maps_refuse_nonsense(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_iterator *iterator;
    int item = 1;
    long result;
    struct cf_map_options reserved = {.reserved = {1}};
    struct cf_map_options negative = {.timeout_ns = -1};

    assert_status(cf_map(NULL, square, &item, 4, 1, NULL, &iterator),
                  CF_INVALID);
    assert_status(cf_map(executor, NULL, &item, 4, 1, NULL, &iterator),
                  CF_INVALID);
    assert_status(cf_map(executor, square, NULL, 4, 1, NULL, &iterator),
                  CF_INVALID);
    assert_status(cf_map(executor, square, &item, 4, 1, &reserved, &iterator),
                  CF_INVALID);
    assert_status(cf_map(executor, square, &item, 4, 1, &negative, &iterator),
                  CF_INVALID);
    assert_status(cf_map_from(executor, square, NULL, NULL, NULL, &iterator),
                  CF_INVALID);
    assert_status(cf_map_into(executor, double_it, &item, SIZE_MAX / 2, &result,
                              8, 3, NULL),
                  CF_INVALID);
    assert_status(
        cf_map_into(executor, double_it, NULL, 4, &result, 8, 3, NULL),
        CF_INVALID);
    cf_executor_destroy(executor);
}

int run_map_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(map_yields_results_in_input_order),
        cmocka_unit_test(an_unordered_map_yields_as_items_end),
        cmocka_unit_test(a_bad_item_spoils_no_other),
        cmocka_unit_test(a_map_over_nothing_ends_at_once),
        cmocka_unit_test(releasing_a_map_early_cancels_what_has_not_started),
        cmocka_unit_test(a_map_whose_time_is_up_says_so),
        cmocka_unit_test(automatic_chunks_hold_no_long_item_back),
        cmocka_unit_test(a_nested_map_gives_every_item_of_a_chunk_back),
        cmocka_unit_test(of_a_released_array_nothing_is_kept),
        cmocka_unit_test(an_item_is_given_back_when_the_next_is_asked_for),
        cmocka_unit_test(map_into_fills_the_whole_array),
        cmocka_unit_test(maps_refuse_nonsense),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
