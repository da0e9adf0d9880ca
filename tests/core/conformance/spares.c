/* SPDX-License-Identifier: MIT */
/* Who stands in for a worker that sleeps in a task's wait. */
#include "seen.h"

#define MS 1000000LL

static bool keeps_threads(void)
{
    return backend == CF_THREAD || backend == CF_GIL;
}

/* A rank has them inside. */
static bool has_spare_workers(void)
{
    return keeps_threads() || is_remote();
}

/* Submits a task and waits for it with a time-out. */
static enum cf_status wait_with_a_timeout(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    struct cf_future *inner;
    int result = 0;

    if (cf_submit(cf_task_executor(task), square, arg, arg_bytes, &inner) !=
        CF_OK)
        return cf_raise(task, 1, "cannot submit");
    enum cf_status status =
        cf_result(inner, 3600000 * MS, &result, sizeof result);
    cf_future_release(inner);
    if (status != CF_OK)
        return cf_raise(task, 2, "the inner task: %d", (int)status);
    return cf_return(task, &result, sizeof result);
}

static void a_wait_with_a_timeout_starves_nobody(void **state)
{
    (void)state;
    SKIP_IF(!has_spare_workers() && !is_serial(), "it has no spare workers");
    for (size_t workers = 1; workers <= 3; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct cf_future *futures[12];
        for (int i = 0; i < 12; i++)
            futures[i] = submit_int(executor, wait_with_a_timeout, i);
        for (int i = 0; i < 12; i++) {
            assert_int_equal(int_result(futures[i]), i * i);
            assert_true(cf_future_info(futures[i]).worker < 2 * workers);
            cf_future_release(futures[i]);
        }
        cf_executor_destroy(executor);
    }
}

/* The same through a limit: such a task never runs inside another one's wait,
 * not even in one without time-out. */
static enum cf_status wait_for_a_limited_one(struct cf_task *task,
                                             const void *arg, size_t arg_bytes)
{
    struct cf_future *inner;
    int result = 0;
    struct cf_call call = {.timeout_ns = 3600000 * MS};

    if (cf_submit_call(cf_task_executor(task), square, arg, arg_bytes, &call,
                       &inner) != CF_OK)
        return cf_raise(task, 1, "cannot submit");
    enum cf_status status =
        cf_result(inner, CF_FOREVER, &result, sizeof result);
    size_t worker = cf_future_info(inner).worker;
    cf_future_release(inner);
    if (status != CF_OK || (worker == cf_worker_index(task) && !is_serial()))
        return cf_raise(task, 2, "the inner task: %d", (int)status);
    return cf_return(task, &result, sizeof result);
}

