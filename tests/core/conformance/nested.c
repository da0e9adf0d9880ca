/* SPDX-License-Identifier: MIT */
/* What tasks that wait for tasks are promised. */
#include "conformance.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>

static enum cf_status fibonacci(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int n = *(const int *)arg, parts[2];
    struct cf_future *futures[2];
    (void)arg_bytes;

    for (int i = 0; n >= 2 && i < 2; i++) {
        int less = n - 1 - i;
        if (cf_submit(cf_task_executor(task), fibonacci, &less, sizeof less,
                      &futures[i]) != CF_OK)
            return cf_raise(task, 1, "cannot submit");
    }
    for (int i = 0; n >= 2 && i < 2; i++) {
        if (cf_result(futures[i], CF_FOREVER, &parts[i], sizeof parts[i]) !=
            CF_OK)
            return cf_raise(task, 2, "no part");
        cf_future_release(futures[i]);
    }
    if (n >= 2)
        n = parts[0] + parts[1];
    return cf_return(task, &n, sizeof n);
}

static void tasks_that_wait_for_their_own_tasks_end(void **state)
{
    (void)state;
    for (size_t workers = 1; workers <= 3; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct cf_future *future = submit_int(executor, fibonacci, 12);
        assert_int_equal(int_result(future), 144);
        cf_future_release(future);
        cf_executor_destroy(executor);
    }
}

/* The depth below it, and one; uses 16 KiB of stack. */
static enum cf_status go_down(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    int left = *(const int *)arg - 1, below = 0;
    volatile char room[16384];
    struct cf_future *future;
    (void)arg_bytes;

    room[0] = room[sizeof room - 1] = 1; /* it is touched */
    if (left == 0)
        return cf_return(task, &left, sizeof left);
    enum cf_status status =
        cf_submit(cf_task_executor(task), go_down, &left, sizeof left, &future);
    if (status == CF_OK) {
        struct cf_error error;
        status = cf_result(future, CF_FOREVER, &below, sizeof below);
        if (status == CF_EXCEPTION &&
            cf_future_error(future, 0, &error) == CF_OK)
            status = (enum cf_status)error.code; /* hands on what ended it */
        cf_future_release(future);
    }
    if (status != CF_OK)
        return cf_raise(task, (int)status, "%s", cf_last_error().text);
    below += room[0];
    return cf_return(task, &below, sizeof below);
}

static void submits_inside_each_other_are_bounded_by_no_stack(void **state)
{
    (void)state;
    SKIP_IF(!is_serial(), "tasks wait on their workers' stacks");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, go_down, 2000);

    assert_int_equal(int_result(future), 1999); /* 32 MB, of 8 or so */
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void *go_down_on_a_small_stack(void *executor)
{
    struct cf_future *future = submit_int(executor, go_down, 100);
    assert_int_equal(int_result(future), 99);
    cf_future_release(future);
    return NULL;
}

static void a_small_stack_bounds_no_submits_either(void **state)
{
    (void)state;
    SKIP_IF(!is_serial(), "tasks wait on their workers' stacks");
    struct cf_executor *executor = executor_of(1);
    pthread_attr_t attributes;
    pthread_t thread;

    assert_int_equal(pthread_attr_init(&attributes), 0);
    /* 15 tasks */
    assert_int_equal(pthread_attr_setstacksize(&attributes, 256 << 10), 0);
    assert_int_equal(pthread_create(&thread, &attributes,
                                    go_down_on_a_small_stack, executor),
                     0);
    assert_int_equal(pthread_join(thread, NULL), 0);
    pthread_attr_destroy(&attributes);
    cf_executor_destroy(executor);
}

static enum cf_status use_most_and_wait(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    volatile unsigned char most[5 << 20];
    struct cf_future *future;
    int nine;

    (void)arg_bytes;
    for (size_t i = 0; i < sizeof most; i += 4096)
        most[i] = 1;
    enum cf_status status =
        cf_submit(cf_task_executor(task), square, arg, sizeof(int), &future);
    if (status != CF_OK)
        return status;
    status = cf_result(future, CF_FOREVER, &nine, sizeof nine);
    cf_future_release(future);
    return status == CF_OK ? cf_return(task, &nine, sizeof nine) : status;
}

/* A wait with a time-out runs nothing: the spare worker does. */
static enum cf_status wait_a_while(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    struct cf_future *future;
    int nine;

    enum cf_status status = cf_submit(cf_task_executor(task), use_most_and_wait,
                                      arg, arg_bytes, &future);
    if (status != CF_OK)
        return status;
    status = cf_result(future, (int64_t)60000000000, &nine, sizeof nine);
    cf_future_release(future);
    return status == CF_OK ? cf_return(task, &nine, sizeof nine) : status;
}

