/* SPDX-License-Identifier: MIT */
/* What it promises that the number of workers falls while they work. */
#include "conformance.h"

enum { CHUNK = 3, ROUNDS = 2000, BURST = 200, AFTER = 3 };

static enum cf_status tell_index(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    size_t index = cf_worker_index(task);

    cf_blocking_begin(task);
    bool is_through = arg_bytes == 0 || gate_pass(arg);
    cf_blocking_end(task);
    if (!is_through)
        return cf_raise(task, 1, "the gate is broken");
    return cf_return(task, &index, sizeof index);
}

static size_t index_from(struct cf_future *future)
{
    size_t index;

    assert_status(cf_result(future, CF_FOREVER, &index, sizeof index), CF_OK);
    return index;
}

static bool is_fixed(void)
{
    struct cf_executor *executor = executor_of(2);
    enum cf_status status = cf_set_workers(executor, 1);

    cf_executor_destroy(executor);
    return status == CF_UNSUPPORTED;
}

/* Two workers stand in the first of a chunk each when one of them is to go. */
static void the_rest_of_a_chunk_is_left_to_who_stays(void **state)
{
    struct cf_map_options options = {.chunk = CHUNK};
    struct gate gate, gates[2 * CHUNK];
    struct cf_iterator *iterator;
    struct cf_future *future;
    size_t elsewhere = 0;

    (void)state;
    SKIP_IF(is_fixed(), "how many it has is fixed");
    gate_make(&gate);
    for (int i = 0; i < 2 * CHUNK; i++)
        gates[i] = gate;
    struct cf_executor *executor = executor_of(2);
    assert_status(cf_map(executor, tell_index, gates, sizeof gate, 2 * CHUNK,
                         &options, &iterator),
                  CF_OK);
    gate_await(&gate, 2);
    assert_status(cf_set_workers(executor, 1), CF_OK);
    gate_open(&gate, 2 * CHUNK);
    while (cf_next(iterator, &future) == CF_OK)
        elsewhere += index_from(future) != 0;
    assert_int_equal(elsewhere, 1); /* the one that had begun */
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* Four have had work until just now, and look for more. */
static void what_comes_later_runs_on_those_that_are_left(void **state)
{
    struct cf_future *futures[BURST];

    (void)state;
    SKIP_IF(is_fixed(), "how many it has is fixed");
    struct cf_executor *executor = executor_of(4);
    for (int round = 0; round < ROUNDS; round++) {
        assert_status(cf_set_workers(executor, 4), CF_OK);
        for (int i = 0; i < BURST; i++)
            futures[i] = submit(executor, tell_index, NULL, 0);
        for (int i = 0; i < BURST; i++) {
            assert_true(index_from(futures[i]) < 4);
            cf_future_release(futures[i]);
        }
        assert_status(cf_set_workers(executor, 1), CF_OK);
        for (int i = 0; i < AFTER; i++)
            futures[i] = submit(executor, tell_index, NULL, 0);
        for (int i = 0; i < AFTER; i++) {
            assert_int_equal(index_from(futures[i]), 0);
            cf_future_release(futures[i]);
        }
    }
    cf_executor_destroy(executor);
}

int run_number_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_rest_of_a_chunk_is_left_to_who_stays),
        cmocka_unit_test(what_comes_later_runs_on_those_that_are_left),
    };
    return cmocka_run_group_tests_name("numbers", tests, NULL, NULL);
}
