/* SPDX-License-Identifier: MIT */
/* What the ways to submit promise: bounded, named, many at once; and join. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000LL

/* One worker at a gate, and room for `pending` more. */
struct full {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *running;
};

static void full_make(struct full *full, size_t pending,
                      enum cf_when_full when_full)
{
    struct cf_options options = {
        .max_workers = 1, .max_pending = pending, .when_full = when_full};
    gate_make(&full->gate);
    assert_status(cf_executor_create(backend, &options, &full->executor),
                  CF_OK);
    full->running =
        submit(full->executor, stand_at_gate, &full->gate, sizeof full->gate);
    gate_await(&full->gate, 1);
}

static void full_end(struct full *full)
{
    gate_open(&full->gate, 1);
    assert_int_equal(int_result(full->running), 1);
    cf_future_release(full->running);
    cf_executor_destroy(full->executor);
    gate_close(&full->gate);
}

static void a_full_queue_may_refuse(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct full full;
    full_make(&full, 2, CF_WHEN_FULL_FAIL);
    struct cf_future *a = submit_int(full.executor, square, 2);
    struct cf_future *b = submit_int(full.executor, square, 3), *refused;
    int four = 4;

    assert_status(
        cf_submit(full.executor, square, &four, sizeof four, &refused),
        CF_FULL);
    assert_null(refused);
    assert_true(cf_cancel(b)); /* makes room */
    struct cf_future *c = submit_int(full.executor, square, 4);
    full_end(&full);
    assert_int_equal(int_result(a), 4);
    assert_int_equal(int_result(c), 16);
    cf_future_release(a);
    cf_future_release(b);
    cf_future_release(c);
}

static void more_workers_are_more_room(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct full full;
    struct cf_future *futures[2] = {NULL, NULL}, *refused;
    int four = 4, count = 0;

    full_make(&full, 1, CF_WHEN_FULL_FAIL);
    do { /* the second time with one worker more, if it can be had */
        futures[count++] =
            submit(full.executor, stand_at_gate, &full.gate, sizeof full.gate);
        assert_status(
            cf_submit(full.executor, square, &four, sizeof four, &refused),
            CF_FULL);
    } while (count < 2 && cf_set_workers(full.executor, 2) == CF_OK);
    gate_open(&full.gate, count);
    full_end(&full);
    for (int i = 0; i < count; i++) {
        assert_int_equal(int_result(futures[i]), 1);
        cf_future_release(futures[i]);
    }
}

static void *submit_five(void *executor)
{
    int five = 5;
    struct cf_future *future;
    enum cf_status status =
        cf_submit(executor, square, &five, sizeof five, &future);
    if (status == CF_OK) {
        assert_int_equal(int_result(future), 25);
        cf_future_release(future);
    }
    return (void *)(intptr_t)status;
}

static void a_full_queue_makes_the_submitter_wait_for_room(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct full full;
    full_make(&full, 1, CF_WHEN_FULL_BLOCK);
    struct cf_future *pending = submit_int(full.executor, square, 2);
    pthread_t submitter;
    void *status;

    pthread_create(&submitter, NULL, submit_five, full.executor);
    gate_open(&full.gate, 1); /* else it waits for ever */
    pthread_join(submitter, &status);
    assert_status((enum cf_status)(intptr_t)status, CF_OK);
    assert_int_equal(int_result(pending), 4);
    cf_future_release(pending);
    cf_future_release(full.running);
    cf_executor_destroy(full.executor);
    gate_close(&full.gate);
}

static void a_submitter_that_waits_for_room_is_told_of_a_shutdown(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct full full;
    full_make(&full, 1, CF_WHEN_FULL_BLOCK);
    struct cf_future *pending = submit_int(full.executor, square, 2);
    pthread_t submitter;
    void *status;

    pthread_create(&submitter, NULL, submit_five, full.executor);
    assert_status(cf_shutdown(full.executor, CF_SHUTDOWN_DRAIN, 0), CF_TIMEOUT);
    pthread_join(submitter, &status);
    assert_status((enum cf_status)(intptr_t)status, CF_SHUTDOWN);
    cf_future_release(pending);
    full_end(&full);
}

