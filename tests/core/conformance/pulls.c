/* SPDX-License-Identifier: MIT */
/* What maps over pulled input promise. */
#include <cf/interrupt.h>

#include "conformance.h"

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

/* Brings the gates of an array, one after the other. */
struct gates {
    struct gate *at;
    struct gate *end;
};

static bool next_gate(void *context, const void **arg, size_t *arg_bytes)
{
    struct gates *gates = context;
    if (gates->at == gates->end)
        return false;
    *arg = gates->at++;
    *arg_bytes = sizeof(struct gate);
    return true;
}

static void unordered_pulled_input_waits_for_no_slow_item(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    enum { ITEMS = 6 };
    struct gate gates[ITEMS]; /* the first stays closed */
    for (int i = 0; i < ITEMS; i++)
        gate_make(&gates[i]);
    for (int i = 1; i < ITEMS; i++)
        gate_open(&gates[i], 1);
    struct cf_executor *executor = executor_of(2);
    struct gates source = {gates, gates + ITEMS};
    struct cf_map_options options = {.unordered = true, .buffersize = 2};
    struct cf_iterator *iterator;
    struct cf_future *future;
    unsigned seen = 0;

    assert_status(cf_map_from(executor, stand_at_gate, next_gate, &source,
                              &options, &iterator),
                  CF_OK);
    for (int i = 1; i < ITEMS; i++) {
        assert_status(cf_next(iterator, &future), CF_OK);
        assert_int_equal(int_result(future), 1);
        seen |= 1u << cf_future_info(future).item;
    }
    assert_int_equal(seen, (1u << ITEMS) - 2); /* all but the first */
    gate_open(&gates[0], 1);
    assert_status(cf_next(iterator, &future), CF_OK);
    assert_int_equal(cf_future_info(future).item, 0);
    assert_status(cf_next(iterator, &future), CF_END);
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
    for (int i = 0; i < ITEMS; i++)
        gate_close(&gates[i]);
}

static void unordered_pulled_input_is_bounded_and_can_be_left(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct counter counter = {.end = 2000};
    struct cf_map_options options = {.unordered = true, .buffersize = 7};
    struct cf_iterator *iterator;
    struct cf_future *future;
    long sum = 0;

    assert_status(
        cf_map_from(executor, square, count_up, &counter, &options, &iterator),
        CF_OK);
    for (int i = 1; i <= 1000; i++) {
        counter.yielded = i;
        assert_status(cf_next(iterator, &future), CF_OK);
        assert_int_equal(int_result(future),
                         (long)(cf_future_info(future).item + 1) *
                             (long)(cf_future_info(future).item + 1));
        sum++;
    }
    assert_int_equal(sum, 1000);
    assert_true(counter.most_ahead <= 7);
    cf_iterator_release(iterator);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_int_equal(cf_executor_stats(executor).unfinished, 0);
    cf_executor_destroy(executor);
}

/* The map's first items have ended, then others have filled the executor. */
static void assert_nothing_is_held_back(const struct cf_map_options *options,
                                        enum cf_when_full when_full)
{
    struct cf_options narrow = {
        .max_workers = 1, .max_pending = 2, .when_full = when_full};
    struct counter counter = {.end = 10};
    struct cf_iterator *iterator;
    struct cf_future *future, *standing[3];
    struct cf_executor *executor;
    struct cf_waiter *waiter;
    struct gate gate;

