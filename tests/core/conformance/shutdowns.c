/* SPDX-License-Identifier: MIT */
/* What the end of an executor promises. */
#include "conformance.h"

#include <pthread.h>
#include <stdatomic.h>
#include <unistd.h>

#define MS 1000000LL

static struct gate first_gate;

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
    if (!tell(gate->out[1], 0))
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
    SKIP_IF(backend == CF_MPI, "a task's executor is its rank's part");
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future = submit(executor, shut_down_my_executor, NULL, 0);
    struct cf_error error;
    assert_status(cf_future_error(future, CF_FOREVER, &error), CF_OK);
    assert_int_equal(error.code, CF_DEADLOCK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void *shut_down_once_a_task_runs(void *argument)
{
    struct cf_executor **executor = argument;

    gate_await(&first_gate, 1);
    assert_status(cf_shutdown(*executor, CF_SHUTDOWN_CANCEL, 0), CF_TIMEOUT);
    return NULL;
}

/* An array is handed over in parts: what is not yet, when the shutdown looks,
 * must not run either. */
static void shutdown_may_cancel_an_array_that_is_being_submitted(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nothing is ever pending");
    enum { COUNT = 50000 };
    static struct gate gates[COUNT];
    static struct cf_future *futures[COUNT];
    pthread_t thread;
    int ran = 0;

    gate_make(&first_gate);
    struct cf_executor *executor = executor_of(1);
    for (int i = 0; i < COUNT; i++)
        gates[i] = first_gate;
    pthread_create(&thread, NULL, shut_down_once_a_task_runs, &executor);
    enum cf_status status = cf_submit_many(executor, stand_at_gate, gates,
                                           sizeof gates[0], COUNT, futures);
    assert_true(status == CF_OK || status == CF_SHUTDOWN);
    pthread_join(thread, NULL);
    gate_open(&first_gate, COUNT);
    for (int i = 0; i < COUNT && futures[i] != NULL; i++) {
        status = cf_result(futures[i], CF_FOREVER, NULL, 0);
        ran += status != CF_CANCELLED;
        cf_future_release(futures[i]);
    }
    assert_int_equal(ran, 1);
    cf_executor_destroy(executor);
    gate_close(&first_gate);
}

struct race {
    struct cf_executor *executor;
    _Atomic int accepted;
};

static enum cf_status shut_down_as_item_three(struct cf_task *task,
                                              const void *arg, size_t arg_bytes)
{
    enum cf_status status = CF_TIMEOUT;

    (void)arg_bytes;
    if (*(const int *)arg == 3)
        status = cf_shutdown(cf_task_executor(task), CF_SHUTDOWN_CANCEL, 0);
    return status == CF_TIMEOUT ? CF_OK : status; /* this one still runs */
}

/* What is behind it in its chunk or its array has not started either, and is in
 * nobody's queue. */
static void shutdown_may_cancel_the_rest_of_a_chunk(void **state)
{
    (void)state;
    enum { COUNT = 50 };
    static const size_t chunks[] = {1, 7, COUNT};
    int items[COUNT];
    for (int i = 0; i < COUNT; i++)
        items[i] = i;
    for (size_t c = 0; c < sizeof chunks / sizeof chunks[0]; c++) {
        struct cf_executor *executor = executor_of(1);
        struct cf_map_options options = {.chunk = chunks[c]};
        struct cf_iterator *iterator;
        struct cf_future *future;

        assert_status(cf_map(executor, shut_down_as_item_three, items,
                             sizeof items[0], COUNT, &options, &iterator),
                      CF_OK);
        for (int i = 0; i < COUNT; i++) {
            assert_status(cf_next(iterator, &future), CF_OK);
            assert_status(cf_result(future, 0, NULL, 0),
                          i <= 3 ? CF_OK : CF_CANCELLED);
        }
        cf_iterator_release(iterator);
        cf_executor_destroy(executor);
    }
}

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

/* --- arrays of nothing --- */

static void add_up(const void *item, void *result)
{
    (void)item, (void)result;
}

static bool count(void *context, const void **arg, size_t *arg_bytes)
{
    int *pulled = context;

    (*pulled)++;
    *arg = pulled;
    *arg_bytes = sizeof *pulled;
    return true;
}

/* How each call that takes tasks answers where there are none, as one word: a
 * status that is not `expected` by its number. 0: all are. */
static int answers_differ(struct cf_executor *executor, enum cf_status expected)
{
    struct cf_iterator *iterator;
    struct cf_future *future;
    enum cf_status answers[4];
    int pulled = 0;

    answers[0] = cf_submit_many(executor, square, NULL, 4, 0, NULL);
    answers[1] = cf_map(executor, square, NULL, 4, 0, NULL, &iterator);
    if (answers[1] == CF_OK)
        cf_iterator_release(iterator);
    answers[2] = cf_map_into(executor, add_up, NULL, 4, NULL, 4, 0, NULL);
    answers[3] = expected;
    if (expected != CF_OK && cf_map_from(executor, square, count, &pulled, NULL,
                                         &iterator) == CF_OK) {
        answers[3] = cf_next(iterator, &future);
        cf_iterator_release(iterator);
    }
    for (int i = 0; i < 4; i++)
        if (answers[i] != expected)
            return 100 * (i + 1) + (int)answers[i];
    return pulled;
}

static void nothing_is_refused_as_a_task_is(void **state)
{
    (void)state;
    for (size_t most = 0; most < 2; most++) {
        struct cf_options options = {.max_workers = 1, .max_pending = most};
        struct cf_executor *executor;

        assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
        assert_int_equal(answers_differ(executor, CF_OK), 0);
        assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER),
                      CF_OK);
        assert_int_equal(answers_differ(executor, CF_SHUTDOWN), 0);
        assert_int_equal(cf_executor_stats(executor).submitted, 0);
        cf_executor_destroy(executor);
    }
}

static enum cf_status ask_behind_the_gate(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    int differ;

    (void)arg_bytes;
    if (!gate_pass(arg))
        return cf_raise(task, 1, "the gate is broken");
    differ = answers_differ(cf_task_executor(task), CF_SHUTDOWN);
    return cf_return(task, &differ, sizeof differ);
}

static void a_task_brings_in_nothing_after_a_shutdown(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "nobody could shut down while the task runs");
    SKIP_IF(backend == CF_MPI, "a rank's part takes its tasks' still");
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    struct cf_future *future =
        submit(executor, ask_behind_the_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, 0), CF_TIMEOUT);
    gate_open(&gate, 1);
    assert_int_equal(int_result(future), 0);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int run_shutdown_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(shutdown_runs_what_is_queued_and_takes_no_more),
        cmocka_unit_test(shutdown_may_cancel_what_has_not_started),
        cmocka_unit_test(shutdown_may_cancel_an_array_that_is_being_submitted),
        cmocka_unit_test(shutdown_may_cancel_the_rest_of_a_chunk),
        cmocka_unit_test(shutdown_may_ask_running_tasks_to_end),
        cmocka_unit_test(a_task_cannot_wait_for_the_end_of_its_executor),
        cmocka_unit_test(
            a_submit_that_races_with_shutdown_is_resolved_or_refused),
        cmocka_unit_test(nothing_is_refused_as_a_task_is),
        cmocka_unit_test(a_task_brings_in_nothing_after_a_shutdown),
    };
    return cmocka_run_group_tests_name("shutdown", tests, NULL, NULL);
}
