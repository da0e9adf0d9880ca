/* SPDX-License-Identifier: MIT */
/* Signals rain on host and workers, ten thousand a second, with a handler that
 * makes every blocking call return early: nothing is lost, no wait ends too
 * soon, and none lasts much longer. */
#include "process.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#define MS 1000000LL

static _Atomic long drops; /* of this process */

static void note_drop(int signal)
{
    (void)signal;
    atomic_fetch_add(&drops, 1);
}

static void rain(long every_us)
{
    struct sigaction action = {.sa_handler = note_drop}; /* no SA_RESTART */
    struct itimerval interval = {.it_interval = {.tv_usec = every_us},
                                 .it_value = {.tv_usec = every_us}};
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &interval, NULL);
}

static void stop_rain(void)
{
    struct itimerval none = {.it_value = {.tv_usec = 0}};
    setitimer(ITIMER_REAL, &none, NULL);
}

static enum cf_status start_rain(size_t worker, const void *arg,
                                 size_t arg_bytes, void **state)
{
    (void)worker;
    (void)arg;
    (void)arg_bytes;
    (void)state;
    rain(100);
    return CF_OK;
}

static struct cf_executor *rainy_executor(size_t workers)
{
    struct cf_options options = {.max_workers = workers,
                                 .start_method = CF_START_FORK,
                                 .initializer = start_rain};
    struct cf_executor *executor;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    return executor;
}

static enum cf_status echo(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

static enum cf_status tell_drops(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    int count = (int)atomic_load(&drops);
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &count, sizeof count);
}

static void nothing_is_lost_in_a_storm_of_signals(void **state)
{
    enum { DROPS = 50 };
    int least = is_sanitized() ? 10 : 40, most = 100 * least, fell = 0;
    char sent[3000], got[3000];

    (void)state;
    memset(sent, 'x', sizeof sent);
    rain(100);
    for (int round = 0;
         round < least ||
         (round < most && (atomic_load(&drops) <= DROPS || fell <= DROPS));
         round += 10) {
        struct cf_executor *executor = rainy_executor(2);
        for (int i = 0; i < 10; i++) {
            struct cf_future *futures[50];
            for (int k = 0; k < 50; k++)
                futures[k] =
                    submit(executor, echo, sent, k % 2 == 0 ? 4 : sizeof sent);
            assert_status(
                cf_wait(futures, 50, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                CF_OK);
            for (int k = 0; k < 50; k++) {
                memset(got, 0, sizeof got);
                assert_status(
                    cf_result(futures[k], CF_FOREVER, got, sizeof got), CF_OK);
                assert_memory_equal(got, sent, k % 2 == 0 ? 4 : sizeof sent);
                cf_future_release(futures[k]);
            }
        }
        fell += int_result(submit_int(executor, tell_drops, 0));
        cf_executor_destroy(executor);
    }
    stop_rain();
    print_message("%ld drops on the host, %d on workers\n", atomic_load(&drops),
                  fell);
    assert_true(atomic_load(&drops) > DROPS && fell > DROPS);
}

static enum cf_status say_so_and_loop(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    (void)arg_bytes;
    return gate_pass(arg) ? loop(task, NULL, 0)
                          : cf_raise(task, 1, "the gate is broken");
}

static void a_wait_lasts_as_long_as_asked_in_a_storm(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    gate_open(&gate, 1); /* it is no more than a word that the task runs */
    struct cf_executor *executor = rainy_executor(1);
    struct cf_future *future =
        submit(executor, say_so_and_loop, &gate, sizeof gate);
    gate_await(&gate, 1);
    rain(1000);
    int64_t least_ns = INT64_MAX;
    for (int i = 0; i < 5; i++) {
        int64_t before_ns = now_ns();
        assert_status(cf_result(future, 30 * MS, NULL, 0), CF_TIMEOUT);
        int64_t took_ns = now_ns() - before_ns;
        assert_true(took_ns >= 30 * MS);
        least_ns = took_ns < least_ns ? took_ns : least_ns;
    }
    stop_rain();
    if (!is_sanitized())
        assert_true(least_ns < 32 * MS); /* a tick, and somebody else */
    assert_status(cf_stop(future, CF_FOREVER), CF_OK);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void limits_and_deaths_are_seen_to_in_a_storm(void **state)
{
    struct cf_call call = {.timeout_ns = 5 * MS, .grace_ns = CF_FOREVER};
    struct cf_future *future;

    (void)state;
    rain(100);
    struct cf_executor *executor = rainy_executor(2);
    for (int i = 0; i < 5; i++) {
        assert_status(cf_submit_call(executor, loop, NULL, 0, &call, &future),
                      CF_OK);
        assert_status(error_of(future).status, CF_EXPIRED);
        cf_future_release(future);
        future = submit_int(executor, die, SIGKILL);
        assert_status(error_of(future).status, CF_CRASHED);
        cf_future_release(future);
        assert_serves(executor);
    }
    cf_executor_destroy(executor);
    stop_rain();
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(nothing_is_lost_in_a_storm_of_signals),
        cmocka_unit_test(a_wait_lasts_as_long_as_asked_in_a_storm),
        cmocka_unit_test(limits_and_deaths_are_seen_to_in_a_storm),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
