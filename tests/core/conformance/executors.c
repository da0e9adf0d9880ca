/* SPDX-License-Identifier: MIT */
/* What an executor promises: order, workers, shutdown, forks. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define MS 1000000LL

static void every_task_runs_once(void **state)
{
    enum { TASKS = 20000 };
    (void)state;
    struct cf_executor *executor = executor_of(4);
    struct cf_future **futures = calloc(TASKS, sizeof futures[0]);
    long sum = 0;

    for (int i = 0; i < TASKS; i++)
        futures[i] = submit(executor, echo, &i, sizeof i);
    for (int i = 0; i < TASKS; i++) {
        assert_int_equal(int_result(futures[i]), i);
        sum += int_result(futures[i]);
        cf_future_release(futures[i]);
    }
    assert_int_equal(sum, (long)TASKS * (TASKS - 1) / 2);
    free(futures);
    cf_executor_destroy(executor);
}

static void one_worker_starts_tasks_in_order(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *futures[60];
    struct cf_iterator *iterator;
    int items[20] = {0};

    /* submits, a map, submits: one order over both ways in */
    for (int i = 0; i < 20; i++)
        futures[i] = submit_int(executor, square, i);
    assert_status(
        cf_map(executor, square, items, sizeof items[0], 20, NULL, &iterator),
        CF_OK);
    for (int i = 40; i < 60; i++)
        futures[i] = submit_int(executor, square, i);
    for (int i = 20; i < 40; i++) {
        struct cf_future *future;
        assert_status(cf_next(iterator, &future), CF_OK);
        futures[i] = cf_future_retain(future);
    }
    int64_t before_ns = 0;
    for (int i = 0; i < 60; i++) {
        int_result(futures[i]);
        struct cf_future_info info = cf_future_info(futures[i]);
        assert_true(info.started_ns >= before_ns);
        before_ns = info.finished_ns;
        cf_future_release(futures[i]);
    }
    cf_iterator_release(iterator);
    cf_executor_destroy(executor);
}

static void three_submits_one_after_the_other_use_one_worker(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_OPENMP, "the team wakes whichever member sleeps");
    struct cf_executor *executor = executor_of(4);
    for (int i = 0; i < 3; i++) {
        struct cf_future *future = submit_int(executor, square, i);
        int_result(future);
        assert_int_equal(cf_future_info(future).worker, 0);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
}

static void tasks_run_side_by_side(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "there is no worker");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(3);
    struct cf_future *futures[3];
    for (int i = 0; i < 3; i++)
        futures[i] = submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 3); /* all three stand there at once */
    gate_open(&gate, 3);
    for (int i = 0; i < 3; i++) {
        int_result(futures[i]);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void workers_are_counted_and_bounded(void **state)
{
    (void)state;
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = 3, .start_all = true};
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    assert_int_equal(cf_executor_workers(executor), is_serial() ? 1 : 3);
    assert_ptr_equal(cf_executor_backend(executor), backend);
    cf_executor_destroy(executor);

    assert_true(cf_backend_default_workers(backend) >= 1);
    options.max_workers = 65537;
    assert_status(cf_executor_create(backend, &options, &executor), CF_INVALID);
    assert_null(executor);
    options = (struct cf_options){.reserved = {0, 1}};
    assert_status(cf_executor_create(backend, &options, &executor), CF_INVALID);
    assert_status(cf_executor_create(NULL, NULL, &executor), CF_INVALID);
    assert_status(cf_executor_create(backend, NULL, NULL), CF_INVALID);
    cf_executor_destroy(NULL);
}

static void shutdown_runs_what_is_queued_and_takes_no_more(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(2);
    struct cf_future *futures[50], *refused;
    for (int i = 0; i < 50; i++)
        futures[i] = submit_int(executor, square, i);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    assert_status(cf_submit(executor, square, "four", 4, &refused),
                  CF_SHUTDOWN);
    assert_null(refused);
    for (int i = 0; i < 50; i++)
        assert_true(cf_done(futures[i]));
    cf_executor_destroy(executor);
    for (int i = 0; i < 50; i++) { /* futures outlive their executor */
        assert_int_equal(int_result(futures[i]), i * i);
        cf_future_release(futures[i]);
    }
}

static void shutdown_may_cancel_what_has_not_started(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *running =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    struct cf_future *futures[20];
    struct cf_iterator *iterator;
    struct cf_future *future;
    int items[10] = {0};

    gate_await(&gate, 1);
    for (int i = 0; i < 20; i++)
        futures[i] = submit_int(executor, square, i);
    assert_status(
        cf_map(executor, square, items, sizeof items[0], 10, NULL, &iterator),
        CF_OK);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 0), CF_TIMEOUT);
    assert_status(cf_wait(futures, 20, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                  CF_OK);
    for (int i = 0; i < 20; i++) {
        assert_true(cf_cancelled(futures[i]));
        cf_future_release(futures[i]);
    }
    for (int i = 0; i < 10; i++) {
        assert_status(cf_next(iterator, &future), CF_OK);
        assert_true(cf_cancelled(future));
    }
    cf_iterator_release(iterator);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 5 * MS),
                  CF_TIMEOUT);
    gate_open(&gate, 1);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, CF_FOREVER), CF_OK);
    assert_int_equal(int_result(running), 1);
    cf_future_release(running);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static enum cf_status run_until_asked(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    const struct gate *gate = arg;
    (void)arg_bytes;
    if (write(gate->out[1], "", 1) != 1)
        return cf_raise(task, 1, "the gate is broken");
    while (!cf_stopping(task))
        ;
    return CF_OK;
}

