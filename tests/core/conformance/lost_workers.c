/* SPDX-License-Identifier: MIT */
/* What is promised where a task does not end when it is asked: its worker is
 * given up, and the others go on without it. */
#include "conformance.h"

#include <pthread.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000LL

/* Passes the gate, and arrives once more as its very last act. */
static enum cf_status pass_and_say_so(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    enum cf_status status = stand_at_gate(task, arg, arg_bytes);
    const struct gate *gate = arg;
    if (!tell(gate->out[1], 0))
        return cf_raise(task, 2, "the gate is broken");
    return status;
}

/* A worker that does not come back, and what goes on without it. */
struct lost {
    struct gate gate;
    struct cf_executor *executor;
    struct cf_future *future;
};

static bool can_lose_workers(void)
{
    return backend == CF_THREAD || backend == CF_GIL || backend == CF_MPI;
}

static void lost_make(struct lost *lost, struct cf_call call)
{
    gate_make(&lost->gate);
    lost->executor = executor_of(1);
    lost->future = submit_call(lost->executor, pass_and_say_so, &lost->gate,
                               sizeof lost->gate, call);
    gate_await(&lost->gate, 1);
}

/* So many tasks stand at its gate. */
static void lost_end(struct lost *lost, int tasks)
{
    gate_open(&lost->gate, tasks);
    gate_await(&lost->gate, tasks);
    cf_future_release(lost->future);
    cf_executor_destroy(lost->executor);
    gate_close(&lost->gate);
}

static void a_task_that_ignores_its_limit_is_written_off(void **state)
{
    (void)state;
    SKIP_IF(!can_lose_workers(), "it cannot replace a worker");
    struct lost lost;
    lost_make(&lost, (struct cf_call){.timeout_ns = 5 * MS, .grace_ns = MS});
    struct cf_error error = outcome_of(lost.future);
    assert_status(error.status, CF_EXPIRED);
    assert_int_equal(error.rung, CF_RUNG_ABANDONED);
    assert_non_null(strstr(error.message, "did not come back"));
    assert_int_equal(cf_future_info(lost.future).rung, CF_RUNG_ABANDONED);
    assert_int_equal(cf_executor_stats(lost.executor).written_off, 1);

    /* another worker serves, with an index behind the others */
    struct cf_future *next = submit_int(lost.executor, square, 5);
    assert_int_equal(int_result(next), 25);
    assert_int_equal(cf_future_info(next).worker, 1);
    cf_future_release(next);

    /* it comes back: what it brings is dropped */
    assert_status(cf_result(lost.future, CF_FOREVER, NULL, 0), CF_EXPIRED);
    lost_end(&lost, 1);
}

static void an_executor_ends_without_a_lost_worker(void **state)
{
    (void)state;
    SKIP_IF(!can_lose_workers(), "it cannot let a worker go");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, pass_and_say_so, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_stop(future, 0), CF_OK);
    struct cf_error error = outcome_of(future);
    assert_status(error.status, CF_STOPPED);
    assert_int_equal(error.rung, CF_RUNG_ABANDONED);
    cf_executor_destroy(executor); /* the task stands at the gate */
    gate_open(&gate, 1);
    gate_await(&gate, 1); /* it goes where nobody waits for it any more */
    assert_status(outcome_of(future).status, CF_STOPPED);
    cf_future_release(future);
    gate_close(&gate);
}

static void note_call(struct cf_future *future, void *context)
{
    assert_true(cf_done(future));
    gate_pass(context);
}

static void callbacks_of_a_lost_task_run_and_may_block(void **state)
{
    (void)state;
    SKIP_IF(!can_lose_workers(), "it cannot let a worker go");
    struct gate gate;
    gate_make(&gate);
    struct lost lost;
    lost_make(&lost, (struct cf_call){.name = NULL});
    assert_status(cf_add_done_callback(lost.future, note_call, &gate), CF_OK);
    assert_status(cf_stop(lost.future, 0), CF_OK);
    gate_await(&gate, 1); /* it stands in its callback */
    /* and holds up no other limit */
    struct cf_future *next = submit_call(
        lost.executor, pass_and_say_so, &lost.gate, sizeof lost.gate,
        (struct cf_call){.timeout_ns = MS, .grace_ns = MS});
    assert_status(outcome_of(next).status, CF_EXPIRED);
    gate_open(&gate, 1);
    gate_await(&lost.gate, 1);
    cf_future_release(next);
    lost_end(&lost, 2);
    gate_close(&gate);
}

