/* SPDX-License-Identifier: MIT */
/* What the maps promise. */
#include "conformance.h"

#include <string.h>

#define MS 1000000LL

static void map_yields_results_in_input_order(void **state)
{
    (void)state;
    static const size_t chunks[] = {0, 1, 3, 64, 1000};
    struct cf_executor *executor = executor_of(3);
    int items[100];
    for (int i = 0; i < 100; i++)
        items[i] = i;
    for (size_t c = 0; c < sizeof chunks / sizeof chunks[0]; c++) {
        struct cf_map_options options = {.chunk = chunks[c]};
        struct cf_iterator *iterator;
        struct cf_future *future;
        assert_status(cf_map(executor, square, items, sizeof items[0], 100,
                             &options, &iterator),
                      CF_OK);
        for (int i = 0; i < 100; i++) {
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

struct counter {
    int next;
    int end;
    int yielded;
    int most_ahead; /* pulled and not yet yielded */
};

static bool count_up(void *context, const void **arg, size_t *arg_bytes)
{
    struct counter *counter = context;
    if (counter->next == counter->end)
        return false;
    counter->next++;
    int ahead = counter->next - counter->yielded;
    if (ahead > counter->most_ahead)
        counter->most_ahead = ahead;
    *arg = &counter->next;
    *arg_bytes = sizeof counter->next;
    return true;
}

static void pulled_input_is_bounded_by_buffersize(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct counter counter = {.end = 1000};
    struct cf_map_options options = {.buffersize = 7};
    struct cf_iterator *iterator;
    struct cf_future *future;
    assert_status(
        cf_map_from(executor, square, count_up, &counter, &options, &iterator),
        CF_OK);
    assert_int_equal(counter.next, 7);
    for (int i = 1; i <= 1000; i++) {
        /* the one that cf_next() is about to yield counts as yielded */
        counter.yielded = i;
        assert_status(cf_next(iterator, &future), CF_OK);
        assert_int_equal(int_result(future), i * i);
    }
    assert_status(cf_next(iterator, &future), CF_END);
    assert_int_equal(counter.most_ahead, 7);
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
}

static void endless_input_can_be_left(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct counter counter = {.end = -1};
    struct cf_iterator *iterator;
    struct cf_future *future;
    assert_status(
        cf_map_from(executor, square, count_up, &counter, NULL, &iterator),
        CF_OK);
    for (int i = 1; i <= 100; i++)
        assert_status(cf_next(iterator, &future), CF_OK);
    cf_iterator_release(iterator);
    assert_true(counter.next <= 104);
    cf_executor_destroy(executor);
}

static void pulled_input_that_cannot_be_submitted_ends_the_map(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct counter counter = {.end = 100};
    struct cf_map_options options = {.buffersize = 2};
    struct cf_iterator *iterator;
    struct cf_future *future;
    assert_status(
        cf_map_from(executor, square, count_up, &counter, &options, &iterator),
        CF_OK);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_status(cf_next(iterator, &future), CF_SHUTDOWN);
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
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
            struct cf_map_options options = {.chunk = chunks[c]};
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
        cmocka_unit_test(pulled_input_is_bounded_by_buffersize),
        cmocka_unit_test(endless_input_can_be_left),
        cmocka_unit_test(pulled_input_that_cannot_be_submitted_ends_the_map),
        cmocka_unit_test(map_into_fills_the_whole_array),
        cmocka_unit_test(maps_refuse_nonsense),
    };
    return cmocka_run_group_tests_name("map", tests, NULL, NULL);
}