static void shutdown_may_ask_running_tasks_to_end(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nobody could ask while the task runs");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(2);
    struct cf_future *future =
        submit(executor, run_until_asked, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_STOP, CF_FOREVER), CF_OK);
    assert_status(cf_result(future, 0, NULL, 0), CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static enum cf_status shut_down_my_executor(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    struct cf_executor *executor = cf_task_executor(task);
    if (executor == NULL)
        return cf_raise(task, 99, "no executor within reach");
    return cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER);
}

static void a_task_cannot_wait_for_the_end_of_its_executor(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), "a process worker cannot reach the executor yet");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit(executor, shut_down_my_executor, NULL, 0);
    struct cf_error error;
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.code, CF_DEADLOCK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static enum cf_status fibonacci(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    int n = *(const int *)arg, parts[2];
    struct cf_future *futures[2];
    (void)arg_bytes;

    for (int i = 0; n >= 2 && i < 2; i++) {
        int less = n - 1 - i;
        if (cf_submit(cf_task_executor(task), fibonacci, &less, sizeof less,
                      &futures[i]) != CF_OK)
            return cf_raise(task, 1, "cannot submit");
    }
    for (int i = 0; n >= 2 && i < 2; i++) {
        if (cf_result(futures[i], CF_FOREVER, &parts[i], sizeof parts[i]) !=
            CF_OK)
            return cf_raise(task, 2, "no part");
        cf_future_release(futures[i]);
    }
    if (n >= 2)
        n = parts[0] + parts[1];
    return cf_return(task, &n, sizeof n);
}

static void tasks_that_wait_for_their_own_tasks_end(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), "a process worker cannot reach the executor yet");
    for (size_t workers = 1; workers <= 3; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct cf_future *future = submit_int(executor, fibonacci, 12);
        assert_int_equal(int_result(future), 144);
        cf_future_release(future);
        cf_executor_destroy(executor);
    }
}

/* Two tasks that wait for each other: the first finds the second's future in
 * shared memory once both are submitted. */
struct circle {
    struct cf_future *futures[2];
    pthread_barrier_t both_submitted;
};

static enum cf_status wait_for_the_other(struct cf_task *task, const void *arg,
                                         size_t arg_bytes)
{
    struct circle *circle = *(struct circle *const *)arg;
    size_t me = ((struct circle *const *)arg)[1] != NULL;
    (void)arg_bytes;

    cf_blocking_begin(task);
    if (me == 0)
        pthread_barrier_wait(&circle->both_submitted);
    cf_blocking_end(task);
    enum cf_status status =
        cf_result(circle->futures[1 - me], CF_FOREVER, NULL, 0);
    return cf_raise(task, (int)status, "%s", cf_last_error().text);
}

static void two_tasks_that_wait_for_each_other_are_told(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "the second task ends before the first is submitted");
    SKIP_IF(is_remote(), "a process worker cannot reach the futures yet");
    for (size_t workers = 1; workers <= 3; workers++) {
        struct cf_executor *executor = executor_of(workers);
        struct circle circle;
        struct cf_error errors[2];
        pthread_barrier_init(&circle.both_submitted, NULL, 2);
        for (size_t i = 0; i < 2; i++) {
            struct circle *arg[2] = {&circle, i == 0 ? NULL : &circle};
            struct cf_call call = {.name = i == 0 ? "hen" : "egg"};
            assert_status(cf_submit_call(executor, wait_for_the_other, arg,
                                         sizeof arg, &call, &circle.futures[i]),
                          CF_OK);
            if (i == 0)
                continue;
            pthread_barrier_wait(&circle.both_submitted);
        }
        for (size_t i = 0; i < 2; i++)
            assert_status(
                cf_future_error(circle.futures[i], CF_FOREVER, &errors[i]),
                CF_OK);
        /* whoever closed the circle was refused, the other got its failure */
        assert_int_equal(errors[0].code + errors[1].code,
                         CF_DEADLOCK + CF_EXCEPTION);
        assert_true(
            strcmp(errors[0].message, "a circle of waits: hen waits for egg "
                                      "waits for hen") == 0 ||
            strcmp(errors[1].message, "a circle of waits: egg waits for hen "
                                      "waits for egg") == 0);
        for (size_t i = 0; i < 2; i++)
            cf_future_release(circle.futures[i]);
        cf_executor_destroy(executor);
        pthread_barrier_destroy(&circle.both_submitted);
    }
}

