/* SPDX-License-Identifier: MIT */
/* ladder [RACES]: a running task is ended from outside, by its limit or by
 * cf_stop(), rung by rung; it alone is lost, and its worker is replaced. */
#include "process.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define MS 1000000LL

static int races; /* 0: as many as take little time */

static int races_of(void)
{
    if (races > 0)
        return races;
    return is_sanitized() ? 25 : 300;
}

/* Arrives at a gate, then never ends. */
static enum cf_status arrive_and_hang(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    const struct gate *gate = arg;
    (void)arg_bytes;
    if (!tell(gate->out[1], 0))
        return cf_raise(task, 1, "the gate is broken");
    for (;;)
        pause();
}

static enum cf_status ignore_and_hang(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    signal(SIGTERM, SIG_IGN);
    return arrive_and_hang(task, arg, arg_bytes);
}

/* One worker that hangs in its task, and eight tasks behind that. */
struct hung {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *future, *behind[8];
    int pid;
};

static void hang(struct hung *hung, cf_function *function, struct cf_call call)
{
    gate_make(&hung->gate);
    hung->executor = full_executor(1);
    hung->pid = int_result(submit_int(hung->executor, tell_pid, 0));
    hung->future = submit_call(hung->executor, function, &hung->gate,
                               sizeof hung->gate, call);
    for (int i = 0; i < 8; i++)
        hung->behind[i] = submit_int(hung->executor, square, i);
    gate_await(&hung->gate, 1);
}

static void assert_ended(struct hung *hung, enum cf_status status,
                         enum cf_rung rung, int signal)
{
    struct cf_error error = error_of(hung->future);
    assert_status(error.status, status);
    assert_int_equal(error.rung, rung);
    assert_int_equal(error.signal, signal);
    assert_int_equal(error.pid, hung->pid);
    assert_int_equal(cf_future_info(hung->future).rung, rung);
    assert_int_equal(cf_future_info(hung->future).attempt, 1);
    for (int i = 0; i < 8; i++)
        assert_int_equal(int_result(hung->behind[i]), i * i);
    assert_true(int_result(submit_int(hung->executor, tell_pid, 0)) !=
                hung->pid);
    struct cf_executor_stats stats = cf_executor_stats(hung->executor);
    assert_int_equal(stats.crashed, 0);
    assert_int_equal(stats.expired, status == CF_EXPIRED);
    assert_int_equal(stats.stopped, status == CF_STOPPED);
    cf_future_release(hung->future);
    cf_executor_destroy(hung->executor);
    gate_close(&hung->gate);
}

static void a_task_that_ignores_its_limit_is_terminated(void **state)
{
    struct hung hung;
    (void)state;
    int64_t before_ns = now_ns();
    hang(&hung, arrive_and_hang,
         (struct cf_call){.timeout_ns = 20 * MS, .grace_ns = 10 * MS});
    struct cf_error error = error_of(hung.future);
    assert_true(now_ns() - before_ns >= 30 * MS);
    assert_non_null(strstr(error.message, "past its time limit of 0.02 s"));
    assert_ended(&hung, CF_EXPIRED, CF_RUNG_TERMINATED, SIGTERM);
}