/* Runs a task that stands at the gate inside its wait, then stands there. */
static enum cf_status wait_then_pass(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    struct cf_future *inner;
    int one;

    if (cf_submit(cf_task_executor(task), stand_at_gate, arg, arg_bytes,
                  &inner) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status = cf_result(inner, CF_FOREVER, &one, sizeof one);
    cf_future_release(inner);
    if (status != CF_OK)
        return cf_raise(task, 1, "%s", cf_status_name(status));
    return pass_and_say_so(task, arg, arg_bytes);
}

/* Opens it once who joins sleeps, presumably: else it shows less. */
static void *open_later(void *gate)
{
    usleep(50000);
    gate_open(gate, 1);
    return NULL;
}

static void
what_a_lost_task_runs_in_its_wait_keeps_no_join_waiting(void **state)
{
    (void)state;
    SKIP_IF(!can_lose_workers(), "it cannot let a worker go");
    struct gate gate;
    pthread_t opener;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, wait_then_pass, &gate, sizeof gate);
    gate_await(&gate, 1); /* the inner one stands there */
    assert_status(cf_stop(future, 0), CF_OK);
    assert_status(outcome_of(future).status, CF_STOPPED);
    assert_int_equal(pthread_create(&opener, NULL, open_later, &gate), 0);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    pthread_join(opener, NULL);
    gate_await(&gate, 1); /* the outer one */
    gate_open(&gate, 1);
    gate_await(&gate, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* A task's end and a stop without grace at the same moment: one outcome. */
static void a_stop_that_races_with_the_end_has_one_winner(void **state)
{
    (void)state;
    SKIP_IF(!can_lose_workers(), "it cannot let a worker go");
    struct cf_executor *executor = executor_of(2);
    int stopped = 0, ended = 0;
    for (int i = 0; i < 3000; i++) {
        struct cf_future *future = submit_int(executor, square, 3);
        enum cf_status stop = cf_stop(future, 0);
        struct cf_error error = outcome_of(future);
        assert_true(stop == CF_OK || stop == CF_INVALID);
        assert_true(error.status == CF_OK || error.status == CF_STOPPED ||
                    error.status == CF_CANCELLED);
        stopped += error.status == CF_STOPPED;
        ended += error.status == CF_OK;
        cf_future_release(future);
    }
    struct cf_executor_stats stats = cf_executor_stats(executor);
    assert_int_equal(stats.succeeded, ended);
    assert_int_equal(stats.stopped, stopped);
    assert_int_equal(stats.cancelled, 3000 - ended - stopped);
    assert_int_equal(stats.unfinished, 0);
    cf_executor_destroy(executor);
}

static enum cf_status loop_until_asked(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    while (!cf_stopping(task))
        usleep(1000);
    return CF_OK;
}

/* Waits for two with a limit, of which the second reaches it. */
static enum cf_status wait_for_limited(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    static cf_function *const functions[] = {square, loop_until_asked};
    static const int64_t limits_ns[] = {20000000000, 20000000};
    int told[2];

    (void)arg, (void)arg_bytes;
    for (int i = 0; i < 2; i++) {
        struct cf_call call = {.timeout_ns = limits_ns[i],
                               .grace_ns = 20000000000};
        struct cf_future *future;
        if (cf_submit_call(cf_task_executor(task), functions[i], &(int){4},
                           sizeof(int), &call, &future) != CF_OK)
            return CF_SYSTEM;
        told[i] = (int)cf_result(future, CF_FOREVER, &(int){0}, sizeof(int));
        cf_future_release(future);
    }
    return cf_return(task, told, sizeof told);
}

static void the_only_worker_may_wait_for_tasks_with_a_limit(void **state)
{
    int told[2];

    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit(executor, wait_for_limited, NULL, 0);
    assert_status(cf_result(future, 30000000000, told, sizeof told), CF_OK);
    assert_status((enum cf_status)told[0], CF_OK);
    assert_status((enum cf_status)told[1], CF_EXPIRED);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int run_lost_worker_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_only_worker_may_wait_for_tasks_with_a_limit),
        cmocka_unit_test(a_task_that_ignores_its_limit_is_written_off),
        cmocka_unit_test(an_executor_ends_without_a_lost_worker),
        cmocka_unit_test(callbacks_of_a_lost_task_run_and_may_block),
        cmocka_unit_test(
            what_a_lost_task_runs_in_its_wait_keeps_no_join_waiting),
        cmocka_unit_test(a_stop_that_races_with_the_end_has_one_winner),
    };
    return cmocka_run_group_tests_name("lost workers", tests, NULL, NULL);
}
