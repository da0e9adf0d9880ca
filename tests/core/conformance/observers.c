/* SPDX-License-Identifier: MIT */
/* What an observer is told of tasks and workers. */
#include "conformance.h"

#include <pthread.h>
#include <string.h>

struct log {
    pthread_mutex_t lock;
    size_t count;
    struct cf_event events[32];
    char names[32][16];
};

static void keep(const struct cf_event *event, void *context)
{
    struct log *log = context;

    pthread_mutex_lock(&log->lock);
    if (log->count < 32) {
        log->events[log->count] = *event;
        strncpy(log->names[log->count++], event->name, 15);
    }
    pthread_mutex_unlock(&log->lock);
}

static const struct cf_event *find(const struct log *log,
                                   enum cf_event_kind kind)
{
    for (size_t i = 0; i < log->count; i++)
        if (log->events[i].kind == kind)
            return &log->events[i];
    return NULL;
}

static enum cf_status burn(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    int64_t until = *(const int64_t *)arg;
    volatile int64_t sum = 0;
    (void)arg_bytes;
    for (int64_t i = 0; i < until; i++)
        sum += i;
    return cf_raise(task, 6, "burnt %d", (int)(sum & 1));
}

static void an_observer_sees_a_task_from_submit_to_end(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), "it has no observer");
    struct log log = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct cf_options options = {
        .max_workers = 1, .observer = keep, .observer_context = &log};
    struct cf_executor *executor;
    int64_t much = 20000000;
    struct cf_future *future;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    assert_status(cf_submit_call(executor, burn, &much, sizeof much,
                                 &(struct cf_call){.name = "burner"}, &future),
                  CF_OK);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_EXCEPTION);
    cf_executor_destroy(executor);

    const struct cf_event *submitted = find(&log, CF_EVENT_SUBMITTED);
    const struct cf_event *started = find(&log, CF_EVENT_STARTED);
    const struct cf_event *finished = find(&log, CF_EVENT_FINISHED);
    assert_non_null(submitted);
    assert_non_null(started);
    assert_non_null(finished);
    assert_non_null(find(&log, CF_EVENT_WORKER_STARTED));
    assert_non_null(find(&log, CF_EVENT_WORKER_ENDED));
    assert_int_equal(log.count, 5);
    assert_ptr_equal(finished->future, future);
    assert_status(finished->status, CF_EXCEPTION);
    assert_int_equal(finished->worker, 0);
    assert_int_equal(finished->attempt, 1);
    assert_true(finished->cpu_ns > 0);
    assert_true(finished->time_ns > started->time_ns);
    assert_true(finished->pid > 0);
    assert_int_equal(submitted->attempt, 0);
    assert_string_equal(log.names[finished - log.events], "burner");
    cf_future_release(future);
}

static void an_observer_sees_each_attempt_and_a_cancel(void **state)
{
    (void)state;
    SKIP_IF(is_remote(), "it has no observer");
    struct log log = {.lock = PTHREAD_MUTEX_INITIALIZER};
    struct cf_options options = {
        .max_workers = 1, .observer = keep, .observer_context = &log};
    struct cf_executor *executor;
    int nine = 9;
    struct cf_future *future;
    size_t starts = 0, ends = 0;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    assert_status(cf_submit_call(executor, fail_with, &nine, sizeof nine,
                                 &(struct cf_call){.retries = 2}, &future),
                  CF_OK);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_EXCEPTION);
    cf_future_release(future);
    cf_executor_destroy(executor);
    for (size_t i = 0; i < log.count; i++) {
        starts += log.events[i].kind == CF_EVENT_STARTED;
        ends += log.events[i].kind == CF_EVENT_FINISHED;
    }
    assert_int_equal(starts, 3);
    assert_int_equal(ends, 1);
    if (is_serial())
        return;

    struct gate gate;
    gate_make(&gate);
    log.count = 0;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *running =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    future = submit_int(executor, square, 1);
    assert_true(cf_cancel(future));
    const struct cf_event *cancelled = find(&log, CF_EVENT_FINISHED);
    assert_non_null(cancelled);
    assert_status(cancelled->status, CF_CANCELLED);
    assert_true(cancelled->worker == SIZE_MAX);
    gate_open(&gate, 1);
    int_result(running);
    cf_future_release(running);
    cf_future_release(future);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int run_observer_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_observer_sees_a_task_from_submit_to_end),
        cmocka_unit_test(an_observer_sees_each_attempt_and_a_cancel),
    };
    return cmocka_run_group_tests_name("observers", tests, NULL, NULL);
}
