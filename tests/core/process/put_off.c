/* SPDX-License-Identifier: MIT */
/* Tasks whose buffers cannot be sent for now: they are put off, and hold up
 * nobody but those who would come out of order. */
#include "somebody.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

static void jam(int sockets[2])
{
    if (!fill(sockets))
        _exit(NOT_HERE);
}

static void assert_ends(struct cf_future *future, enum cf_status expected)
{
    assert_status(cf_result_view(future, 10 * S, NULL, NULL), expected);
    cf_future_release(future);
}

/* A task with a buffer that no worker has. */
static struct cf_future *submit_new(struct cf_executor *executor,
                                    cf_function *function, const void *arg,
                                    size_t arg_bytes)
{
    struct cf_buffer *buffer = buffer_of(100);
    struct cf_future *future =
        submit_with(executor, function, arg, arg_bytes, &buffer, 1);

    cf_buffer_release(buffer);
    return future;
}

static struct cf_future *put_off(struct cf_executor *executor)
{
    struct cf_future *future = submit_new(executor, has_buffer, NULL, 0);

    assert_status(cf_result_view(future, S / 100, NULL, NULL), CF_TIMEOUT);
    return future;
}

static void assert_others_come(struct cf_executor *executor)
{
    for (int i = 0; i < 10; i++)
        assert_ends(submit_int(executor, square, i), CF_OK);
}

static int go_on(int workers)
{
    struct cf_executor *executor = full_executor((size_t)workers);
    int sockets[2];

    jam(sockets);
    struct cf_future *waiting = put_off(executor);
    assert_others_come(executor);
    assert_status(cf_result_view(waiting, 0, NULL, NULL), CF_TIMEOUT);
    assert_false(cf_running(waiting));
    empty(sockets);
    assert_ends(waiting, CF_OK);
    cf_executor_destroy(executor);
    return 0;
}

static void others_go_on_while_a_buffer_waits(void **state)
{
    (void)state;
    as_somebody(go_on, 2);
}

/* Of two workers with nothing to do the one that comes to it last is the first
 * to be given something: not the one that has the buffer. */
static int know_a_buffer(int workers)
{
    struct cf_buffer *known = buffer_of(100);
    struct gate has_it, has_not;
    int sockets[2];

    gate_make(&has_it);
    gate_make(&has_not);
    struct cf_executor *executor = full_executor((size_t)workers);
    struct cf_future *lacks = occupy(executor, &has_not);
    assert_ends(submit_with(executor, has_buffer, NULL, 0, &known, 1), CF_OK);
    struct cf_future *has = occupy(executor, &has_it);
    gate_open(&has_it, 1);
    (void)int_result(has);
    gate_open(&has_not, 1);
    (void)int_result(lacks);
    jam(sockets);
    struct cf_future *first = put_off(executor);
    for (int i = 0; i < 10; i++)
        assert_ends(submit_with(executor, has_buffer, NULL, 0, &known, 1),
                    CF_OK);
    assert_status(cf_result_view(first, 0, NULL, NULL), CF_TIMEOUT);
    empty(sockets);
    assert_ends(first, CF_OK);
    assert_int_equal(cf_executor_stats(executor).buffers_sent, 2);
    cf_buffer_release(known);
    cf_executor_destroy(executor);
    return 0;
}

static void a_task_goes_to_a_worker_that_has_its_buffer(void **state)
{
    (void)state;
    as_somebody(know_a_buffer, 2);
}

/* --- in which order --- */

/* _Atomic int * -> how many were there before */
static enum cf_status take_turn(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    _Atomic int *turns;

    memcpy(&turns, arg, arg_bytes);
    int turn = atomic_fetch_add(turns, 1);
    return cf_return(task, &turn, sizeof turn);
}

static void assert_turn(struct cf_future *future, int expected)
{
    int turn = -1;

    assert_status(cf_result(future, 10 * S, &turn, sizeof turn), CF_OK);
    assert_int_equal(turn, expected);
    cf_future_release(future);
}

