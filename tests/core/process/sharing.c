/* SPDX-License-Identifier: MIT */
/* Who gets which task: idle workers first, and what waits behind a busy one can
 * be had back. */
#include "process.h"

#include <signal.h>
#include <unistd.h>

static void four_long_tasks_on_two_workers_run_two_by_two(void **state)
{
    struct cf_executor *executor = lazy_executor(2);
    struct cf_future *futures[4];
    int on_worker[2] = {0};

    (void)state;
    for (int i = 0; i < 4; i++)
        futures[i] = submit_int(executor, nap, 100000);
    for (int i = 0; i < 4; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        on_worker[cf_future_info(futures[i]).worker]++;
    }
    assert_int_equal(on_worker[0], 2);
    assert_int_equal(on_worker[1], 2);
    for (int i = 0; i < 4; i++)
        cf_future_release(futures[i]);
    cf_executor_destroy(executor);
}

static enum cf_status do_nothing(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}

/* So many short tasks that a worker is given many of them at a time. */
static void have_short_tasks_run(struct cf_executor *executor)
{
    struct cf_future *futures[2000];
    size_t count = sizeof futures / sizeof *futures;

    assert_status(cf_submit_many(executor, do_nothing, NULL, 0, count, futures),
                  CF_OK);
    for (size_t i = 0; i < count; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(futures[i]);
    }
}

static void long_tasks_are_shared_evenly_after_short_ones(void **state)
{
    struct cf_executor *executor = full_executor(2);
    struct cf_future *futures[4];

    (void)state;
    for (int round = 0; round < 3; round++) {
        int on_worker[2] = {0};
        have_short_tasks_run(executor);
        for (int i = 0; i < 4; i++)
            futures[i] = submit_int(executor, nap, 50000);
        for (int i = 0; i < 4; i++) {
            assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
            on_worker[cf_future_info(futures[i]).worker]++;
            cf_future_release(futures[i]);
        }
        assert_int_equal(on_worker[0], 2);
        assert_int_equal(on_worker[1], 2);
    }
    cf_executor_destroy(executor);
}

static void all_that_waits_behind_a_long_task_is_run_by_another(void **state)
{
    enum { TASKS = 150 };
    struct gate gates[2];
    struct cf_future *standing[2], *futures[TASKS];

    (void)state;
    for (int i = 0; i < 2; i++)
        gate_make(&gates[i]);
    struct cf_executor *executor = full_executor(2);
    have_short_tasks_run(executor);
    for (int i = 0; i < 2; i++) {
        standing[i] = occupy(executor, &gates[i]);
    }
    for (int i = 0; i < TASKS; i++) /* behind the two, as many as there may */
        futures[i] = submit_int(executor, square, i);
    gate_open(&gates[1], 1);
    int_result(standing[1]);
    for (int i = 0; i < TASKS; i++)
        assert_int_equal(int_result(futures[i]), i * i);
    assert_true(cf_running(standing[0]));
    gate_open(&gates[0], 1);
    int_result(standing[0]);
    cf_executor_destroy(executor);
    for (int i = 0; i < 2; i++)
        gate_close(&gates[i]);
}

/* How many of those after it have started before it. */
static int overtakers(struct cf_future **futures, int count, int which)
{
    int64_t started_ns = cf_future_info(futures[which]).started_ns;
    int found = 0;

    for (int i = which + 1; i < count; i++)
        found += cf_future_info(futures[i]).started_ns < started_ns;
    return found;
}

/* The other worker is never idle until the last of them has started. Answers
 * are read by who waits for them, or by a thread of the host's. */