static enum cf_status tell_index(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    size_t index = cf_worker_index(task);

    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &index, sizeof index);
}

static void a_full_queue_may_run_the_task_in_the_caller(void **state)
{
    (void)state;
    struct cf_options options = {
        .max_workers = 1, .max_pending = 1, .when_full = CF_WHEN_FULL_RUN};
    struct cf_executor *executor;
    if (is_remote() || backend == CF_GIL) {
        assert_status(cf_executor_create(backend, &options, &executor),
                      CF_UNSUPPORTED);
        return;
    }
    SKIP_IF(is_serial(), "it always does");
    struct full full;
    full_make(&full, 1, CF_WHEN_FULL_RUN);
    struct cf_future *pending = submit_int(full.executor, square, 2);
    struct cf_future *here = submit(full.executor, tell_index, NULL, 0);
    size_t index;
    assert_true(cf_done(here));
    assert_status(cf_result(here, 0, &index, sizeof index), CF_OK);
    assert_true(index == SIZE_MAX);
    struct cf_future_info info = cf_future_info(here);
    assert_true(info.worker == SIZE_MAX); /* none of them has run it */
    assert_int_equal(info.pid, getpid());
    assert_int_equal(info.attempt, 1);
    assert_false(cf_done(pending));
    full_end(&full);
    cf_future_release(pending);
    cf_future_release(here);
}

/* Submits more than there is room for, from a task of the same executor. */
static enum cf_status submit_ten(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    struct cf_future *futures[10];
    (void)arg;
    (void)arg_bytes;
    for (int i = 0; i < 10; i++)
        if (cf_submit(cf_task_executor(task), square, &i, sizeof i,
                      &futures[i]) != CF_OK)
            return cf_raise(task, i + 1, "cannot submit");
    for (int i = 0; i < 10; i++) {
        int result;
        if (cf_result(futures[i], CF_FOREVER, &result, sizeof result) !=
                CF_OK ||
            result != i * i)
            return cf_raise(task, 20 + i, "wrong");
        cf_future_release(futures[i]);
    }
    return CF_OK;
}

static void a_worker_never_waits_for_room_in_its_own_queue(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_MPI, "a task's executor is its rank's part");
    struct cf_options options = {.max_workers = 1, .max_pending = 2};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *future = submit(executor, submit_ten, NULL, 0);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void many_at_once_are_as_many_submits(void **state)
{
    (void)state;
    static const size_t bounds[] = {0, 3};
    int items[200];
    for (int i = 0; i < 200; i++)
        items[i] = i;
    for (size_t b = 0; b < 2; b++) {
        struct cf_options options = {.max_workers = 2,
                                     .max_pending = bounds[b]};
        struct cf_executor *executor;
        struct cf_future *futures[200];
        assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
        assert_status(cf_submit_many(executor, square, items, sizeof items[0],
                                     200, futures),
                      CF_OK);
        for (int i = 0; i < 200; i++) {
            assert_int_equal(int_result(futures[i]), i * i);
            cf_future_release(futures[i]);
        }
        assert_status(cf_submit_many(executor, square, NULL, 4, 0, NULL),
                      CF_OK);
        assert_status(cf_submit_many(executor, square, NULL, 4, 1, futures),
                      CF_INVALID);
        assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER),
                      CF_OK);
        assert_status(cf_submit_many(executor, square, items, sizeof items[0],
                                     2, futures),
                      CF_SHUTDOWN);
        assert_null(futures[0]);
        assert_null(futures[1]);
        cf_executor_destroy(executor);
    }
}