static int keep_order(int workers)
{
    _Atomic int *turns = shared_memory(sizeof *turns);
    struct cf_executor *executor = full_executor((size_t)workers);
    struct cf_future *futures[6];
    int sockets[2];

    jam(sockets);
    for (int i = 0; i < 3; i++)
        futures[i] = submit_new(executor, take_turn, &turns, sizeof turns);
    if (workers > 1)
        assert_status(cf_set_workers(executor, 1), CF_OK);
    for (int i = 3; i < 6; i++)
        futures[i] = submit(executor, take_turn, &turns, sizeof turns);
    assert_status(cf_result_view(futures[5], S / 20, NULL, NULL), CF_TIMEOUT);
    empty(sockets);
    for (int i = 0; i < 6; i++)
        assert_turn(futures[i], i);
    cf_executor_destroy(executor);
    return 0;
}

static void one_worker_keeps_the_order(void **state)
{
    (void)state;
    as_somebody(keep_order, 1);
    as_somebody(keep_order, 2); /* of whom one is left */
}

/* --- when it goes --- */

static void allow_in_flight(int count)
{
    struct rlimit limit = {.rlim_cur = (rlim_t)count, .rlim_max = 200};

    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
}

/* All its buffers are more than may be on their way at a time, so it is put off
 * once at least. */
static void share_many(struct cf_executor *executor)
{
    struct cf_buffer *buffers[CF_MOST_BUFFERS];

    allow_in_flight(200);
    for (int i = 0; i < CF_MOST_BUFFERS; i++)
        buffers[i] = buffer_of(100);
    allow_in_flight(4);
    assert_ends(
        submit_with(executor, has_buffer, NULL, 0, buffers, CF_MOST_BUFFERS),
        CF_OK);
    for (int i = 0; i < CF_MOST_BUFFERS; i++)
        cf_buffer_release(buffers[i]);
}

static int go_at_once(int workers)
{
    enum { TASKS = 20 };
    struct cf_executor *executor = full_executor((size_t)workers);
    int64_t begun_ns = now_ns();

    for (int i = 0; i < TASKS; i++)
        share_many(executor);
    /* every 0.1 s it is tried in any case */
    assert_true(now_ns() - begun_ns < TASKS * S / 10 / 2);
    allow_in_flight(200);
    cf_executor_destroy(executor);
    return 0;
}

static void a_buffer_goes_once_others_have_come(void **state)
{
    (void)state;
    as_somebody(go_at_once, 1);
    as_somebody(go_at_once, 2);
}

/* --- it is a pending task like any other --- */

static int cancel(int workers)
{
    struct cf_executor *executor = full_executor((size_t)workers);
    int sockets[2];

    jam(sockets);
    struct cf_future *first = put_off(executor), *second = put_off(executor),
                     *third = put_off(executor);
    assert_true(cf_cancel(first));
    assert_status(cf_stop(second, 0), CF_OK);
    assert_ends(first, CF_CANCELLED);
    assert_ends(second, CF_CANCELLED);
    empty(sockets);
    assert_ends(third, CF_OK);
    cf_executor_destroy(executor);
    return 0;
}

static int shut_down(int workers)
{
    struct cf_executor *executor = full_executor((size_t)workers);
    int sockets[2];

    jam(sockets);
    struct cf_future *first = put_off(executor), *second = put_off(executor);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, S / 20), CF_TIMEOUT);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 10 * S), CF_OK);
    assert_ends(first, CF_CANCELLED);
    assert_ends(second, CF_CANCELLED);
    cf_executor_destroy(executor);
    empty(sockets);
    return 0;
}

static int drain(int workers)
{
    struct cf_executor *executor = full_executor((size_t)workers);
    int sockets[2];

    jam(sockets);
    struct cf_future *first = put_off(executor), *second = put_off(executor);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, 0), CF_TIMEOUT);
    empty(sockets);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, 10 * S), CF_OK);
    assert_ends(first, CF_OK);
    assert_ends(second, CF_OK);
    cf_executor_destroy(executor);
    return 0;
}