static void executors_live_side_by_side(void **state)
{
    (void)state;
    struct cf_executor *executors[4];
    struct cf_future *futures[4];
    for (int i = 0; i < 4; i++)
        executors[i] = executor_of(2);
    for (int i = 0; i < 4; i++)
        futures[i] = submit_int(executors[i], square, i);
    cf_executor_destroy(executors[1]);
    for (int i = 0; i < 4; i++) {
        assert_int_equal(int_result(futures[i]), i * i);
        cf_future_release(futures[i]);
        if (i != 1)
            cf_executor_destroy(executors[i]);
    }
}

static int act_as_child(struct cf_executor *executor, struct cf_future *done,
                        struct cf_future *pending)
{
    struct cf_future *refused;
    int result;

    if (cf_submit(executor, square, "four", 4, &refused) != CF_BROKEN)
        return 1;
    if (cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER) != CF_BROKEN)
        return 2;
    if (cf_result(done, CF_FOREVER, &result, sizeof result) != CF_OK ||
        result != 9)
        return 3;
    if (!is_serial() &&
        cf_result(pending, CF_FOREVER, &result, sizeof result) != CF_BROKEN)
        return 4;
    if (cf_cancel(pending))
        return 5;
    cf_future_release(done);
    cf_future_release(pending);
    cf_executor_destroy(executor);
    return 0;
}

static void inherited_handles_are_broken_in_a_forked_child(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_OPENMP && getenv("CF_SANITIZE") != NULL &&
                strcmp(getenv("CF_SANITIZE"), "thread") == 0,
            "the OpenMP runtime is not known to the sanitizer");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *done = submit_int(executor, square, 3);
    int_result(done);
    struct cf_future *pending =
        is_serial() ? submit_int(executor, square, 2)
                    : submit(executor, stand_at_gate, &gate, sizeof gate);
    if (!is_serial())
        gate_await(&gate, 1);
    pid_t child = fork();
    if (child == 0)
        _exit(act_as_child(executor, done, pending));
    int status;
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_int_equal(status, 0);
    gate_open(&gate, 1);
    cf_future_release(done);
    cf_future_release(pending);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

struct race {
    struct cf_executor *executor;
    _Atomic int accepted;
};

static void *submit_until_refused(void *argument)
{
    struct race *race = argument;
    struct cf_future *future;
    int number = 1;
    while (cf_submit(race->executor, square, &number, sizeof number, &future) ==
           CF_OK) {
        race->accepted++;
        if (cf_result(future, CF_FOREVER, &number, sizeof number) != CF_OK)
            abort(); /* accepted and not resolved */
        cf_future_release(future);
    }
    return NULL;
}

static void
a_submit_that_races_with_shutdown_is_resolved_or_refused(void **state)
{
    (void)state;
    for (int round = 0; round < 20; round++) {
        struct race race = {executor_of(2), 0};
        pthread_t threads[2];
        for (int i = 0; i < 2; i++)
            pthread_create(&threads[i], NULL, submit_until_refused, &race);
        struct cf_future *future = submit_int(race.executor, square, 1);
        int_result(future);
        cf_future_release(future);
        assert_status(cf_shutdown(race.executor, CF_SHUTDOWN_DRAIN, CF_FOREVER),
                      CF_OK);
        for (int i = 0; i < 2; i++)
            pthread_join(threads[i], NULL);
        cf_executor_destroy(race.executor);
    }
}

static void submit_refuses_nonsense(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future;
    assert_status(cf_submit(NULL, square, NULL, 0, &future), CF_INVALID);
    assert_status(cf_submit(executor, NULL, NULL, 0, &future), CF_INVALID);
    assert_status(cf_submit(executor, square, NULL, 4, &future), CF_INVALID);
    assert_status(cf_submit(executor, square, NULL, 0, NULL), CF_INVALID);
    assert_status(cf_shutdown(NULL, CF_SHUTDOWN_DRAIN, 0), CF_INVALID);
    assert_status(cf_shutdown(executor, (enum cf_shutdown_how)7, 0),
                  CF_INVALID);
    cf_executor_destroy(executor);
}

int run_executor_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(one_worker_starts_tasks_in_order),
        cmocka_unit_test(three_submits_one_after_the_other_use_one_worker),
        cmocka_unit_test(tasks_run_side_by_side),
        cmocka_unit_test(workers_are_counted_and_bounded),
        cmocka_unit_test(shutdown_runs_what_is_queued_and_takes_no_more),
        cmocka_unit_test(shutdown_may_cancel_what_has_not_started),
        cmocka_unit_test(shutdown_may_ask_running_tasks_to_end),
        cmocka_unit_test(a_task_cannot_wait_for_the_end_of_its_executor),
        cmocka_unit_test(tasks_that_wait_for_their_own_tasks_end),
        cmocka_unit_test(two_tasks_that_wait_for_each_other_are_told),
        cmocka_unit_test(executors_live_side_by_side),
        cmocka_unit_test(inherited_handles_are_broken_in_a_forked_child),
        cmocka_unit_test(
            a_submit_that_races_with_shutdown_is_resolved_or_refused),
        cmocka_unit_test(submit_refuses_nonsense),
    };
    return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