static void run_many_beside(struct gate *gate, bool one_by_one)
{
    enum { TASKS = 300 };
    struct cf_future *futures[TASKS];
    struct cf_executor *executor = full_executor(2);
    struct cf_future *standing = occupy(executor, gate);
    for (int i = 0; i < TASKS; i++)
        futures[i] = submit_int(executor, nap, 1000);
    for (int i = 0; i < TASKS && one_by_one; i++)
        assert_status(cf_result(futures[i], CF_FOREVER, NULL, 0), CF_OK);
    assert_status(cf_wait(futures, TASKS, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                  CF_OK);
    for (int i = 0; i < TASKS; i++)
        assert_true(overtakers(futures, TASKS, i) < TASKS / 2);
    for (int i = 0; i < TASKS; i++)
        cf_future_release(futures[i]);
    gate_open(gate, 1);
    int_result(standing);
    cf_executor_destroy(executor);
}

static void what_waits_behind_a_long_task_is_not_overtaken_by_all(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    run_many_beside(&gate, true);
    run_many_beside(&gate, false);
    gate_close(&gate);
}

/* Nor by one that never ends: nothing but time tells of that. */
static void what_waits_behind_a_long_task_is_run_before_later_ones(void **state)
{
    struct gate gates[3];
    struct cf_future *standing[3], *before[2];
    enum { SECOND = 1000000000 };

    (void)state;
    for (int i = 0; i < 3; i++)
        gate_make(&gates[i]);
    struct cf_executor *executor = full_executor(2);
    for (int i = 0; i < 2; i++) {
        standing[i] = occupy(executor, &gates[i]);
    }
    for (int i = 0; i < 2; i++) /* behind each of them one */
        before[i] = submit_int(executor, square, i);
    standing[2] = submit(executor, stand_at_gate, &gates[2], sizeof *gates);
    assert_status(cf_result(before[0], SECOND / 4, NULL, 0), CF_TIMEOUT);
    gate_open(&gates[1], 1);
    for (int i = 0; i < 2; i++)
        assert_status(cf_result(before[i], (int64_t)20 * SECOND, NULL, 0),
                      CF_INVALID); /* it is there, and has a size */
    for (int i = 0; i < 3; i++) {
        if (i != 1)
            gate_open(&gates[i], 1);
        int_result(standing[i]);
    }
    for (int i = 0; i < 2; i++)
        cf_future_release(before[i]);
    cf_executor_destroy(executor);
    for (int i = 0; i < 3; i++)
        gate_close(&gates[i]);
}

static void what_waits_behind_a_busy_worker_is_run_by_an_idle_one(void **state)
{
    struct gate gates[3];
    struct cf_future *futures[3];

    (void)state;
    for (int i = 0; i < 3; i++)
        gate_make(&gates[i]);
    struct cf_executor *executor = full_executor(2);
    for (int i = 0; i < 3; i++) /* the third waits behind one of the two */
        futures[i] = submit(executor, stand_at_gate, &gates[i], sizeof *gates);
    gate_await(&gates[0], 1);
    gate_await(&gates[1], 1);
    /* whichever ends first, the other one is never let go */
    gate_open(&gates[0], 1);
    int_result(futures[0]);
    gate_await(&gates[2], 1);
    gate_open(&gates[2], 1);
    int_result(futures[2]);
    assert_true(cf_running(futures[1]));
    gate_open(&gates[1], 1);
    int_result(futures[1]);
    cf_executor_destroy(executor);
    for (int i = 0; i < 3; i++)
        gate_close(&gates[i]);
}

static enum cf_status count_up(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    _Atomic int *const *runs = arg;
    (void)task;
    (void)arg_bytes;
    (*runs)[0]++;
    return CF_OK;
}

static void a_cancelled_task_never_runs_though_it_was_sent(void **state)
{
    _Atomic int *runs = shared_memory(sizeof *runs);
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = lazy_executor(1);

    (void)state;
    struct cf_future *first = occupy(executor, &gate);
    assert_true(cf_running(first));
    assert_false(cf_cancel(first));
    for (int i = 0; i < 200; i++) { /* more than a ring has slots */
        struct cf_future *sent = submit(executor, count_up, &runs, sizeof runs);
        assert_false(cf_running(sent));
        assert_true(cf_cancel(sent));
        assert_true(cf_cancelled(sent));
        assert_false(cf_running(sent));
        cf_future_release(sent);
    }
    struct cf_future *last = submit(executor, count_up, &runs, sizeof runs);
    gate_open(&gate, 1);
    int_result(first);
    assert_status(cf_result(last, CF_FOREVER, NULL, 0), CF_OK);
    assert_int_equal(*runs, 1);
    cf_future_release(last);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* A ring full of what was taken back, and a worker that has not started yet. */
static void a_full_ring_of_cancelled_tasks_holds_up_nothing(void **state)
{
    _Atomic int *runs = shared_memory(sizeof *runs);

    (void)state;
    for (int round = 0; round < 20; round++) {
        struct cf_executor *executor = lazy_executor(1);
        for (int i = 0; i < 100; i++) {
            struct cf_future *future =
                submit(executor, count_up, &runs, sizeof runs);
            if (!cf_cancel(future))
                assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
            cf_future_release(future);
        }
        assert_serves(executor);
        cf_executor_destroy(executor);
    }
}

/* Cancels race with starts: each task runs once or is cancelled, never both. */
static void a_cancel_that_races_with_a_start_has_one_outcome(void **state)
{
    enum { TASKS = 20000 };
    _Atomic int *runs = shared_memory(TASKS * sizeof *runs);
    struct cf_executor *executor = full_executor(2);
    struct cf_future *futures[16];

    (void)state;
    for (int i = 0; i < TASKS; i += 16) {
        for (int k = 0; k < 16; k++) {
            _Atomic int *mine = &runs[i + k];
            futures[k] = submit(executor, count_up, &mine, sizeof mine);
        }
        for (int k = 15; k >= 0; k--) {
            bool is_cancelled = cf_cancel(futures[k]);
            enum cf_status status = cf_result(futures[k], CF_FOREVER, NULL, 0);
            assert_status(status, is_cancelled ? CF_CANCELLED : CF_OK);
            assert_int_equal(runs[i + k], is_cancelled ? 0 : 1);
            cf_future_release(futures[k]);
        }
    }
    cf_executor_destroy(executor);
}

static void workers_start_as_work_needs_them(void **state)
{
    struct cf_executor *executor = lazy_executor(3);
    struct gate gate;

    (void)state;
    int pid = int_result(submit_int(executor, tell_pid, 0));
    for (int i = 0; i < 5; i++)
        assert_int_equal(int_result(submit_int(executor, tell_pid, 0)), pid);
    cf_executor_destroy(executor);

    gate_make(&gate);
    executor = lazy_executor(3);
    struct cf_future *futures[3];
    for (int i = 0; i < 3; i++)
        futures[i] = submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 3); /* only three workers can be here at once */
    gate_open(&gate, 3);
    for (int i = 0; i < 3; i++)
        int_result(futures[i]);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void times_come_from_the_worker(void **state)
{
    struct cf_executor *executor = full_executor(1);

    (void)state;
    struct cf_future *future = submit_int(executor, nap, 20000);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    struct cf_future_info info = cf_future_info(future);
    assert_true(info.submitted_ns <= info.started_ns);
    assert_true(info.finished_ns - info.started_ns >= 20000000);
    assert_true(info.finished_ns <= now_ns());
    assert_true(info.cpu_ns > 0 && info.cpu_ns < 20000000);
    assert_int_equal(info.worker, 0);
    assert_int_equal(info.attempt, 1);
    assert_true(info.pid > 0 && info.pid != getpid());
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* The first worker that is to get it stands still, with so many buffers in its
 * post, of tasks that were cancelled, that there is no room for more. */
static void a_full_post_keeps_no_task_from_an_idle_worker(void **state)
{
    struct cf_executor *executor = full_executor(2);
    struct cf_future *future = NULL;
    struct cf_buffer *buffers[CF_MOST_BUFFERS];
    uint64_t sent = 0, before;

    (void)state;
    int pid = int_result(submit_int(executor, tell_pid, 0));
    kill(pid, SIGSTOP);
    do {
        cf_future_release(future);
        for (int i = 0; i < CF_MOST_BUFFERS; i++)
            buffers[i] = buffer_of(1);
        future = submit_with(executor, do_nothing, NULL, 0, buffers,
                             CF_MOST_BUFFERS);
        for (int i = 0; i < CF_MOST_BUFFERS; i++)
            cf_buffer_release(buffers[i]);
        before = sent;
        sent = cf_executor_stats(executor).buffers_sent;
    } while (sent - before == CF_MOST_BUFFERS && cf_cancel(future));
    assert_status(cf_result(future, 10 * (int64_t)1000000000, NULL, 0), CF_OK);
    assert_int_not_equal(cf_future_info(future).pid, pid);
    cf_future_release(future);
    kill(pid, SIGCONT);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(four_long_tasks_on_two_workers_run_two_by_two),
        cmocka_unit_test(long_tasks_are_shared_evenly_after_short_ones),
        cmocka_unit_test(all_that_waits_behind_a_long_task_is_run_by_another),
        cmocka_unit_test(what_waits_behind_a_long_task_is_not_overtaken_by_all),
        cmocka_unit_test(
            what_waits_behind_a_long_task_is_run_before_later_ones),
        cmocka_unit_test(what_waits_behind_a_busy_worker_is_run_by_an_idle_one),
        cmocka_unit_test(a_cancelled_task_never_runs_though_it_was_sent),
        cmocka_unit_test(a_full_ring_of_cancelled_tasks_holds_up_nothing),
        cmocka_unit_test(a_cancel_that_races_with_a_start_has_one_outcome),
        cmocka_unit_test(a_full_post_keeps_no_task_from_an_idle_worker),
        cmocka_unit_test(workers_start_as_work_needs_them),
        cmocka_unit_test(times_come_from_the_worker),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