static void a_name_is_copied_and_kept(void **state)
{
    (void)state;
    char name[] = "resize cat.png";
    struct cf_executor *executor = executor_of(1);
    struct cf_future *named, *plain = submit_int(executor, square, 1);
    int six = 6;

    assert_status(cf_submit_call(executor, square, &six, sizeof six,
                                 &(struct cf_call){.name = name}, &named),
                  CF_OK);
    memset(name, 'x', sizeof name - 1);
    assert_string_equal(cf_future_name(named), "resize cat.png");
    assert_string_equal(cf_future_name(plain), "");
    assert_string_equal(cf_future_name(NULL), "");
    assert_int_equal(int_result(named), 36);
    cf_executor_destroy(executor);
    assert_string_equal(cf_future_name(named), "resize cat.png");
    cf_future_release(named);
    cf_future_release(plain);
}

static void a_call_with_a_reserved_word_is_refused(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future;
    assert_status(cf_submit_call(executor, square, NULL, 0,
                                 &(struct cf_call){.reserved = {1}}, &future),
                  CF_INVALID);
    assert_null(future);
    cf_executor_destroy(executor);
}

static void
a_join_waits_for_what_came_before_and_not_for_what_comes_after(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "a submitted task has ended");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(2);
    struct cf_future *before =
        submit(executor, stand_at_gate, &gate, sizeof gate);

    gate_await(&gate, 1);
    assert_status(cf_join(executor, 0), CF_TIMEOUT);
    assert_status(cf_join(executor, 5 * MS), CF_TIMEOUT);
    gate_open(&gate, 1);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_true(cf_done(before));
    cf_future_release(before);

    struct cf_future *futures[100];
    for (int round = 0; round < 20; round++) {
        for (int i = 0; i < 100; i++)
            futures[i] = submit_int(executor, square, i);
        assert_status(cf_join(executor, CF_FOREVER), CF_OK);
        for (int i = 0; i < 100; i++) {
            assert_true(cf_done(futures[i]));
            cf_future_release(futures[i]);
        }
    }
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static _Atomic bool is_enough;

static void *keep_submitting(void *executor)
{
    int one = 1;
    while (!atomic_load(&is_enough)) {
        struct cf_future *futures[4];
        for (int i = 0; i < 4; i++)
            if (cf_submit(executor, square, &one, sizeof one, &futures[i]) !=
                CF_OK)
                abort();
        for (int i = 0; i < 4; i++) {
            (void)int_result(futures[i]);
            cf_future_release(futures[i]);
        }
    }
    return NULL;
}

/* With others submitting all the time `open` as a whole never falls to 0. */
static void joins_end_while_others_go_on_submitting(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    pthread_t submitters[2];

    atomic_store(&is_enough, false);
    for (int i = 0; i < 2; i++)
        pthread_create(&submitters[i], NULL, keep_submitting, executor);
    for (int i = 0; i < 50; i++)
        assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    atomic_store(&is_enough, true);
    for (int i = 0; i < 2; i++)
        pthread_join(submitters[i], NULL);
    cf_executor_destroy(executor);
}

static enum cf_status join_my_executor(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_join(cf_task_executor(task), CF_FOREVER);
}

static void a_task_cannot_join_its_own_executor(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_MPI, "a task's executor is its rank's part");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit(executor, join_my_executor, NULL, 0);
    struct cf_error error;
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.code, CF_DEADLOCK);
    assert_status(cf_join(NULL, 0), CF_INVALID);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int run_submit_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_full_queue_may_refuse),
        cmocka_unit_test(more_workers_are_more_room),
        cmocka_unit_test(a_full_queue_makes_the_submitter_wait_for_room),
        cmocka_unit_test(a_submitter_that_waits_for_room_is_told_of_a_shutdown),
        cmocka_unit_test(a_full_queue_may_run_the_task_in_the_caller),
        cmocka_unit_test(a_worker_never_waits_for_room_in_its_own_queue),
        cmocka_unit_test(many_at_once_are_as_many_submits),
        cmocka_unit_test(a_name_is_copied_and_kept),
        cmocka_unit_test(a_call_with_a_reserved_word_is_refused),
        cmocka_unit_test(
            a_join_waits_for_what_came_before_and_not_for_what_comes_after),
        cmocka_unit_test(joins_end_while_others_go_on_submitting),
        cmocka_unit_test(a_task_cannot_join_its_own_executor),
    };
    return cmocka_run_group_tests_name("submit", tests, NULL, NULL);
}