/* One worker, and the spare one is taken. */
static void a_task_that_has_used_most_of_its_stack_may_wait(void **state)
{
    struct cf_options options = {
        .max_workers = 1, .max_spare_workers = 1, .stack_bytes = 8 << 20};
    struct cf_executor *executor;

    (void)state;
    SKIP_IF(cf_executor_create(backend, &options, &executor) != CF_OK,
            "its stack has another size");
    struct cf_future *future = submit_int(executor, wait_a_while, 3);
    assert_int_equal(int_result(future), 9);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void waits_inside_each_other_end_before_the_stack_does(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nobody waits: each task ends in its submit");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, go_down, 20);
    assert_int_equal(int_result(future), 19);
    cf_future_release(future);

    future = submit_int(executor, go_down, 900); /* 14 MB, of 8 or so */
    struct cf_error error = outcome_of(future);
    if (error.status != CF_OK) { /* OK: on a stack without bound */
        assert_status(error.status, CF_EXCEPTION);
        assert_status((enum cf_status)error.code, CF_DEADLOCK);
    }
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Two tasks that wait for each other: the first finds the second's future in
 * shared memory once both are submitted. */
struct circle {
    struct cf_future *futures[2];
    pthread_barrier_t both_submitted;
};

static enum cf_status wait_for_the_other(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    struct circle *circle = *(struct circle *const *)arg;
    size_t me = ((struct circle *const *)arg)[1] != NULL;
    (void)arg_bytes;

    cf_blocking_begin(task);
    if (me == 0)
        pthread_barrier_wait(&circle->both_submitted);
    cf_blocking_end(task);
    enum cf_status status =
        cf_result(circle->futures[1 - me], CF_FOREVER, NULL, 0);
    return cf_raise(task, (int)status, "%s", cf_last_error().text);
}

static void two_tasks_that_wait_for_each_other_are_told(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the second task ends before the first is submitted");
    SKIP_IF(is_remote(), "a process worker cannot reach the futures yet");
    for (size_t workers = 1; workers <= 3; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct circle circle;
        struct cf_error errors[2];
        pthread_barrier_init(&circle.both_submitted, NULL, 2);
        for (size_t i = 0; i < 2; i++) {
            struct circle *arg[2] = {&circle, i == 0 ? NULL : &circle};
            struct cf_call call = {.name = i == 0 ? "hen" : "egg"};
            assert_status(cf_submit_call(executor, wait_for_the_other, arg,
                                         sizeof arg, &call, &circle.futures[i]),
                          CF_OK);
            if (i == 0)
                continue;
            pthread_barrier_wait(&circle.both_submitted);
        }
        for (size_t i = 0; i < 2; i++)
            assert_status(
                cf_future_error(circle.futures[i], CF_FOREVER, &errors[i]),
                CF_OK);
        /* whoever closed the circle was refused, the other got its failure */
        assert_int_equal(errors[0].code + errors[1].code,
                         CF_DEADLOCK + CF_EXCEPTION);
        assert_true(
            strcmp(errors[0].message, "a circle of waits: hen waits for egg "
                                      "waits for hen") == 0 ||
            strcmp(errors[1].message, "a circle of waits: egg waits for hen "
                                      "waits for egg") == 0);
        for (size_t i = 0; i < 2; i++)
            cf_future_release(circle.futures[i]);
        cf_executor_destroy(executor);
        pthread_barrier_destroy(&circle.both_submitted);
    }
}

/* a waits for b and runs it itself; b has c run inside, which waits for x; x
 * waits for a. One of the last two is told. */
static struct {
    struct cf_executor *inner;
    struct cf_future *_Atomic a, *_Atomic x;
    _Atomic int told;
} circle;

static enum cf_status wait_for(struct cf_future *_Atomic *which)
{
    struct cf_future *future;

    while ((future = atomic_load(which)) == NULL)
        sched_yield();
    enum cf_status status = cf_result(future, CF_FOREVER, NULL, 0);
    atomic_fetch_add(&circle.told, status == CF_DEADLOCK);
    return CF_OK;
}

static enum cf_status circle_x(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return wait_for(&circle.a);
}

static enum cf_status circle_c(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return wait_for(&circle.x);
}

static enum cf_status run_and_wait(struct cf_executor *executor,
                                   cf_function *function)
{
    struct cf_future *future;
    enum cf_status status = cf_submit(executor, function, NULL, 0, &future);

    if (status == CF_OK) {
        status = cf_result(future, CF_FOREVER, NULL, 0);
        cf_future_release(future);
    }
    return status;
}

static enum cf_status circle_b(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return run_and_wait(circle.inner, circle_c);
}

static enum cf_status circle_a(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return run_and_wait(cf_task_executor(task), circle_b);
}

static void
a_circle_of_waits_through_a_task_inside_another_is_told(void **state)
{
    (void)state;
    SKIP_IF(is_remote() || is_serial(), "its tasks share no such memory, or "
                                        "none of them waits");
    struct cf_executor *executor = executor_of(1), *other;
    struct cf_options options = {.max_workers = 1};
    atomic_store(&circle.told, 0);
    atomic_store(&circle.a, NULL);
    atomic_store(&circle.x, NULL);
    assert_status(cf_executor_create(CF_SERIAL, NULL, &circle.inner), CF_OK);
    assert_status(cf_executor_create(CF_THREAD, &options, &other), CF_OK);
    struct cf_future *x = submit(other, circle_x, NULL, 0);
    struct cf_future *a = submit(executor, circle_a, NULL, 0);
    atomic_store(&circle.x, x);
    atomic_store(&circle.a, a);
    assert_status(cf_result(a, CF_FOREVER, NULL, 0), CF_OK);
    assert_status(cf_result(x, CF_FOREVER, NULL, 0), CF_OK);
    assert_int_equal(atomic_load(&circle.told), 1);
    cf_future_release(a);
    cf_future_release(x);
    cf_executor_destroy(executor);
    cf_executor_destroy(other);
    cf_executor_destroy(circle.inner);
}

int run_nested_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(tasks_that_wait_for_their_own_tasks_end),
        cmocka_unit_test(submits_inside_each_other_are_bounded_by_no_stack),
        cmocka_unit_test(a_small_stack_bounds_no_submits_either),
        cmocka_unit_test(a_task_that_has_used_most_of_its_stack_may_wait),
        cmocka_unit_test(waits_inside_each_other_end_before_the_stack_does),
        cmocka_unit_test(two_tasks_that_wait_for_each_other_are_told),
        cmocka_unit_test(
            a_circle_of_waits_through_a_task_inside_another_is_told),
    };
    return cmocka_run_group_tests_name("nested waits", tests, NULL, NULL);
}
