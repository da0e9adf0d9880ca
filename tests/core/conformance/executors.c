/* SPDX-License-Identifier: MIT */
/* What an executor promises: order, workers, shutdown, forks. */
#include "conformance.h"

#include "../inherited.h"

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

/* --- a thread that is cancelled --- */

static enum cf_status return_a_new_buffer(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    struct cf_buffer *made;

    (void)arg;
    (void)arg_bytes;
    if (cf_task_buffer(task, 0) == NULL || cf_buffer_create(8, &made) != CF_OK)
        return cf_raise(task, 1, "no buffer");
    enum cf_status status = cf_return_buffer(task, made);
    cf_buffer_release(made);
    return status;
}

/* A task that takes a buffer and brings one: a worker's start, what is sent to
 * it and what it sends are all in there. No thread is to be cancelled amid. */
static void *submit_though_cancelled(void *context)
{
    struct cf_executor *executor = context;
    struct cf_buffer *taken, *brought;
    struct cf_future *future;

    pthread_cancel(pthread_self());
    if (cf_buffer_create(8, &taken) != CF_OK)
        return NULL;
    struct cf_call call = {.buffers = &taken, .buffer_count = 1};
    if (cf_submit_call(executor, return_a_new_buffer, NULL, 0, &call,
                       &future) != CF_OK ||
        cf_result_buffer(future, CF_FOREVER, &brought) != CF_OK)
        return NULL;
    cf_buffer_release(brought);
    cf_future_release(future);
    cf_buffer_release(taken);
    return executor;
}

static void a_thread_is_not_cancelled_while_it_submits_or_waits(void **state)
{
    (void)state;
    struct cf_executor *executor = executor_of(1);
    pthread_t thread;
    void *came;
    int fd;

    assert_status(cf_executor_fd(executor, &fd), CF_OK); /* is written to */
    assert_int_equal(
        pthread_create(&thread, NULL, submit_though_cancelled, executor), 0);
    assert_int_equal(pthread_join(thread, &came), 0);
    assert_ptr_equal(came, executor);
    struct cf_future *future = submit_int(executor, square, 4);
    assert_int_equal(int_result(future), 16);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void inherited_handles_are_broken_in_a_forked_child(void **state)
{
    (void)state;
    SKIP_IF(backend == CF_OPENMP && getenv("CF_SANITIZE") != NULL &&
                strcmp(getenv("CF_SANITIZE"), "thread") == 0,
            "the OpenMP runtime is not known to the sanitizer");
    struct inherited inherited;
    inherited_make(&inherited, create_by_method, backend);
    inherited_try(&inherited);
    inherited_release(&inherited);
}

struct told {
    int times;
    int code;
    char name[32];
};

/* Whoever frees a future calls it: two threads at once, it may be. */
static void remember(const char *name, const struct cf_error *error,
                     void *context)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    struct told *told = context;

    pthread_mutex_lock(&lock);
    told->times++;
    told->code = error->code;
    strncpy(told->name, name, sizeof told->name - 1);
    pthread_mutex_unlock(&lock);
}

static void count_ten(size_t workers)
{
    struct told told = {0};
    struct cf_options options = {.max_workers = workers,
                                 .on_error = remember,
                                 .on_error_context = &told};
    struct cf_executor *executor;

    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    for (int i = 0; i < 10; i++) {
        struct cf_future *future = submit_int(executor, odd_ones_fail, i);
        assert_status(cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                      CF_OK);
        if (i % 4 == 1) /* reads some of the errors, not all */
            assert_status(cf_result(future, 0, NULL, 0), CF_EXCEPTION);
        cf_future_release(future);
    }
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER), CF_OK);
    struct cf_executor_stats stats = cf_executor_stats(executor);
    assert_int_equal(stats.submitted, 10);
    assert_int_equal(stats.succeeded, 5);
    assert_int_equal(stats.failed, 5);
    assert_int_equal(stats.unfinished, 0);
    assert_int_equal(stats.cancelled + stats.crashed + stats.broken, 0);
    /* an error is counted when its future is freed, perhaps by who ended it, a
     * moment later: before he ends the next where all are ended by one, and
     * before he is gone */
    if (workers == 1 && backend != CF_PROCESS)
        assert_int_equal(stats.unread_errors, 2);
    assert_true(stats.unread_errors <= 2);
    cf_executor_destroy(executor);
    if (backend != CF_MPI)
        assert_int_equal(told.times, 2);
}

static void stats_count_every_ending(void **state)
{
    (void)state;
    count_ten(1);
    count_ten(2);
    assert_int_equal(cf_executor_stats(NULL).submitted, 0);
}

static void an_error_that_nobody_reads_is_told(void **state)
{
    (void)state;
    struct told told = {0};
    struct cf_options options = {
        .max_workers = 1, .on_error = remember, .on_error_context = &told};
    struct cf_executor *executor;
    struct cf_future *read, *unread, *fine;
    int seven = 7;

    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    read = submit_int(executor, fail_with, 3);
    fine = submit_int(executor, square, 3);
    assert_status(cf_submit_call(executor, fail_with, &seven, sizeof seven,
                                 &(struct cf_call){.name = "unlucky"}, &unread),
                  CF_OK);
    assert_status(cf_result(read, CF_FOREVER, NULL, 0), CF_EXCEPTION);
    cf_executor_destroy(executor);
    cf_future_release(read);
    cf_future_release(fine);
    assert_int_equal(told.times, 0);
    cf_future_release(unread); /* also after the executor's end */
    assert_int_equal(told.times, 1);
    assert_int_equal(told.code, 7);
    assert_string_equal(told.name, "unlucky");
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

static void no_item(const void *item, void *result)
{
    (void)item, (void)result;
}

static enum cf_status fail_to_begin(size_t worker, const void *arg,
                                    size_t arg_bytes, void **state)
{
    (void)worker, (void)arg, (void)arg_bytes, (void)state;
    return CF_NOMEM;
}

/* The call tells how its chunks ended: nobody else could ask them. */
static void an_array_that_is_not_filled_leaves_no_unread_error(void **state)
{
    struct told told = {0};
    struct cf_options options = {.max_workers = 2,
                                 .initializer = fail_to_begin,
                                 .on_error = remember,
                                 .on_error_context = &told};
    struct cf_executor *executor;

    (void)state;
    enum cf_status status = cf_executor_create(backend, &options, &executor);
    SKIP_IF(status == CF_BROKEN, "it begins at the creation");
    assert_status(status, CF_OK);
    assert_status(cf_map_into(executor, no_item, NULL, 0, NULL, 0, 64, NULL),
                  CF_BROKEN);
    cf_executor_destroy(executor);
    assert_int_equal(told.times, 0);
}

int run_executor_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_once),
        cmocka_unit_test(one_worker_starts_tasks_in_order),
        cmocka_unit_test(three_submits_one_after_the_other_use_one_worker),
        cmocka_unit_test(tasks_run_side_by_side),
        cmocka_unit_test(workers_are_counted_and_bounded),
        cmocka_unit_test(executors_live_side_by_side),
        cmocka_unit_test(a_thread_is_not_cancelled_while_it_submits_or_waits),
        cmocka_unit_test(inherited_handles_are_broken_in_a_forked_child),
        cmocka_unit_test(stats_count_every_ending),
        cmocka_unit_test(an_error_that_nobody_reads_is_told),
        cmocka_unit_test(an_array_that_is_not_filled_leaves_no_unread_error),
        cmocka_unit_test(submit_refuses_nonsense),
    };
    return cmocka_run_group_tests_name("executor", tests, NULL, NULL);
}
