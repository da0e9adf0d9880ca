/* SPDX-License-Identifier: MIT */
/* What cf_map_into() promises about its end; that it fills: maps.c. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#include <cf/interrupt.h>

#define MS 1000000LL

enum { ITEMS = 64 };

/* An executor whose only worker stands at a gate; of serial there is none. */
struct kept {
    struct cf_executor *executor;
    struct cf_future *standing;
    struct gate gate;
};

static void keep_with(struct kept *kept, struct cf_options options)
{
    options.max_workers = 1;
    gate_make(&kept->gate);
    assert_status(cf_executor_create(backend, &options, &kept->executor),
                  CF_OK);
    kept->standing = NULL;
    if (is_serial())
        return;
    kept->standing =
        submit(kept->executor, stand_at_gate, &kept->gate, sizeof kept->gate);
    gate_await(&kept->gate, 1);
}

static void let_go(struct kept *kept)
{
    if (!is_serial())
        gate_open(&kept->gate, 1);
    cf_future_release(kept->standing);
    cf_executor_destroy(kept->executor);
    gate_close(&kept->gate);
}

static bool ends_in(const char *text, const char *end)
{
    size_t text_length = strlen(text), length = strlen(end);

    return text_length >= length &&
           strcmp(text + text_length - length, end) == 0;
}

/* --- its time --- */

static _Atomic size_t begun; /* where items run in this process */

static void last_long(const void *item, void *result)
{
    (void)item;
    atomic_fetch_add(&begun, 1);
    usleep(20000);
    *(int *)result = 1;
}

static enum cf_status map_long_items(struct cf_executor *executor,
                                     const struct cf_map_options *options,
                                     struct cf_last_error *error)
{
    int items[ITEMS] = {0}, results[ITEMS];

    atomic_store(&begun, 0);
    enum cf_status status =
        cf_map_into(executor, last_long, items, sizeof items[0], results,
                    sizeof results[0], ITEMS, options);
    if (error != NULL)
        *error = cf_last_error();
    return status;
}

static void a_time_out_ends_a_fill_under_way(void **state)
{
    (void)state;
    struct cf_map_options soon = {.timeout_ns = 5 * MS, .chunk = 1};
    struct cf_executor *executor = executor_of(2);
    struct cf_last_error error;

    assert_status(map_long_items(executor, &soon, &error), CF_TIMEOUT);
    assert_status(error.status, CF_TIMEOUT);
    assert_true(ends_in(error.text, "in time"));
    /* an item lasts longer than all were given; none begins afterwards */
    size_t before = atomic_load(&begun);
    assert_true(before <= 2);
    cf_executor_destroy(executor);
    assert_int_equal(atomic_load(&begun), before);
}

static void a_time_out_ends_a_fill_that_nobody_has_begun(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct cf_map_options soon = {.timeout_ns = 5 * MS};
    struct kept kept;

    keep_with(&kept, (struct cf_options){0});
    assert_status(map_long_items(kept.executor, &soon, NULL), CF_TIMEOUT);
    let_go(&kept); /* the worker comes to what is left of it */
    assert_int_equal(atomic_load(&begun), 0);
}

static void do_nothing(const void *item, void *result)
{
    (void)item, (void)result;
}

/* Items without bytes need no memory. */
static void any_number_of_items_can_be_given(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), "a worker process ends its chunk, an eighth of them");
    struct cf_map_options soon = {.timeout_ns = 5 * MS};
    struct cf_executor *executor = executor_of(2);

    for (size_t less = 0; less < 4; less++) {
        soon.chunk = less % 2;
        assert_status(cf_map_into(executor, do_nothing, NULL, 0, NULL, 0,
                                  SIZE_MAX - less, &soon),
                      CF_TIMEOUT);
    }
    cf_executor_destroy(executor);
}

static void an_item_too_large_to_travel_is_nomem(void **state)
{
    (void)state;
    SKIP_IF(!is_remote(), "the item stays where it is");
    struct cf_executor *executor = executor_of(1);
    char item = 0;

    for (size_t less = 0; less < 48; less += 8)
        assert_status(cf_map_into(executor, do_nothing, &item, SIZE_MAX - less,
                                  NULL, 0, 1, NULL),
                      CF_NOMEM);
    cf_executor_destroy(executor);
}

static void a_full_executor_holds_no_fill_back(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    static const enum cf_when_full when_full[] = {
        CF_WHEN_FULL_BLOCK, CF_WHEN_FULL_FAIL, CF_WHEN_FULL_RUN};
    size_t ways =
        is_remote() || backend == CF_GIL ? 2 : 3; /* they need workers */
    struct cf_map_options soon = {.timeout_ns = 5 * MS};

    for (size_t i = 0; i < ways; i++) {
        struct cf_options options = {.max_pending = 1,
                                     .when_full = when_full[i]};
        struct kept kept;
        keep_with(&kept, options);
        struct cf_future *pending = submit_int(kept.executor, square, 2);
        assert_status(map_long_items(kept.executor, &soon, NULL), CF_TIMEOUT);
        assert_int_equal(atomic_load(&begun), 0);
        let_go(&kept);
        assert_int_equal(int_result(pending), 4);
        cf_future_release(pending);
    }
}

static void square_item(const void *item, void *result)
{
    *(int *)result = *(const int *)item * *(const int *)item;
}