static void its_neighbours_go_on(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(2);
    struct cf_future *hung = submit_call(
        executor, arrive_and_hang, &gate, sizeof gate,
        (struct cf_call){.timeout_ns = 20 * MS, .grace_ns = 5 * MS});
    gate_await(&gate, 1);
    struct cf_future *beside =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(error_of(hung).status, CF_EXPIRED);
    assert_true(cf_running(beside));
    gate_open(&gate, 1);
    assert_true(int_result(beside) > 0);
    assert_serves(executor);
    cf_future_release(hung);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_task_that_ignores_that_too_is_killed(void **state)
{
    struct hung hung;
    (void)state;
    hang(&hung, ignore_and_hang,
         (struct cf_call){.timeout_ns = 10 * MS, .grace_ns = 5 * MS});
    assert_ended(&hung, CF_EXPIRED, CF_RUNG_KILLED, SIGKILL);
}

static void a_stopped_process_is_ended_past_its_limit_all_the_same(void **state)
{
    struct hung hung;
    (void)state;
    hang(&hung, arrive_and_hang,
         (struct cf_call){.timeout_ns = 50 * MS, .grace_ns = 5 * MS});
    kill(hung.pid, SIGSTOP);
    assert_ended(&hung, CF_EXPIRED, CF_RUNG_KILLED, SIGKILL);
}

static void a_stop_ends_a_task_after_its_grace(void **state)
{
    struct hung hung;
    (void)state;
    hang(&hung, ignore_and_hang, (struct cf_call){.name = NULL});
    assert_true(cf_running(hung.future));
    assert_status(cf_stop(hung.future, 5 * MS), CF_OK);
    assert_ended(&hung, CF_STOPPED, CF_RUNG_KILLED, SIGKILL);
}

static void a_stop_without_grace_ends_it_at_once(void **state)
{
    struct hung hung;
    (void)state;
    hang(&hung, arrive_and_hang, (struct cf_call){.name = NULL});
    assert_status(cf_stop(hung.future, CF_FOREVER), CF_OK); /* only asked */
    assert_status(cf_result(hung.future, 10 * MS, NULL, 0), CF_TIMEOUT);
    assert_status(cf_stop(hung.future, 0), CF_OK);
    struct cf_error error = error_of(hung.future);
    assert_non_null(strstr(error.message, "was stopped and did not come back"));
    assert_ended(&hung, CF_STOPPED, CF_RUNG_TERMINATED, SIGTERM);
}

static void do_nothing(int signal)
{
    (void)signal;
}

static int told_at_end; /* in a worker */

static void tell_end(size_t worker, void *state)
{
    (void)worker;
    (void)state;
    (void)tell(told_at_end, 0);
}

/* The signal that is to end the worker ends the task's sleep. */
static enum cf_status sleep_until_signal(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    sigset_t one, before;
    (void)task;
    (void)arg_bytes;
    told_at_end = ((const struct gate *)arg)->out[1];
    sigemptyset(&one);
    sigaddset(&one, SIGTERM);
    sigprocmask(SIG_BLOCK, &one, &before); /* until it sleeps */
    signal(SIGTERM, do_nothing);
    sigsuspend(&before);
    return CF_OK;
}

/* It does not stand idle for the rest of the grace, with others behind it. */
static void a_worker_that_outlives_the_signal_leaves(void **state)
{
    struct cf_options options = {.max_workers = 1, .finalizer = tell_end};
    struct cf_executor *executor;
    struct gate gate;

    (void)state;
    gate_make(&gate);
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *future = submit_call(
        executor, sleep_until_signal, &gate, sizeof gate,
        (struct cf_call){.timeout_ns = 20 * MS, .grace_ns = 3000 * MS});
    assert_status(error_of(future).status, CF_EXPIRED);
    assert_int_equal(cf_future_info(future).rung, CF_RUNG_TERMINATED);
    gate_await(&gate, 1); /* which one that is killed does not tell */
    assert_serves(executor);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_limit_holds_for_a_task_that_was_only_asked(void **state)
{
    struct hung hung;
    (void)state;
    hang(&hung, arrive_and_hang,
         (struct cf_call){.timeout_ns = 30 * MS, .grace_ns = 5 * MS});
    assert_status(cf_stop(hung.future, CF_FOREVER), CF_OK);
    assert_ended(&hung, CF_EXPIRED, CF_RUNG_TERMINATED, SIGTERM);
}

static enum cf_status spin_for(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    int64_t until_ns = now_ns() + *(const int *)arg;
    int one = 1;
    (void)arg_bytes;
    while (now_ns() < until_ns)
        ;
    return cf_return(task, &one, sizeof one);
}

/* The host's alarm rings all the time, for workers that are idle: it looks at
 * tasks which have started while it was on its way. */
static void a_task_within_its_limit_is_left_alone(void **state)
{
    struct cf_options options = {.max_workers = 2,
                                 .start_method = CF_START_FORK,
                                 .idle_timeout_ns = 1000};
    struct cf_call call = {.timeout_ns = 3600000 * MS};
    struct cf_executor *executor;
    struct cf_future *futures[10];
    int some_ns = 20000;

    (void)state;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    for (int round = 0; round < (is_sanitized() ? 10 : 25); round++) {
        for (int i = 0; i < 10; i++)
            futures[i] =
                submit_call(executor, spin_for, &some_ns, sizeof some_ns, call);
        for (int i = 0; i < 10; i++)
            assert_int_equal(int_result(futures[i]), 1);
    }
    cf_executor_destroy(executor);
}

/* Arrives at a gate and computes a little longer. */
static enum cf_status arrive_and_end(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    const struct gate *gate = arg;
    int length_ns = 50000;
    (void)arg_bytes;
    if (!tell(gate->out[1], 0))
        return cf_raise(task, 1, "the gate is broken");
    return spin_for(task, &length_ns, sizeof length_ns);
}

struct arrival {
    struct gate gate;
    int length_ns;
};

static enum cf_status arrive_and_end_later(struct cf_task *task,
                                           const void *arg, size_t arg_bytes)
{
    const struct arrival *arrival = arg;
    (void)arg_bytes;
    if (!tell(arrival->gate.out[1], 0))
        return cf_raise(task, 1, "the gate is broken");
    return spin_for(task, &arrival->length_ns, sizeof arrival->length_ns);
}

/* Two tasks in one worker; the first is stopped about when it ends, the second
 * runs long enough to be hit in its place. */
static void a_stop_that_races_with_the_end_costs_no_other_task(void **state)
{
    int rounds = races_of(), stopped = 0;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);

    (void)state;
    for (int i = 0; i < rounds; i++) {
        struct cf_future *first =
            submit(executor, arrive_and_end, &gate, sizeof gate);
        struct cf_future *second = submit_int(executor, spin_for, 300000);
        gate_await(&gate, 1);
        int64_t until_ns = now_ns() + i % 1000 * 7919 % 70000;
        while (now_ns() < until_ns)
            ;
        enum cf_status status = cf_stop(first, 0);
        assert_true(status == CF_OK || status == CF_INVALID);
        status = error_of(first).status;
        assert_true(status == CF_OK || status == CF_STOPPED);
        stopped += status == CF_STOPPED;
        cf_future_release(first);
        assert_int_equal(int_result(second), 1);
    }
    print_message("%d of %d stopped\n", stopped, rounds);
    assert_int_equal(cf_executor_stats(executor).crashed, 0);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* The same where the second was taken back meanwhile, since the first takes long:
 * it has to be given out again by who sees that end. The moment is short, so it
 * is tried for more than a second. */
static void a_stop_that_races_with_a_long_tasks_end_loses_no_other(void **state)
{
    enum { LONG_NS = 12000000, ROUNDS = 100 };
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    for (int i = 0; i < ROUNDS; i++) {
        struct arrival arrival = {.gate = gate, .length_ns = LONG_NS};
        struct cf_future *first =
            submit(executor, arrive_and_end_later, &arrival, sizeof arrival);
        struct cf_future *second = submit_int(executor, spin_for, 1000);
        gate_await(&gate, 1);
        int64_t until_ns = now_ns() + LONG_NS + (i - ROUNDS / 2) * 400;
        while (now_ns() < until_ns)
            ;
        (void)!cf_stop(first, CF_FOREVER); /* asks at the most */
        assert_int_equal(int_result(first), 1);
        assert_int_equal(int_result(second), 1);
    }
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* The same for limits, with tasks that end at about theirs. */
static void a_limit_that_races_with_the_end_costs_no_other_task(void **state)
{
    int rounds = races_of(), expired = 0;
    struct cf_executor *executor = full_executor(1);

    (void)state;
    for (int i = 0; i < rounds; i++) {
        int length_ns = 80000 + i % 1000 * 7919 % 60000;
        struct cf_future *first =
            submit_call(executor, spin_for, &length_ns, sizeof length_ns,
                        (struct cf_call){.timeout_ns = 100000, .grace_ns = 1});
        struct cf_future *second = submit_int(executor, spin_for, 300000);
        enum cf_status status = error_of(first).status;
        assert_true(status == CF_OK || status == CF_EXPIRED);
        expired += status == CF_EXPIRED;
        cf_future_release(first);
        assert_int_equal(int_result(second), 1);
    }
    print_message("%d of %d expired\n", expired, rounds);
    assert_int_equal(cf_executor_stats(executor).crashed, 0);
    cf_executor_destroy(executor);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_that_ignores_its_limit_is_terminated),
        cmocka_unit_test(its_neighbours_go_on),
        cmocka_unit_test(a_task_that_ignores_that_too_is_killed),
        cmocka_unit_test(
            a_stopped_process_is_ended_past_its_limit_all_the_same),
        cmocka_unit_test(a_stop_ends_a_task_after_its_grace),
        cmocka_unit_test(a_stop_without_grace_ends_it_at_once),
        cmocka_unit_test(a_worker_that_outlives_the_signal_leaves),
        cmocka_unit_test(a_limit_holds_for_a_task_that_was_only_asked),
        cmocka_unit_test(a_task_within_its_limit_is_left_alone),
        cmocka_unit_test(a_stop_that_races_with_the_end_costs_no_other_task),
        cmocka_unit_test(
            a_stop_that_races_with_a_long_tasks_end_loses_no_other),
        cmocka_unit_test(a_limit_that_races_with_the_end_costs_no_other_task),
    };
    if (argc == 2)
        races = atoi(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
