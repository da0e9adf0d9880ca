/* SPDX-License-Identifier: MIT */
/* Executors inside each other's tasks and callbacks. "Outer" is the backend
 * under test. */
#include "conformance.h"

/* What a task of the inner executor is told: they share memory. */
struct errand {
    struct cf_executor *outer;
    int n;
};

/* Of the inner executor: waits for a task of the outer. */
static enum cf_status ask_the_outer(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    const struct errand *errand = arg;
    struct cf_future *future;
    int result = 0;
    (void)arg_bytes;

    if (cf_submit(errand->outer, square, &errand->n, sizeof errand->n,
                  &future) != CF_OK)
        return cf_raise(task, 1, "cannot submit");
    enum cf_status status =
        cf_result(future, CF_FOREVER, &result, sizeof result);
    cf_future_release(future);
    if (status != CF_OK)
        return cf_raise(task, 2, "the outer's task: %d", (int)status);
    return cf_return(task, &result, sizeof result);
}

/* Of the inner executor: waits for all of the outer, its own caller included. */
static enum cf_status join_the_outer(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    const struct errand *errand = arg;
    int status = (int)cf_join(errand->outer, CF_FOREVER);
    (void)arg_bytes;

    return cf_return(task, &status, sizeof status);
}

/* Hands on what the last of `inner`'s tasks returns. */
static enum cf_status run_inside(struct cf_task *task,
                                 struct cf_executor *inner,
                                 cf_function *function, int n)
{
    struct errand errand = {cf_task_executor(task), n};
    struct cf_future *future;
    int result = 0;

    if (cf_submit(inner, function, &errand, sizeof errand, &future) != CF_OK)
        return cf_raise(task, 3, "cannot submit inside");
    enum cf_status status =
        cf_result(future, CF_FOREVER, &result, sizeof result);
    cf_future_release(future);
    if (status != CF_OK)
        return cf_raise(task, 4, "the task inside: %d", (int)status);
    return cf_return(task, &result, sizeof result);
}

static enum cf_status by_a_serial_one(struct cf_task *task,
                                      cf_function *function, int n)
{
    struct cf_executor *inner;

    if (cf_executor_create(CF_SERIAL, NULL, &inner) != CF_OK)
        return cf_raise(task, 5, "no executor inside");
    enum cf_status status = run_inside(task, inner, function, n);
    cf_executor_destroy(inner);
    return status;
}

static enum cf_status ask_by_a_serial_one(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    (void)arg_bytes;
    return by_a_serial_one(task, ask_the_outer, *(const int *)arg);
}

static enum cf_status join_by_a_serial_one(struct cf_task *task,
                                           const void *arg, size_t arg_bytes)
{
    (void)arg_bytes;
    return by_a_serial_one(task, join_the_outer, *(const int *)arg);
}

static enum cf_status wait_for_promise(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    return cf_result(*(struct cf_future *const *)arg, CF_FOREVER, NULL, 0);
}

/* The inner one is full, so that its third task runs in who submits it. */
static enum cf_status ask_by_a_full_one(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    struct cf_options options = {
        .max_workers = 1, .max_pending = 1, .when_full = CF_WHEN_FULL_RUN};
    struct cf_executor *inner;
    struct cf_future *promise, *held[2] = {NULL, NULL};
    (void)arg_bytes;

    if (cf_executor_create(CF_THREAD, &options, &inner) != CF_OK ||
        cf_future_create(&promise) != CF_OK ||
        cf_submit(inner, wait_for_promise, &promise, sizeof promise,
                  &held[0]) != CF_OK ||
        cf_submit(inner, wait_for_promise, &promise, sizeof promise,
                  &held[1]) != CF_OK)
        return cf_raise(task, 5, "no executor inside");
    enum cf_status status =
        run_inside(task, inner, ask_the_outer, *(const int *)arg);
    if (cf_future_set_result(promise, NULL, 0) != CF_OK)
        status = cf_raise(task, 6, "not set");
    cf_executor_destroy(inner);
    cf_future_release(held[0]);
    cf_future_release(held[1]);
    cf_future_release(promise);
    return status;
}

static void
a_task_inside_another_may_wait_for_one_of_the_outer_executor(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, ask_by_a_serial_one, 7);
    assert_int_equal(int_result(future), 49);
    cf_future_release(future);
    future = submit_int(executor, ask_by_a_full_one, 8);
    assert_int_equal(int_result(future), 64);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* A chain of serial submits that comes to where the next has no room on this
 * stack, so that another thread runs it; at its end waits for the outer. */
struct chain {
    struct cf_executor *outer, *inner;
    int left, n;
};

static enum cf_status go_down(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    struct chain chain = *(const struct chain *)arg;
    volatile char room[300000]; /* 14 of these are half of a usual stack */
    struct cf_future *future;
    int result = 0;

    room[0] = room[sizeof room - 1] = 1; /* it is touched */
    if (chain.left-- == 0) {
        struct errand errand = {chain.outer, chain.n};
        return ask_the_outer(task, &errand, sizeof errand);
    }
    if (cf_submit(chain.inner, go_down, &chain, arg_bytes, &future) != CF_OK)
        return cf_raise(task, 1, "cannot submit");
    enum cf_status status =
        cf_result(future, CF_FOREVER, &result, sizeof result);
    cf_future_release(future);
    if (status != CF_OK)
        return cf_raise(task, 2, "below: %d", (int)status);
    result += room[0] - 1;
    return cf_return(task, &result, sizeof result);
}

