/* SPDX-License-Identifier: MIT */
/* Who waits for a result fetches it himself; no wait lasts longer by that, and
 * no answer is missed. */
#include "process.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* --- the drainer is left asleep --- */

static void post(struct cf_future *future, void *semaphore)
{
    (void)future;
    sem_post(semaphore);
}

/* Returns when the drainer has fetched an answer, since nobody waits for it:
 * before that it may not have begun yet. */
static void meet_drainer(struct cf_executor *executor)
{
    sem_t is_told;
    struct cf_future *future = submit_int(executor, nap, 1000);

    sem_init(&is_told, 0, 0);
    assert_status(cf_add_done_callback(future, post, &is_told), CF_OK);
    while (sem_wait(&is_told) != 0)
        ;
    cf_future_release(future);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK); /* post() is over */
    sem_destroy(&is_told);
}

static void a_waiter_needs_no_other_thread_of_the_host(void **state)
{
    enum { TASKS = 60 };
    struct cf_waiter *waiter;
    struct cf_executor *executor = full_executor(1);

    (void)state;
    if (cf_waiter_of_this_thread(&waiter) != CF_OK)
        skip(); /* this system cannot sleep on two words at once */
    meet_drainer(executor);
    long before = sleeps_of("cf-drainer");
    for (int i = 0; i < TASKS; i++) {
        struct cf_future *future = submit_int(executor, nap, 1000);
        assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(future);
    }
    long after = sleeps_of("cf-drainer");
    assert_true(before >= 0 && after >= before);
    assert_true(after - before < TASKS / 2);
    cf_executor_destroy(executor);
}

/* Though the worker may have answered before there is a waiter. */
static void round_trips_wake_no_other_thread(void **state)
{
    enum { TRIPS = 300 };
    struct cf_waiter *waiter;
    struct cf_executor *executor = full_executor(1);

    (void)state;
    if (cf_waiter_of_this_thread(&waiter) != CF_OK)
        skip();
    meet_drainer(executor);
    make_trips(executor, 50); /* until it is known that they are short */
    long before = sleeps_of("cf-drainer");
    make_trips(executor, TRIPS);
    long after = sleeps_of("cf-drainer");
    assert_true(before >= 0 && after >= before);
    assert_true(after - before < TRIPS / 4);
    cf_executor_destroy(executor);
}

/* --- how such a wait ends --- */

static void a_wait_ends_in_time_though_others_tasks_end(void **state)
{
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(2);
    struct cf_future *standing =
        submit(executor, stand_at_gate, &gate, sizeof gate);

    (void)state;
    gate_await(&gate, 1);
    for (int round = 0; round < 5; round++) {
        for (int i = 0; i < 200; i++)
            cf_future_release(submit_int(executor, nap, 100));
        int64_t before_ns = now_ns();
        assert_status(cf_result(standing, 5000000, NULL, 0), CF_TIMEOUT);
        int64_t waited_ns = now_ns() - before_ns;
        assert_true(waited_ns >= 5000000);
        if (!is_sanitized())
            assert_true(waited_ns < 500000000);
    }
    gate_open(&gate, 1);
    int_result(standing);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* Where host and workers see that it is enough. */
static _Atomic int *is_enough;

/* Keeps its host answering, for 20 s at most. */
static enum cf_status keep_asking(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    int64_t until_ns = now_ns() + 20000000000;
    struct cf_future *child;

    while (atomic_load(is_enough) == 0 && now_ns() < until_ns) {
        if (cf_submit(executor, square, arg, arg_bytes, &child) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
        cf_future_release(child);
    }
    return cf_return(task, arg, arg_bytes);
}

static void a_wait_ends_in_time_though_a_task_keeps_asking(void **state)
{
    struct gate gate;
    gate_make(&gate);
    is_enough = shared_memory(sizeof *is_enough);
    struct cf_executor *executor = full_executor(3);
    make_trips(executor, 3000); /* such tasks are known to be short */
    struct cf_future *asking = submit_int(executor, keep_asking, 2);
    struct cf_future *standing =
        submit(executor, stand_at_gate, &gate, sizeof gate);

    (void)state;
    gate_await(&gate, 1);
    for (int i = 0; i < 10; i++) {
        int64_t before_ns = now_ns();
        assert_status(cf_result(standing, 10000000, NULL, 0), CF_TIMEOUT);
        assert_true(now_ns() - before_ns < 10000000000);
    }
    atomic_store(is_enough, 1);
    gate_open(&gate, 1);
    int_result(standing);
    int_result(asking);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void *interrupt_soon(void *waiter)
{
    usleep(20000);
    cf_interrupt(waiter);
    return NULL;
}

static void an_interrupt_ends_such_a_wait(void **state)
{
    struct gate gate;
    struct cf_waiter *waiter;
    pthread_t thread;

    (void)state;
    if (cf_waiter_of_this_thread(&waiter) != CF_OK)
        skip();
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    struct cf_future *standing =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    pthread_create(&thread, NULL, interrupt_soon, waiter);
    assert_status(cf_result(standing, CF_FOREVER, NULL, 0), CF_TIMEOUT);
    assert_non_null(strstr(cf_last_error().text, "interrupted"));
    pthread_join(thread, NULL);
    gate_open(&gate, 1);
    int_result(standing);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void *cancel_soon(void *future)
{
    usleep(20000);
    assert_true(cf_cancel(future));
    return NULL;
}

static void a_cancel_wakes_who_waits_for_what_was_sent(void **state)
{
    struct gate gate;
    pthread_t thread;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    struct cf_future *standing =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    struct cf_future *behind = submit_int(executor, square, 3);
    pthread_create(&thread, NULL, cancel_soon, behind);
    assert_status(cf_result(behind, CF_FOREVER, NULL, 0), CF_CANCELLED);
    pthread_join(thread, NULL);
    cf_future_release(behind);
    gate_open(&gate, 1);
    int_result(standing);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* --- several at once --- */

static void *go_there_and_back(void *executor)
{
    int rounds = is_sanitized() ? 200 : 2000;

    for (int i = 0; i < rounds; i++) {
        assert_int_equal(int_result(submit_int(executor, square, i)), i * i);
        if (i % 16 == 0) /* so that all sleep from time to time */
            cf_future_release(submit_int(executor, nap, 300));
    }
    return NULL;
}

static void no_answer_is_missed_by_many_waiters(void **state)
{
    struct cf_executor *executor = full_executor(2);
    pthread_t threads[6];

    (void)state;
    for (int i = 0; i < 6; i++)
        pthread_create(&threads[i], NULL, go_there_and_back, executor);
    for (int i = 0; i < 6; i++)
        pthread_join(threads[i], NULL);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_waiter_needs_no_other_thread_of_the_host),
        cmocka_unit_test(round_trips_wake_no_other_thread),
        cmocka_unit_test(a_wait_ends_in_time_though_others_tasks_end),
        cmocka_unit_test(a_wait_ends_in_time_though_a_task_keeps_asking),
        cmocka_unit_test(an_interrupt_ends_such_a_wait),
        cmocka_unit_test(a_cancel_wakes_who_waits_for_what_was_sent),
        cmocka_unit_test(no_answer_is_missed_by_many_waiters),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