static void a_limited_task_never_runs_inside_a_wait(void **state)
{
    (void)state;
    SKIP_IF(!has_spare_workers() && !is_serial(), "it has no spare workers");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *futures[12];
    for (int i = 0; i < 12; i++)
        futures[i] = submit_int(executor, wait_for_a_limited_one, i);
    for (int i = 0; i < 12; i++) {
        assert_int_equal(int_result(futures[i]), i * i);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
}

/* Waits for what only another task of the same executor brings, behind it in
 * the queue: here any queued task may be the one that helps. */
static enum cf_status wait_for_a_promise(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    struct cf_future *promise = *(struct cf_future *const *)arg;
    int result = 0;
    (void)arg_bytes;
    if (cf_result(promise, 3600000 * MS, &result, sizeof result) != CF_OK)
        return cf_raise(task, 1, "no result");
    return cf_return(task, &result, sizeof result);
}

static enum cf_status keep_a_promise(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    struct cf_future *promise = *(struct cf_future *const *)arg;
    int result = 5;
    (void)arg_bytes;
    if (cf_future_set_result(promise, &result, sizeof result) != CF_OK)
        return cf_raise(task, 1, "not set");
    return CF_OK;
}

static void a_wait_for_a_promise_lets_queued_tasks_run(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "it has no spare workers");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *promise, *waits, *keeps;
    assert_status(cf_future_create(&promise), CF_OK);
    waits = submit(executor, wait_for_a_promise, &promise, sizeof promise);
    keeps = submit(executor, keep_a_promise, &promise, sizeof promise);
    assert_int_equal(int_result(waits), 5);
    assert_status(cf_result(keeps, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(promise);
    cf_future_release(waits);
    cf_future_release(keeps);
    cf_executor_destroy(executor);
}

static enum cf_status hand_on(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    struct cf_future *running = *(struct cf_future *const *)arg;
    int result = 0;
    (void)arg_bytes;
    if (cf_result(running, CF_FOREVER, &result, sizeof result) != CF_OK)
        return cf_raise(task, 1, "no result");
    return cf_return(task, &result, sizeof result);
}

/* Each waits for the one before it, which runs: none of them needs a thread, but
 * what the first one waits for does. */
static void
who_waits_for_one_that_waits_for_a_promise_lets_queued_tasks_run(void **state)
{
    enum { ON_HAND = 6 };
    (void)state;
    SKIP_IF(!keeps_threads(), "it has no spare workers");
    for (size_t workers = 1; workers <= 3; workers++) {
        struct cf_options options = {.max_workers = workers,
                                     .max_spare_workers = ON_HAND + 1};
        struct cf_executor *executor;
        struct cf_future *promise, *waits[1 + ON_HAND];
        assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
        assert_status(cf_future_create(&promise), CF_OK);
        waits[0] =
            submit(executor, wait_for_a_promise, &promise, sizeof promise);
        for (int i = 1; i <= ON_HAND; i++)
            waits[i] =
                submit(executor, hand_on, &waits[i - 1], sizeof waits[0]);
        struct cf_future *keeps =
            submit(executor, keep_a_promise, &promise, sizeof promise);
        assert_int_equal(int_result(waits[ON_HAND]), 5);
        assert_status(cf_result(keeps, CF_FOREVER, NULL, 0), CF_OK);
        for (int i = 0; i <= ON_HAND; i++)
            cf_future_release(waits[i]);
        cf_future_release(keeps);
        cf_future_release(promise);
        cf_executor_destroy(executor);
    }
}

/* Another executor's task waits for the promise, and this one for the end of
 * that. */
struct ending {
    struct cf_future *promise;
    enum { BY_JOIN, BY_SHUTDOWN, BY_DESTROY, WAYS_TO_END } by;
};

static enum cf_status end_another_executor(struct cf_task *task,
                                           const void *arg, size_t arg_bytes)
{
    const struct ending *ending = arg;
    struct cf_executor *other;
    struct cf_future *future;
    int result = 0;
    (void)arg_bytes;

    if (cf_executor_create(CF_THREAD, &(struct cf_options){.max_workers = 1},
                           &other) != CF_OK ||
        cf_submit(other, wait_for_a_promise, &ending->promise,
                  sizeof ending->promise, &future) != CF_OK)
        return cf_raise(task, 1, "no other executor");
    enum cf_status status = CF_OK;
    if (ending->by == BY_JOIN)
        status = cf_join(other, CF_FOREVER);
    else if (ending->by == BY_SHUTDOWN)
        status = cf_shutdown(other, CF_SHUTDOWN_DRAIN, CF_FOREVER);
    cf_executor_destroy(other);
    if (status == CF_OK)
        status = cf_result(future, 0, &result, sizeof result);
    cf_future_release(future);
    if (status != CF_OK)
        return cf_raise(task, 2, "%d", (int)status);
    return cf_return(task, &result, sizeof result);
}

static void
a_wait_for_the_end_of_another_executor_lets_queued_tasks_run(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "it has no spare workers");
    for (int by = 0; by < WAYS_TO_END; by++) {
        struct cf_executor *executor = executor_of(1);
        struct ending ending = {.by = by};
        assert_status(cf_future_create(&ending.promise), CF_OK);
        struct cf_future *waits =
            submit(executor, end_another_executor, &ending, sizeof ending);
        struct cf_future *keeps = submit(
            executor, keep_a_promise, &ending.promise, sizeof ending.promise);
        assert_int_equal(int_result(waits), 5);
        assert_status(cf_result(keeps, CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(ending.promise);
        cf_future_release(waits);
        cf_future_release(keeps);
        cf_executor_destroy(executor);
    }
}

/* Asks again and again whether an idle executor's tasks are over. */
static enum cf_status poll_another_executor(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    struct cf_executor *other;
    int polls = 50;
    (void)arg;
    (void)arg_bytes;

    if (cf_executor_create(CF_THREAD, &(struct cf_options){.max_workers = 1},
                           &other) != CF_OK)
        return cf_raise(task, 1, "no other executor");
    for (int i = 0; i < polls; i++)
        if (cf_join(other, 0) != CF_OK)
            return cf_raise(task, 2, "an idle executor");
    cf_executor_destroy(other);
    return cf_return(task, &polls, sizeof polls);
}

static void a_wait_that_does_not_sleep_starts_nobody(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "it has no spare workers");
    struct seen seen = SEEN_NOBODY;
    struct cf_options options = {.max_workers = 1,
                                 .max_spare_workers = 4,
                                 .observer = note_worker,
                                 .observer_context = &seen};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *polls = submit_int(executor, poll_another_executor, 0);
    struct cf_future *queued = submit_int(executor, square, 3);
    assert_int_equal(int_result(polls), 50);
    assert_int_equal(int_result(queued), 9);
    cf_future_release(polls);
    cf_future_release(queued);
    cf_executor_destroy(executor);
    assert_int_equal(seen.started, 1);
}

static void spare_workers_are_bounded_and_leave(void **state)
{
    (void)state;
    SKIP_IF(!keeps_threads(), "it has no spare workers");
    struct seen seen = SEEN_NOBODY;
    struct cf_options options = {.max_workers = 1,
                                 .max_spare_workers = 1,
                                 .observer = note_worker,
                                 .observer_context = &seen};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *future = submit_int(executor, wait_with_a_timeout, 3);
    assert_int_equal(int_result(future), 9);
    cf_future_release(future);
    await_ended(&seen, 1); /* the waiter is back, its stand-in leaves */
    assert_int_equal(seen.highest, 1);
    assert_int_equal(seen.started, 2);
    cf_executor_destroy(executor);
}

/* Each waits for the next with a time-out, and so keeps a worker: n + 1. */
static enum cf_status wait_down(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int n = *(const int *)arg, below = 0, less = n - 1;
    struct cf_future *inner;
    (void)arg_bytes;

    if (n == 0)
        return cf_return(task, &n, sizeof n);
    if (cf_submit(cf_task_executor(task), wait_down, &less, sizeof less,
                  &inner) != CF_OK)
        return cf_raise(task, 1, "cannot submit");
    enum cf_status status =
        cf_result(inner, 3600000 * MS, &below, sizeof below);
    cf_future_release(inner);
    if (status != CF_OK)
        return cf_raise(task, 2, "at %d", n);
    below++;
    return cf_return(task, &below, sizeof below);
}

static void where_more_workers_are_asked_for_more_can_be_spared(void **state)
{
    (void)state;
    SKIP_IF(!has_spare_workers(), "it has no spare workers");
    struct cf_executor *executor = executor_of(1);
    enum cf_status status = cf_set_workers(executor, 4);
    if (status == CF_UNSUPPORTED)
        cf_executor_destroy(executor);
    SKIP_IF(status == CF_UNSUPPORTED, "a fixed number of workers");
    assert_status(status, CF_OK);
    struct cf_future *future = submit_int(executor, wait_down, 7);
    assert_int_equal(int_result(future), 7); /* 4 workers and 4 to spare */
    cf_future_release(future);

    /* who has left may be spared yet: others may count on it */
    assert_status(cf_set_workers(executor, 1), CF_OK);
    future = submit_int(executor, wait_down, 4);
    assert_int_equal(int_result(future), 4);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Each waits for the next, for ever: n levels on one stack. */
static enum cf_status go_down(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    int n = *(const int *)arg, below = 0, less = n - 1;
    struct cf_future *inner;
    (void)arg_bytes;

    if (n == 0)
        return cf_return(task, &n, sizeof n);
    if (cf_submit(cf_task_executor(task), go_down, &less, sizeof less,
                  &inner) != CF_OK)
        return cf_raise(task, 1, "cannot submit");
    enum cf_status status = cf_result(inner, CF_FOREVER, &below, sizeof below);
    struct cf_error error;
    if (status == CF_EXCEPTION && cf_future_error(inner, 0, &error) == CF_OK)
        status = (enum cf_status)error.code; /* hands on what ended it */
    cf_future_release(inner);
    if (status != CF_OK)
        return cf_raise(task, (int)status, "at %d", n);
    below++;
    return cf_return(task, &below, sizeof below);
}

static void waits_inside_waits_end_or_are_told_they_cannot(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the stack is the caller's");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_int(executor, go_down, 900);
    assert_int_equal(int_result(future), 900);
    cf_future_release(future);

    future = submit_int(executor, go_down, 9000);
    struct cf_error error;
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.code, CF_DEADLOCK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int run_spare_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_wait_with_a_timeout_starves_nobody),
        cmocka_unit_test(a_limited_task_never_runs_inside_a_wait),
        cmocka_unit_test(a_wait_for_a_promise_lets_queued_tasks_run),
        cmocka_unit_test(
            who_waits_for_one_that_waits_for_a_promise_lets_queued_tasks_run),
        cmocka_unit_test(
            a_wait_for_the_end_of_another_executor_lets_queued_tasks_run),
        cmocka_unit_test(a_wait_that_does_not_sleep_starts_nobody),
        cmocka_unit_test(spare_workers_are_bounded_and_leave),
        cmocka_unit_test(where_more_workers_are_asked_for_more_can_be_spared),
        cmocka_unit_test(waits_inside_waits_end_or_are_told_they_cannot),
    };
    return cmocka_run_group_tests_name("spares", tests, NULL, NULL);
}