static enum cf_status ask_from_far_below(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    struct chain chain = {
        .outer = cf_task_executor(task), .left = 20, .n = *(const int *)arg};
    struct cf_future *future;
    int result = 0;
    (void)arg_bytes;

    if (cf_executor_create(CF_SERIAL, NULL, &chain.inner) != CF_OK)
        return cf_raise(task, 5, "no executor inside");
    enum cf_status status =
        cf_submit(chain.inner, go_down, &chain, sizeof chain, &future);
    if (status == CF_OK) {
        status = cf_result(future, CF_FOREVER, &result, sizeof result);
        cf_future_release(future);
    }
    cf_executor_destroy(chain.inner);
    if (status != CF_OK)
        return cf_raise(task, 6, "below: %d", (int)status);
    return cf_return(task, &result, sizeof result);
}

static void
a_task_far_inside_another_may_wait_for_one_of_the_outer_executor(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, ask_from_far_below, 9);
    assert_int_equal(int_result(future), 81);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void
a_task_inside_another_cannot_wait_for_all_of_the_outer_executor(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, join_by_a_serial_one, 0);
    assert_int_equal(int_result(future), CF_DEADLOCK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

struct nested {
    struct cf_executor *outer;
    struct cf_future *inner;
    enum cf_status status;
};

static void cancel_the_inner(struct cf_future *future, void *context)
{
    const struct nested *nested = context;
    (void)future;
    cf_cancel(nested->inner);
}

static void join_the_outer_in_a_callback(struct cf_future *future,
                                         void *context)
{
    struct nested *nested = context;
    (void)future;
    nested->status = cf_join(nested->outer, CF_FOREVER);
}

static void a_callback_inside_another_cannot_wait_for_all_of_the_outer_executor(
    void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is pending there");
    struct gate gate, other;
    gate_make(&gate);
    gate_make(&other);
    struct nested nested = {.outer = executor_of(1), .status = CF_OK};
    struct cf_executor *inner;
    assert_status(cf_executor_create(CF_THREAD,
                                     &(struct cf_options){.max_workers = 1},
                                     &inner),
                  CF_OK);
    struct cf_future *busy =
        submit(nested.outer, stand_at_gate, &gate, sizeof gate);
    struct cf_future *busy_too =
        submit(inner, stand_at_gate, &other, sizeof other);
    gate_await(&gate, 1);
    gate_await(&other, 1);
    struct cf_future *outer = submit_int(nested.outer, square, 1);
    nested.inner = submit_int(inner, square, 2);
    assert_status(cf_add_done_callback(outer, cancel_the_inner, &nested),
                  CF_OK);
    assert_status(cf_add_done_callback(nested.inner,
                                       join_the_outer_in_a_callback, &nested),
                  CF_OK);
    assert_true(cf_cancel(outer));
    assert_int_equal(nested.status, CF_DEADLOCK);
    gate_open(&gate, 1);
    gate_open(&other, 1);
    cf_future_release(busy);
    cf_future_release(busy_too);
    cf_future_release(outer);
    cf_future_release(nested.inner);
    cf_executor_destroy(inner);
    cf_executor_destroy(nested.outer);
    gate_close(&gate);
    gate_close(&other);
}

/* Where tasks share a lock, this one has given it away meanwhile. */
static enum cf_status wait_in_a_part_that_waits(struct cf_task *task,
                                                const void *arg,
                                                size_t arg_bytes)
{
    struct cf_future *future;
    int result = 0;

    if (cf_submit(cf_task_executor(task), square, arg, arg_bytes, &future) !=
        CF_OK)
        return cf_raise(task, 1, "cannot submit");
    cf_blocking_begin(task);
    enum cf_status status =
        cf_result(future, CF_FOREVER, &result, sizeof result);
    if (status == CF_OK) /* and once more, asleep */
        status = cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL);
    cf_blocking_end(task);
    cf_future_release(future);
    if (status != CF_OK)
        return cf_raise(task, 2, "the inner task: %d", (int)status);
    return cf_return(task, &result, sizeof result);
}

static void a_part_that_waits_may_wait_for_tasks(void **state)
{
    (void)state;
    for (size_t workers = 1; workers <= 2; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct cf_future *futures[6];
        for (int i = 0; i < 6; i++)
            futures[i] = submit_int(executor, wait_in_a_part_that_waits, i);
        for (int i = 0; i < 6; i++) {
            assert_int_equal(int_result(futures[i]), i * i);
            cf_future_release(futures[i]);
        }
        cf_executor_destroy(executor);
    }
}

int run_inside_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(
            a_task_inside_another_may_wait_for_one_of_the_outer_executor),
        cmocka_unit_test(
            a_task_far_inside_another_may_wait_for_one_of_the_outer_executor),
        cmocka_unit_test(
            a_task_inside_another_cannot_wait_for_all_of_the_outer_executor),
        cmocka_unit_test(
            a_callback_inside_another_cannot_wait_for_all_of_the_outer_executor),
        cmocka_unit_test(a_part_that_waits_may_wait_for_tasks),
    };
    return cmocka_run_group_tests_name("inside", tests, NULL, NULL);
}