static int lose_workers(int workers)
{
    struct cf_executor *executor = full_executor((size_t)workers);
    int sockets[2];

    jam(sockets);
    struct cf_future *waiting = put_off(executor);
    for (int i = 0; i < 2; i++)
        assert_ends(submit_int(executor, die, SIGKILL), CF_CRASHED);
    assert_status(cf_result_view(waiting, 0, NULL, NULL), CF_TIMEOUT);
    empty(sockets);
    assert_ends(waiting, CF_OK);
    assert_others_come(executor);
    cf_executor_destroy(executor);
    return 0;
}

static int break_down(int workers)
{
    struct cf_executor *executor = full_executor((size_t)workers);
    int zygote = int_result(submit_int(executor, tell_host, 0)), sockets[2];

    jam(sockets);
    struct cf_future *first = put_off(executor), *second = put_off(executor);
    assert_true(cf_cancel(first));
    cf_future_release(first);
    kill(zygote, SIGKILL);
    assert_ends(second, CF_BROKEN);
    cf_executor_destroy(executor);
    empty(sockets);
    return 0;
}

static enum cf_status die_at_gate(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    (void)gate_pass(arg);
    raise(SIGKILL);
    return CF_OK;
}

/* Its second attempt finds a worker without the buffer. */
static struct cf_future *put_off_between_attempts(struct cf_executor *executor,
                                                  struct gate *gate,
                                                  int sockets[2])
{
    struct cf_buffer *buffer = buffer_of(100);
    struct cf_future *future = submit_call(
        executor, die_at_gate, gate, sizeof *gate,
        (struct cf_call){.retries = 1, .buffers = &buffer, .buffer_count = 1});

    cf_buffer_release(buffer);
    gate_await(gate, 1);
    jam(sockets);
    gate_open(gate, 1);
    while (cf_executor_stats(executor).retried == 0)
        usleep(1000);
    assert_status(cf_result_view(future, S / 20, NULL, NULL), CF_TIMEOUT);
    return future;
}

static int stop_between_attempts(int workers)
{
    struct gate gate;
    int sockets[2];

    gate_make(&gate);
    struct cf_executor *executor = full_executor((size_t)workers);
    struct cf_future *waiting =
        put_off_between_attempts(executor, &gate, sockets);
    assert_true(cf_running(waiting));
    assert_false(cf_cancel(waiting));
    assert_status(cf_stop(waiting, 0), CF_OK);
    assert_ends(waiting, CF_STOPPED);
    empty(sockets);
    assert_others_come(executor);
    cf_executor_destroy(executor);
    return 0;
}

/* A cancel of all that has not started leaves it. */
static int go_on_between_attempts(int workers)
{
    struct gate gate;
    int sockets[2];

    gate_make(&gate);
    struct cf_executor *executor = full_executor((size_t)workers);
    struct cf_future *waiting =
        put_off_between_attempts(executor, &gate, sockets);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, S / 20),
                  CF_TIMEOUT);
    empty(sockets);
    gate_open(&gate, 1);
    assert_ends(waiting, CF_CRASHED);
    cf_executor_destroy(executor);
    return 0;
}

static void what_is_put_off_is_as_pending_as_any(void **state)
{
    (void)state;
    as_somebody(cancel, 2);
    as_somebody(shut_down, 2);
    as_somebody(drain, 2);
    as_somebody(lose_workers, 2);
    as_somebody(break_down, 2);
    as_somebody(stop_between_attempts, 2);
    as_somebody(go_on_between_attempts, 2);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(others_go_on_while_a_buffer_waits),
        cmocka_unit_test(a_task_goes_to_a_worker_that_has_its_buffer),
        cmocka_unit_test(one_worker_keeps_the_order),
        cmocka_unit_test(a_buffer_goes_once_others_have_come),
        cmocka_unit_test(what_is_put_off_is_as_pending_as_any),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
