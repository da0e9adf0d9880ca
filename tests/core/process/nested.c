/* SPDX-License-Identifier: MIT */
/* Tasks of worker processes that submit tasks and wait for them, and whatever
 * dies or is ended meanwhile. */
#include "nested_tasks.h"

#include <signal.h>
#include <unistd.h>

/* Submits a task that stands at the gate, waits for it, tells how it ended. */
static enum cf_status wait_for_one_at_the_gate(struct cf_task *task,
                                               const void *arg,
                                               size_t arg_bytes)
{
    const struct plan *plan = arg;
    struct cf_future *child;
    int number = 0;

    plan->seen->pids[0] = getpid();
    if (cf_submit(cf_task_executor(task), stand, arg, arg_bytes, &child) !=
        CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status =
        cf_result(child, plan->timeout_ns, &number, sizeof number);
    struct cf_error error = {.status = CF_OK};
    if (status == CF_CRASHED && cf_future_error(child, 0, &error) == CF_OK)
        number = error.pid == plan->seen->pids[1] ? error.signal : -1;
    cf_future_release(child);
    if (status != CF_OK)
        return cf_raise(task, (int)status, "%d", number);
    return cf_return(task, &number, sizeof number);
}

/* A task that waits; another worker runs what it waits for, which stands at the
 * gate: the wait has a time-out. */
static struct cf_future *submit_a_waiter(struct cf_executor *executor,
                                         struct plan *plan)
{
    plan->timeout_ns = 3600000 * MS;
    struct cf_future *future =
        submit(executor, wait_for_one_at_the_gate, plan, sizeof *plan);
    gate_await(&plan->gate, 1);
    return future;
}

/* --- deaths in the middle --- */

static void a_worker_that_dies_in_a_wait_hangs_nobody(void **state)
{
    struct plan plan = plan_of(3);
    struct cf_executor *executor = full_executor(2);

    (void)state;
    struct cf_future *future = submit_a_waiter(executor, &plan);
    kill(plan.seen->pids[0], SIGKILL);
    assert_int_equal(error_of(future).signal, SIGKILL);
    cf_future_release(future);
    /* its child runs on, and nobody is told of its end */
    gate_open(&plan.gate, 1);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

static void the_death_of_the_one_waited_for_is_told(void **state)
{
    struct plan plan = plan_of(3);
    struct cf_executor *executor = full_executor(2);

    (void)state;
    struct cf_future *future = submit_a_waiter(executor, &plan);
    assert_int_not_equal(plan.seen->pids[0], plan.seen->pids[1]);
    kill(plan.seen->pids[1], SIGKILL);
    struct cf_error error = error_of(future);
    assert_int_equal(error.code, CF_CRASHED);
    assert_string_equal(error.message, "9");
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

static void a_worker_that_dies_in_what_it_runs_itself_fails_both(void **state)
{
    struct plan plan = plan_of(3);
    struct cf_executor *executor = full_executor(1);

    (void)state;
    struct cf_future *future =
        submit(executor, wait_for_one_at_the_gate, &plan, sizeof plan);
    gate_await(&plan.gate, 1);
    assert_int_equal(plan.seen->pids[0], plan.seen->pids[1]);
    kill(plan.seen->pids[0], SIGKILL);
    assert_status(error_of(future).status, CF_CRASHED);
    cf_future_release(future);
    assert_serves(executor);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    struct cf_executor_stats stats = cf_executor_stats(executor);
    assert_int_equal(stats.crashed, 2);
    assert_int_equal(stats.unfinished, 0);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

static enum cf_status note_start(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    (*(struct seen *const *)arg)->started++;
    return CF_OK;
}

/* Three children that it does not wait for; then it dies, or just ends. */
static enum cf_status leave_three(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    const struct plan *plan = arg;
    struct cf_future *child;

    (void)arg_bytes;
    for (int i = 0; i < 3; i++) {
        if (cf_submit(cf_task_executor(task), note_start, &plan->seen,
                      sizeof plan->seen, &child) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
        cf_future_release(child);
    }
    if (plan->number != 0)
        raise(plan->number);
    return CF_OK;
}

static void what_a_dead_task_has_submitted_never_starts(void **state)
{
    struct plan plan = plan_of(SIGKILL);
    struct cf_executor *executor = full_executor(1);

    (void)state;
    struct cf_future *future =
        submit(executor, leave_three, &plan, sizeof plan);
    assert_status(error_of(future).status, CF_CRASHED);
    cf_future_release(future);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    assert_int_equal(cf_executor_stats(executor).cancelled, 3);
    assert_int_equal(plan.seen->started, 0);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

static void what_a_task_has_left_behind_runs_without_its_worker(void **state)
{
    struct plan plan = plan_of(0);
    struct cf_options options = {.max_workers = 1,
                                 .max_tasks_per_worker = 1,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;

    (void)state;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    struct cf_future *future =
        submit(executor, leave_three, &plan, sizeof plan);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
    cf_future_release(future);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_int_equal(plan.seen->started, 3);
    assert_int_equal(cf_executor_stats(executor).succeeded, 4);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

/* Every seventh that starts takes its worker along, and with it whatever waits
 * there for others. */
static enum cf_status fibonacci(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    const struct plan *plan = arg;
    int n = plan->number, parts[2];
    struct cf_future *futures[2];
    struct cf_call again = {.retries = 1000, .retry_on = CF_RETRY_CRASHED};
    int started = ++plan->seen->started;

    if (started % 7 == 0 && started < 300)
        raise(SIGKILL);
    for (int i = 0; n >= 2 && i < 2; i++) {
        struct plan less = *plan;
        less.number = n - 1 - i;
        if (cf_submit_call(cf_task_executor(task), fibonacci, &less, arg_bytes,
                           &again, &futures[i]) != CF_OK)
            return cf_raise(task, 1, "%s", cf_last_error().text);
    }
    /* without time-out, run in the wait; with one, at the root, by a spare
     * worker, of whom there are no more than roots at a time */
    for (int i = 0; n >= 2 && i < 2; i++) {
        enum cf_status status =
            cf_result(futures[i], n == 6 && i == 1 ? 3600000 * MS : CF_FOREVER,
                      &parts[i], sizeof parts[i]);
        cf_future_release(futures[i]);
        if (status != CF_OK)
            return cf_raise(task, 2, "no part: %s", cf_last_error().text);
    }
    if (n >= 2)
        n = parts[0] + parts[1];
    return cf_return(task, &n, sizeof n);
}

static void every_result_is_right_while_workers_die_in_waits(void **state)
{
    struct plan plan = plan_of(6);
    struct cf_executor *executor = full_executor(3);
    struct cf_future *futures[8];
    struct cf_call again = {.retries = 1000, .retry_on = CF_RETRY_CRASHED};

    (void)state;
    for (int i = 0; i < 8; i++)
        futures[i] =
            submit_call(executor, fibonacci, &plan, sizeof plan, again);
    for (int i = 0; i < 8; i++)
        assert_int_equal(int_result(futures[i]), 8);
    assert_status(cf_join(executor, CF_FOREVER), CF_OK);
    assert_int_equal(cf_executor_stats(executor).unfinished, 0);
    assert_true(plan.seen->started > 100);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

/* --- ended by others --- */

static void a_task_that_waits_can_be_stopped(void **state)
{
    struct plan plan = plan_of(3);
    struct cf_executor *executor = full_executor(2);

    (void)state;
    struct cf_future *future = submit_a_waiter(executor, &plan);
    assert_status(cf_stop(future, 0), CF_OK);
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_STOPPED);
    assert_int_equal(error.pid, plan.seen->pids[0]);
    cf_future_release(future);
    gate_open(&plan.gate, 1);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

/* Waits with a time-out while the only worker there is stands at the gate. */
static void a_shutdown_ends_a_wait_for_what_is_cancelled(void **state)
{
    struct plan plan = plan_of(3);
    struct cf_executor *executor = lazy_executor(1);

    (void)state;
    struct cf_future *parent =
        submit_a_waiter(executor, &plan); /* the spare one is there */
    plan.seen->pids[0] = 0;
    struct cf_future *second =
        submit(executor, wait_for_one_at_the_gate, &plan, sizeof plan);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 0), CF_TIMEOUT);
    assert_true(cf_cancelled(second));
    gate_open(&plan.gate, 1);
    assert_int_equal(int_result(parent), 3);
    cf_future_release(second);
    cf_executor_destroy(executor);
    gate_close(&plan.gate);
}

static enum cf_status shut_down_then_submit(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *future;

    if (cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 0) != CF_TIMEOUT)
        return cf_raise(task, 1, "it has ended");
    return cf_submit(executor, square, arg, arg_bytes, &future);
}

static void a_task_may_shut_its_executor_down(void **state)
{
    struct cf_executor *executor = full_executor(1);
    int number = 2;

    (void)state;
    struct cf_future *future = submit_int(executor, shut_down_then_submit, 2);
    assert_int_equal(error_of(future).code, CF_SHUTDOWN);
    cf_future_release(future);
    assert_status(cf_submit(executor, square, &number, sizeof number, &future),
                  CF_SHUTDOWN);
    cf_executor_destroy(executor);
}

/* --- a pool inside a task --- */

static const int nap_us = 5000; /* who waits has gone to sleep by then */

/* Has a task of its executor do so, and waits for it. */
static enum cf_status have_napped(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct cf_future *child;

    if (cf_submit(cf_task_executor(task), nap, arg, arg_bytes, &child) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    enum cf_status status = cf_result(child, 10000 * MS, NULL, 0);
    cf_future_release(child);
    return status == CF_OK ? nap(task, arg, arg_bytes)
                           : cf_raise(task, 2, "%s", cf_last_error().text);
}

/* In a pool of the task's own, whose worker is forked from this one. */
static enum cf_status run_four_inside(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    cf_function *function = *(cf_function *const *)arg;
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};
    struct cf_executor *inner;
    struct cf_future *future;

    (void)arg_bytes;
    if (cf_executor_create(CF_PROCESS, &options, &inner) != CF_OK)
        return cf_raise(task, 3, "%s", cf_last_error().text);
    for (int i = 0; i < 4; i++) {
        if (cf_submit(inner, function, &nap_us, sizeof nap_us, &future) !=
            CF_OK)
            return cf_raise(task, 4, "%s", cf_last_error().text);
        enum cf_status status = cf_result(future, 10000 * MS, NULL, 0);
        cf_future_release(future);
        if (status != CF_OK)
            return cf_raise(task, 5, "%s", cf_status_name(status));
    }
    cf_executor_destroy(inner);
    return CF_OK;
}

static void a_pool_inside_a_task_hears_of_its_own_workers(void **state)
{
    cf_function *const functions[] = {nap, have_napped};
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};

    (void)state;
    /* what is done inside, the outer worker has done before */
    for (int i = 0; i < 2; i++) {
        struct cf_executor *executor;
        assert_status(cf_executor_create(CF_PROCESS, &options, &executor),
                      CF_OK);
        struct cf_future *future =
            submit(executor, functions[i], &nap_us, sizeof nap_us);
        assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_OK);
        cf_future_release(future);
        future = submit(executor, run_four_inside, &functions[i],
                        sizeof functions[i]);
        assert_string_equal(error_of(future).message, "");
        cf_future_release(future);
        cf_executor_destroy(executor);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_dies_in_a_wait_hangs_nobody),
        cmocka_unit_test(the_death_of_the_one_waited_for_is_told),
        cmocka_unit_test(a_worker_that_dies_in_what_it_runs_itself_fails_both),
        cmocka_unit_test(what_a_dead_task_has_submitted_never_starts),
        cmocka_unit_test(what_a_task_has_left_behind_runs_without_its_worker),
        cmocka_unit_test(every_result_is_right_while_workers_die_in_waits),
        cmocka_unit_test(a_task_that_waits_can_be_stopped),
        cmocka_unit_test(a_shutdown_ends_a_wait_for_what_is_cancelled),
        cmocka_unit_test(a_task_may_shut_its_executor_down),
        cmocka_unit_test(a_pool_inside_a_task_hears_of_its_own_workers),
    };
    return cmocka_run_group_tests_name("nested tasks", tests, NULL, NULL);
}
