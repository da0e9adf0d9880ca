/* SPDX-License-Identifier: MIT */
/* How a running task is ended by others: limits, stops; and how often it may
 * try. */
#include "conformance.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

#define MS 1000000LL

/* Arrives at the gate, then works until it is asked to end. */
static enum cf_status work_until_asked(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    const struct gate *gate = arg;
    int seven = 7;
    (void)arg_bytes;

    if (!tell(gate->out[1], 0))
        return cf_raise(task, 1, "the gate is broken");
    while (!cf_stopping(task))
        ;
    return cf_return(task, &seven, sizeof seven);
}

static struct cf_error outcome_of(struct cf_future *future)
{
    struct cf_error error;
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    return error;
}

static void a_task_past_its_limit_is_asked_and_has_expired(void **state)
{
    (void)state;
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    /* a grace so long that the test hangs if it has to be waited for */
    struct cf_future *future = submit_call(
        executor, work_until_asked, &gate, sizeof gate,
        (struct cf_call){.timeout_ns = 20 * MS, .grace_ns = CF_FOREVER});
    struct cf_error error = outcome_of(future);
    assert_status(error.status, CF_EXPIRED);
    assert_int_equal(error.rung, CF_RUNG_ASKED);
    assert_non_null(strstr(error.message, "time limit of 0.02 s"));
    assert_status(cf_result(future, 0, NULL, 0), CF_EXPIRED);
    struct cf_future_info info = cf_future_info(future);
    assert_int_equal(info.rung, CF_RUNG_ASKED);
    assert_true(info.finished_ns - info.submitted_ns >= 20 * MS);
    assert_int_equal(cf_executor_stats(executor).expired, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_limit_counts_from_the_start_of_the_task(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing ever waits to start");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *first =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    int six = 6;
    struct cf_future *second =
        submit_call(executor, square, &six, sizeof six,
                    (struct cf_call){.timeout_ns = 30 * MS});
    gate_await(&gate, 1);
    /* longer in the queue than its limit */
    assert_status(cf_result(second, 60 * MS, NULL, 0), CF_TIMEOUT);
    gate_open(&gate, 1);
    assert_int_equal(int_result(second), 36);
    cf_future_release(first);
    cf_future_release(second);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void tasks_within_their_limit_are_left_alone(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    for (int i = 0; i < 2000; i++) {
        struct cf_future *future =
            submit_call(executor, square, &i, sizeof i,
                        (struct cf_call){.timeout_ns = 3600000 * MS});
        assert_int_equal(int_result(future), i * i);
        assert_int_equal(cf_future_info(future).rung, CF_RUNG_NONE);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

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

static void a_stopped_task_that_comes_back_keeps_its_outcome(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the task has ended before it can be stopped");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, work_until_asked, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_stop(future, CF_FOREVER), CF_OK);
    assert_int_equal(int_result(future), 7);
    assert_int_equal(cf_future_info(future).rung, CF_RUNG_ASKED);
    assert_int_equal(outcome_of(future).rung, CF_RUNG_ASKED);
    assert_status(cf_stop(future, CF_FOREVER), CF_INVALID);
    cf_future_release(future);

    /* and one whose ladder was to go on */
    future = submit(executor, work_until_asked, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_stop(future, 3600000 * MS), CF_OK);
    assert_int_equal(int_result(future), 7);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void a_pending_task_that_is_stopped_is_cancelled(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *running =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    struct cf_future *pending = submit_int(executor, square, 1);
    assert_status(cf_stop(pending, 0), CF_OK);
    assert_true(cf_cancelled(pending));
    assert_status(cf_stop(pending, 0), CF_INVALID);
    gate_open(&gate, 1);
    int_result(running);
    cf_future_release(running);
    cf_future_release(pending);
    cf_executor_destroy(executor);
    gate_close(&gate);
    assert_status(cf_stop(NULL, 0), CF_INVALID);
    struct cf_future *promise;
    assert_status(cf_future_create(&promise), CF_OK);
    assert_status(cf_future_start(promise), CF_OK);
    assert_status(cf_stop(promise, 0), CF_UNSUPPORTED);
    cf_future_release(promise);
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

/* --- further attempts --- */

/* Succeeds in the attempt that its argument names, and tells which it was. */
static enum cf_status succeed_in_attempt(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    int attempt = (int)cf_task_attempt(task);
    (void)arg_bytes;
    if (attempt < *(const int *)arg)
        return cf_raise(task, attempt, "attempt %d", attempt);
    return cf_return(task, &attempt, sizeof attempt);
}

static void a_failed_task_is_tried_again_as_often_as_it_may(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    int three = 3;
    struct cf_future *future =
        submit_call(executor, succeed_in_attempt, &three, sizeof three,
                    (struct cf_call){.retries = 2});
    assert_int_equal(int_result(future), 3);
    assert_int_equal(cf_future_info(future).attempt, 3);
    assert_int_equal(cf_executor_stats(executor).retried, 2);
    cf_future_release(future);

    future = submit_call(executor, succeed_in_attempt, &three, sizeof three,
                         (struct cf_call){.retries = 1});
    struct cf_error error = outcome_of(future);
    assert_status(error.status, CF_EXCEPTION);
    assert_int_equal(error.code, 2);
    assert_string_equal(error.message, "attempt 2");
    assert_int_equal(cf_future_info(future).attempt, 2);
    cf_future_release(future);

    future = submit_call(
        executor, succeed_in_attempt, &three, sizeof three,
        (struct cf_call){.retries = 5, .retry_on = CF_RETRY_EXPIRED});
    assert_int_equal(outcome_of(future).code, 1); /* not that failure */
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Works until it is asked, but for the second attempt. */
static enum cf_status hurry_next_time(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    if (cf_task_attempt(task) == 2)
        return cf_stopping(task) ? cf_raise(task, 1, "still asked") : CF_OK;
    while (!cf_stopping(task))
        ;
    return CF_OK;
}

static void an_expired_attempt_may_be_followed_by_another(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit_call(
        executor, hurry_next_time, NULL, 0,
        (struct cf_call){
            .timeout_ns = 10 * MS, .grace_ns = CF_FOREVER, .retries = 3});
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    assert_int_equal(cf_future_info(future).attempt, 2);
    assert_int_equal(cf_future_info(future).rung, CF_RUNG_NONE);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* Arrives at the gate, works until asked, fails. */
static enum cf_status fail_when_asked(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    enum cf_status status = work_until_asked(task, arg, arg_bytes);
    return status == CF_OK ? cf_raise(task, 4, "as asked") : status;
}

static void a_stopped_task_is_not_tried_again(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the task has ended before it can be stopped");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit_call(executor, fail_when_asked, &gate, sizeof gate,
                    (struct cf_call){.retries = 1000});
    gate_await(&gate, 1);
    assert_status(cf_stop(future, CF_FOREVER), CF_OK);
    assert_int_equal(outcome_of(future).code, 4);
    assert_int_equal(cf_future_info(future).attempt, 1);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void nonsense_about_a_call_is_refused(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    static const struct cf_call calls[] = {
        {.timeout_ns = -1},
        {.grace_ns = -1},
        {.retry_on = 8},
        {.reserved = {1}},
    };
    for (size_t i = 0; i < sizeof calls / sizeof calls[0]; i++) {
        struct cf_future *future = (struct cf_future *)executor;
        assert_status(
            cf_submit_call(executor, square, "four", 4, &calls[i], &future),
            CF_INVALID);
        assert_null(future);
    }
    cf_executor_destroy(executor);
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

int run_ending_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_task_past_its_limit_is_asked_and_has_expired),
        cmocka_unit_test(a_limit_counts_from_the_start_of_the_task),
        cmocka_unit_test(tasks_within_their_limit_are_left_alone),
        cmocka_unit_test(a_task_that_ignores_its_limit_is_written_off),
        cmocka_unit_test(an_executor_ends_without_a_lost_worker),
        cmocka_unit_test(a_stopped_task_that_comes_back_keeps_its_outcome),
        cmocka_unit_test(a_pending_task_that_is_stopped_is_cancelled),
        cmocka_unit_test(callbacks_of_a_lost_task_run_and_may_block),
        cmocka_unit_test(a_failed_task_is_tried_again_as_often_as_it_may),
        cmocka_unit_test(an_expired_attempt_may_be_followed_by_another),
        cmocka_unit_test(a_stopped_task_is_not_tried_again),
        cmocka_unit_test(nonsense_about_a_call_is_refused),
        cmocka_unit_test(a_stop_that_races_with_the_end_has_one_winner),
    };
    return cmocka_run_group_tests_name("endings", tests, NULL, NULL);
}