/* Fills an array with squares on its own executor: their sum. */
static enum cf_status fill_own(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    struct cf_map_options options = {.chunk = 1};
    int items[8], squares[8] = {0}, sum = 0;
    (void)arg;
    (void)arg_bytes;

    for (int i = 0; i < 8; i++)
        items[i] = i;
    if (cf_map_into(cf_task_executor(task), square_item, items, sizeof items[0],
                    squares, sizeof squares[0], 8, &options) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    for (int i = 0; i < 8; i++)
        sum += squares[i];
    return cf_return(task, &sum, sizeof sum);
}

static void a_full_executor_refuses_no_fill_of_its_own_task(void **state)
{
    (void)state;
    struct cf_options options = {
        .max_workers = 2, .max_pending = 1, .when_full = CF_WHEN_FULL_FAIL};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *future = submit_int(executor, fill_own, 0);
    assert_int_equal(int_result(future), 140);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- an interrupt --- */

struct call {
    struct cf_executor *executor;
    enum cf_status waiter;
    enum cf_status status;
    struct cf_last_error error;
};

static void *map_interrupted(void *context)
{
    struct call *call = context;
    struct cf_waiter *waiter;

    call->waiter = cf_waiter_of_this_thread(&waiter);
    if (call->waiter != CF_OK)
        return NULL;
    cf_interrupt(waiter);
    call->status = map_long_items(call->executor, NULL, &call->error);
    return NULL;
}

/* In a thread of its own: the others' waits are not to be interruptible. */
static void an_interrupt_ends_a_fill(void **state)
{
    (void)state;
    struct kept kept;
    pthread_t thread;

    keep_with(&kept, (struct cf_options){0});
    struct call call = {.executor = kept.executor};
    assert_int_equal(pthread_create(&thread, NULL, map_interrupted, &call), 0);
    pthread_join(thread, NULL);
    let_go(&kept);
    SKIP_IF(call.waiter != CF_OK, "waits cannot be interrupted here");
    assert_status(call.status, CF_TIMEOUT);
    assert_status(call.error.status, CF_TIMEOUT);
    assert_true(ends_in(call.error.text, "interrupted"));
    assert_int_equal(atomic_load(&begun), 0);
}

/* --- from a worker of another executor --- */

struct pair {
    struct cf_executor *outer;
    struct cf_executor *inner;
};

static void wait_for_outer(const void *item, void *result)
{
    struct cf_future *future;

    if (cf_submit(((const struct pair *)item)->outer, square, &(int){3},
                  sizeof(int), &future) == CF_OK) {
        if (cf_result(future, CF_FOREVER, result, sizeof(int)) != CF_OK)
            *(int *)result = -1;
        cf_future_release(future);
    }
}

static enum cf_status fill_in_inner(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    const struct pair *pair = arg;
    int result = 0;
    enum cf_status status =
        cf_map_into(pair->inner, wait_for_outer, pair, arg_bytes, &result,
                    sizeof result, 1, NULL);

    return status == CF_OK ? cf_return(task, &result, sizeof result) : status;
}

static void a_worker_that_fills_elsewhere_is_replaced(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), "its items cannot submit to another's executor");
    struct cf_options one = {.max_workers = 1};
    struct pair pair = {.inner = executor_of(1)};

    assert_status((cf_executor_create)(CF_THREAD, &one, &pair.outer), CF_OK);
    struct cf_future *future =
        submit(pair.outer, fill_in_inner, &pair, sizeof pair);
    assert_int_equal(int_result(future), 9); /* would hang */
    cf_future_release(future);
    cf_executor_destroy(pair.outer);
    cf_executor_destroy(pair.inner);
}

/* --- the executor's end --- */

struct item {
    struct gate gate;
    bool waits;
};

static void wait_if_told(const void *item, void *result)
{
    const struct item *one = item;

    *(int *)result = !one->waits || gate_pass(&one->gate);
}

/* The first item runs by then, and all that is left waits for a worker. */
static void *shut_down(void *argument)
{
    struct kept *kept = argument;

    gate_await(&kept->gate, 1);
    assert_status(cf_shutdown(kept->executor, CF_SHUTDOWN_CANCEL, 0),
                  CF_TIMEOUT);
    gate_open(&kept->gate, 1);
    return NULL;
}

static void a_fill_that_a_shutdown_cancels_says_so(void **state)
{
    (void)state;
    SKIP_IF(is_serial() || backend == CF_OPENMP, "it has begun, as a whole");
    struct item items[ITEMS];
    int results[ITEMS];
    struct kept kept;
    struct gate other;
    pthread_t thread;

    gate_make(&kept.gate);
    gate_make(&other);
    kept.executor = executor_of(2);
    kept.standing = submit(kept.executor, stand_at_gate, &other, sizeof other);
    gate_await(&other, 1);
    for (size_t i = 0; i < ITEMS; i++)
        items[i] = (struct item){.gate = kept.gate, .waits = i == 0};
    pthread_create(&thread, NULL, shut_down, &kept);
    assert_status(cf_map_into(kept.executor, wait_if_told, items,
                              sizeof items[0], results, sizeof results[0],
                              ITEMS, NULL),
                  CF_SHUTDOWN);
    assert_string_equal(cf_last_error().text, "the executor is shut down");
    pthread_join(thread, NULL);
    gate_open(&other, 1);
    let_go(&kept);
    gate_close(&other);
}

int run_fill_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_time_out_ends_a_fill_under_way),
        cmocka_unit_test(a_time_out_ends_a_fill_that_nobody_has_begun),
        cmocka_unit_test(any_number_of_items_can_be_given),
        cmocka_unit_test(an_item_too_large_to_travel_is_nomem),
        cmocka_unit_test(a_full_executor_holds_no_fill_back),
        cmocka_unit_test(a_full_executor_refuses_no_fill_of_its_own_task),
        cmocka_unit_test(an_interrupt_ends_a_fill),
        cmocka_unit_test(a_worker_that_fills_elsewhere_is_replaced),
        cmocka_unit_test(a_fill_that_a_shutdown_cancels_says_so),
    };
    return cmocka_run_group_tests_name("fill", tests, NULL, NULL);
}
