/* SPDX-License-Identifier: MIT */
/* Callbacks come though nobody waits, and whoever has waited: the host has a
 * thread for them where it can have one. */
#include "process.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

static void post_call(struct cf_future *future, void *context)
{
    (void)future;
    sem_post(context);
}

/* A worker that looks for its next task puts off telling of its last one. */
static void what_nobody_waits_for_is_heard_of_all_the_same(void **state)
{
    struct timespec until;
    sem_t called;
    struct cf_executor *executor = full_executor(1);

    (void)state;
    sem_init(&called, 0, 0);
    for (int i = 0; i < 100; i++) {
        make_trips(executor, 5); /* that pay for looking */
        struct cf_future *future = submit_int(executor, square, i);
        assert_status(cf_add_done_callback(future, post_call, &called), CF_OK);
        cf_future_release(future);
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += 20;
        assert_int_equal(sem_timedwait(&called, &until), 0);
    }
    cf_executor_destroy(executor);
    sem_destroy(&called);
}

static void count_call(struct cf_future *future, void *context)
{
    (void)future;
    atomic_fetch_add((_Atomic int *)context, 1);
}

static void a_thread_for_callbacks_comes_with_the_first(void **state)
{
    _Atomic int calls = 0;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);

    (void)state;
    assert_serves(executor);
    assert_int_equal(sleeps_of("cf-completion"), -1);
    struct cf_future *standing =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_add_done_callback(standing, count_call, &calls), CF_OK);
    gate_open(&gate, 1);
    int_result(standing);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_int_equal(atomic_load(&calls), 1);
    assert_true(sleeps_of("cf-completion") >= 0);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* No thread has room for its stack from now on; or all have again. */
static void allow_threads(bool allowed)
{
    static struct rlimit before;
    struct rlimit limit;
    pthread_attr_t attributes;
    size_t pages = 0;

    pthread_attr_init(&attributes); /* larger than any that glibc has kept */
    pthread_attr_setstacksize(&attributes, (size_t)(allowed ? 8 : 256) << 20);
    assert_int_equal(pthread_setattr_default_np(&attributes), 0);
    pthread_attr_destroy(&attributes);
    if (!allowed) {
        FILE *file = fopen("/proc/self/statm", "r");
        assert_non_null(file);
        assert_int_equal(fscanf(file, "%zu", &pages), 1);
        fclose(file);
        getrlimit(RLIMIT_AS, &before);
    }
    limit = before;
    if (!allowed)
        limit.rlim_cur = pages * (size_t)sysconf(_SC_PAGESIZE) + (64 << 20);
    assert_int_equal(setrlimit(RLIMIT_AS, &limit), 0);
}

static void without_a_thread_callbacks_come_all_the_same(void **state)
{
    _Atomic int calls = 0;
    struct gate gate;

    (void)state;
    if (is_sanitized())
        skip(); /* what they map is more than any limit */
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    struct cf_future *standing =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_add_done_callback(standing, count_call, &calls), CF_OK);
    allow_threads(false);
    gate_open(&gate, 1);
    int_result(standing);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    allow_threads(true);
    assert_int_equal(atomic_load(&calls), 1);
    assert_int_equal(sleeps_of("cf-completion"), -1);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* A waiter that goes away takes no ring along: callbacks come all the same. */
static void who_stops_waiting_leaves_nothing_unheard(void **state)
{
    _Atomic int calls = 0;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(2);
    struct cf_future *standing =
        submit(executor, stand_at_gate, &gate, sizeof gate);

    (void)state;
    gate_await(&gate, 1);
    for (int i = 1; i <= 300; i++) {
        struct cf_future *future = submit_int(executor, nap, i % 7 * 100);
        assert_status(cf_add_done_callback(future, count_call, &calls), CF_OK);
        cf_future_release(future);
        assert_status(cf_result(standing, 300000, NULL, 0), CF_TIMEOUT);
        for (int ms = 0; atomic_load(&calls) < i && ms < 5000; ms++)
            usleep(1000);
        assert_int_equal(atomic_load(&calls), i);
    }
    gate_open(&gate, 1);
    int_result(standing);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_nobody_waits_for_is_heard_of_all_the_same),
        cmocka_unit_test(a_thread_for_callbacks_comes_with_the_first),
        cmocka_unit_test(without_a_thread_callbacks_come_all_the_same),
        cmocka_unit_test(who_stops_waiting_leaves_nothing_unheard),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