    gate_make(&gate);
    assert_status(cf_waiter_of_this_thread(&waiter), CF_OK);
    assert_status(cf_executor_create(backend, &narrow, &executor), CF_OK);
    assert_status(
        cf_map_from(executor, square, count_up, &counter, options, &iterator),
        CF_OK);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    for (int i = 0; i < 3; i++)
        standing[i] = submit(executor, stand_at_gate, &gate, sizeof gate);
    cf_interrupt(waiter);
    for (int i = 0; i < 2; i++) /* there, and nothing is waited for */
        assert_status(cf_next(iterator, &future), CF_OK);
    assert_int_equal(counter.next, 4);
    assert_status(cf_next(iterator, &future), CF_TIMEOUT); /* the interrupt */
    gate_open(&gate, 3);
    for (int i = 2; i < 10; i++)
        assert_status(cf_next(iterator, &future), CF_OK);
    assert_status(cf_next(iterator, &future), CF_END);
    for (int i = 0; i < 3; i++)
        cf_future_release(standing[i]);
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void pulled_input_is_held_back_by_no_full_queue(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    for (int unordered = 0; unordered < 2; unordered++) {
        struct cf_map_options options = {.buffersize = 2,
                                         .unordered = unordered != 0};
        assert_nothing_is_held_back(&options, CF_WHEN_FULL_BLOCK);
        assert_nothing_is_held_back(&options, CF_WHEN_FULL_FAIL);
    }
}

/* Adds up the squares of 1 to 20, computed by its own executor. */
static enum cf_status sum_squares(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct cf_map_options options = {.unordered = *(const int *)arg != 0};
    struct counter counter = {.end = 20};
    struct cf_iterator *iterator;
    struct cf_future *future;
    int sum = 0;

    (void)arg_bytes;
    enum cf_status status =
        cf_map_from(cf_task_executor(task), square, count_up, &counter,
                    &options, &iterator);
    while (status == CF_OK && (status = cf_next(iterator, &future)) == CF_OK)
        sum += int_result(future);
    cf_iterator_release(iterator);
    return status == CF_END ? cf_return(task, &sum, sizeof sum)
                            : cf_raise(task, (int)status, "the map broke off");
}

static void a_task_may_map_pulled_input_on_its_own_executor(void **state)
{
    (void)state;
    for (size_t workers = 1; workers <= 2; workers++)
        for (int is_unordered = 0; is_unordered <= 1; is_unordered++) {
            struct cf_executor *executor = executor_of(workers);
            struct cf_future *future =
                submit_int(executor, sum_squares, is_unordered);
            assert_int_equal(int_result(future), 2870);
            cf_future_release(future);
            cf_executor_destroy(executor);
        }
}

static void a_map_of_pulled_input_may_outlive_its_executor(void **state)
{
    struct cf_map_options options = {.buffersize = 3};
    (void)state;

    for (int is_unordered = 0; is_unordered <= 1; is_unordered++) {
        struct cf_executor *executor = executor_of(2);
        struct counter counter = {.end = -1};
        struct cf_iterator *iterator;
        struct cf_future *future;
        int count = 0;

        options.unordered = is_unordered != 0;
        assert_status(cf_map_from(executor, square, count_up, &counter,
                                  &options, &iterator),
                      CF_OK);
        cf_executor_destroy(executor);
        while (cf_next(iterator, &future) == CF_OK)
            count++;
        assert_status(cf_next(iterator, &future), CF_SHUTDOWN);
        assert_int_equal(count, 3);
        assert_int_equal(counter.next, 3); /* nothing was pulled in vain */
        cf_iterator_release(iterator);
    }
}

int run_pull_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pulled_input_is_bounded_by_buffersize),
        cmocka_unit_test(endless_input_can_be_left),
        cmocka_unit_test(pulled_input_that_cannot_be_submitted_ends_the_map),
        cmocka_unit_test(unordered_pulled_input_waits_for_no_slow_item),
        cmocka_unit_test(unordered_pulled_input_is_bounded_and_can_be_left),
        cmocka_unit_test(pulled_input_is_held_back_by_no_full_queue),
        cmocka_unit_test(a_task_may_map_pulled_input_on_its_own_executor),
        cmocka_unit_test(a_map_of_pulled_input_may_outlive_its_executor),
    };
    return cmocka_run_group_tests_name("pulls", tests, NULL, NULL);
}
