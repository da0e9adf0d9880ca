/* SPDX-License-Identifier: MIT */
/* cf_map_into()'s caller computes items too, if it asks for that. */
#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include <cf/interrupt.h>

#include "shared.h"

enum { ITEMS = 64 };

static const struct cf_map_options helping = {.caller_helps = true};

static pthread_t caller;
static _Atomic size_t by_caller;

static void note_who(const void *item, void *result)
{
    if (pthread_equal(pthread_self(), caller))
        atomic_fetch_add(&by_caller, 1);
    *(int *)result = *(const int *)item + 1;
}

/* Maps note_who() and tells how many items ran in this thread. */
static size_t map_from_here(struct cf_executor *executor,
                            const struct cf_map_options *options)
{
    int items[ITEMS], results[ITEMS];

    for (int i = 0; i < ITEMS; i++)
        items[i] = i;
    caller = pthread_self();
    atomic_store(&by_caller, 0);
    assert_status(cf_map_into(executor, note_who, items, sizeof items[0],
                              results, sizeof results[0], ITEMS, options),
                  CF_OK);
    for (int i = 0; i < ITEMS; i++)
        assert_int_equal(results[i], i + 1);
    return atomic_load(&by_caller);
}

static bool no_input(void *context, const void **arg, size_t *arg_bytes)
{
    (void)context, (void)arg, (void)arg_bytes;
    return false;
}

static struct cf_executor *start(const struct cf_backend *backend,
                                 const struct cf_options *options)
{
    struct cf_executor *executor;

    assert_status(cf_executor_create(backend, options, &executor), CF_OK);
    return executor;
}

/* Two workers, each kept by a task until the gate opens. */
struct kept {
    struct cf_executor *executor;
    struct cf_future *tasks[2];
    struct gate gate;
};

static enum cf_status keep(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)arg_bytes;
    return gate_pass(arg) ? CF_OK : cf_raise(task, 1, "the gate is broken");
}

static void keep_both(struct kept *kept)
{
    struct cf_options options = {.max_workers = 2};

    gate_make(&kept->gate);
    kept->executor = start(CF_THREAD, &options);
    for (int i = 0; i < 2; i++)
        kept->tasks[i] =
            submit(kept->executor, keep, &kept->gate, sizeof kept->gate);
    gate_await(&kept->gate, 2);
}

static void let_go(struct kept *kept)
{
    gate_open(&kept->gate, 2);
    for (int i = 0; i < 2; i++) {
        assert_status(cf_result(kept->tasks[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(kept->tasks[i]);
    }
    cf_executor_destroy(kept->executor);
    gate_close(&kept->gate);
}

static void an_array_is_filled_though_all_workers_are_kept(void **state)
{
    struct kept kept;

    (void)state;
    keep_both(&kept);
    assert_int_equal(map_from_here(kept.executor, &helping), ITEMS);
    let_go(&kept);
}

static void no_item_runs_in_a_caller_who_did_not_ask_for_it(void **state)
{
    struct cf_options options = {.max_workers = 2};
    struct cf_executor *executor = start(CF_THREAD, &options);

    (void)state;
    assert_int_equal(map_from_here(executor, NULL), 0);
    cf_executor_destroy(executor);
}

static void no_item_runs_in_a_caller_without_the_workers_lock(void **state)
{
    struct cf_options options = {.max_workers = 2};
    struct cf_executor *executor = start(CF_GIL, &options);

    (void)state;
    assert_int_equal(map_from_here(executor, &helping), 0);
    cf_executor_destroy(executor);
}

static void only_an_array_can_be_helped_with(void **state)
{
    struct cf_options options = {.max_workers = 2};
    struct cf_executor *executor = start(CF_THREAD, &options);
    struct cf_iterator *iterator;
    int item = 1;

    (void)state;
    assert_status(
        cf_map(executor, square, &item, sizeof item, 1, &helping, &iterator),
        CF_INVALID);
    assert_status(
        cf_map_from(executor, square, no_input, NULL, &helping, &iterator),
        CF_INVALID);
    cf_executor_destroy(executor);
}

/* --- how its part ends --- */

static struct cf_waiter *waiter;
static _Atomic size_t begun;

static void interrupt_the_caller(const void *item, void *result)
{
    (void)item, (void)result;
    atomic_fetch_add(&begun, 1);
    cf_interrupt(waiter);
}

static void
an_interrupt_ends_a_map_between_two_chunks_of_its_caller(void **state)
{
    static const struct cf_map_options one_by_one = {.chunk = 1,
                                                     .caller_helps = true};
    int items[ITEMS] = {0}, results[ITEMS];
    struct kept kept;

    (void)state;
    if (cf_waiter_of_this_thread(&waiter) != CF_OK)
        skip();
    keep_both(&kept);
    atomic_store(&begun, 0);
    assert_status(cf_map_into(kept.executor, interrupt_the_caller, items,
                              sizeof items[0], results, sizeof results[0],
                              ITEMS, &one_by_one),
                  CF_TIMEOUT);
    assert_int_equal(atomic_load(&begun), 1);
    let_go(&kept); /* whose waits are not ended by it */
}

static void last_long(const void *item, void *result)
{
    (void)item, (void)result;
    atomic_fetch_add(&begun, 1);
    usleep(20000);
}

static void a_time_out_ends_a_map_between_two_chunks_of_its_caller(void **state)
{
    static const struct cf_map_options soon = {
        .chunk = 1, .timeout_ns = 5000000, .caller_helps = true};
    int items[ITEMS] = {0}, results[ITEMS];
    struct kept kept;

    (void)state;
    keep_both(&kept);
    atomic_store(&begun, 0);
    assert_status(cf_map_into(kept.executor, last_long, items, sizeof items[0],
                              results, sizeof results[0], ITEMS, &soon),
                  CF_TIMEOUT);
    assert_true(atomic_load(&begun) <= 1);
    let_go(&kept);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_array_is_filled_though_all_workers_are_kept),
        cmocka_unit_test(no_item_runs_in_a_caller_who_did_not_ask_for_it),
        cmocka_unit_test(no_item_runs_in_a_caller_without_the_workers_lock),
        cmocka_unit_test(only_an_array_can_be_helped_with),
        cmocka_unit_test(
            an_interrupt_ends_a_map_between_two_chunks_of_its_caller),
        cmocka_unit_test(
            a_time_out_ends_a_map_between_two_chunks_of_its_caller),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
