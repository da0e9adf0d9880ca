/* SPDX-License-Identifier: MIT */
/*
 * lent LATE.so OTHER.so: a large argument whose task a worker can have at once
 * lies in that worker's memory and nowhere else. It is the submitter's again
 * when submit returns, and the task has it wherever it runs in the end.
 */
#include "process.h"

#include <dlfcn.h>
#include <signal.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "injection.h"

enum { LARGE = 40000 }; /* so that a copy of it is malloc's */

static unsigned char bytes[2500000];
static const char *late_object, *other_object;

/* The sum of its bytes. */
static enum cf_status add_up(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int sum = 0;

    for (size_t i = 0; i < arg_bytes; i++)
        sum += ((const unsigned char *)arg)[i];
    return cf_return(task, &sum, sizeof sum);
}

/* `count` bytes whose sum is that number, overwritten afterwards. */
static struct cf_future *submit_large(struct cf_executor *executor,
                                      size_t count, int sum)
{
    memset(bytes, 0, count);
    for (size_t i = 0; sum > 0; i += count / 256) {
        bytes[i] = sum < 255 ? (unsigned char)sum : 255;
        sum -= bytes[i];
    }
    struct cf_future *future = submit(executor, add_up, bytes, count);
    memset(bytes, 1, count);
    return future;
}

/* Stops the worker that gets the next task. */
static int stop_next(struct cf_executor *executor)
{
    int pid = int_result(submit_int(executor, tell_pid, 0));
    assert_int_equal(kill(pid, SIGSTOP), 0);
    return pid;
}

static void busy_or_not_the_argument_may_be_overwritten_at_once(void **state)
{
    enum { COUNT = 60 };
    struct cf_executor *executor = full_executor(2);
    struct cf_future *futures[COUNT];

    (void)state;
    for (int i = 0; i < COUNT; i++)
        futures[i] = submit_large(executor, LARGE, i * 100);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(int_result(futures[i]), i * 100);
    for (int i = 0; i < COUNT; i++)
        assert_int_equal(int_result(submit_large(executor, LARGE, i)), i);
    cf_executor_destroy(executor);
}

static void it_comes_back_from_a_worker_that_dies_before_it_starts(void **state)
{
    struct cf_executor *executor = full_executor(2);

    (void)state;
    for (int i = 1; i <= 5; i++) {
        int pid = stop_next(executor);
        struct cf_future *future = submit_large(executor, LARGE, 1000 + i);
        assert_false(cf_running(future));
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_true(cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL) ==
                    CF_OK);
        assert_int_not_equal(cf_future_info(future).pid, pid);
        assert_int_equal(int_result(future), 1000 + i);
    }
    cf_executor_destroy(executor);
}

static void it_goes_along_to_a_worker_that_is_free_first(void **state)
{
    enum { BEHIND = 6 };
    struct gate gate;
    struct cf_future *behind[BEHIND];

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(2);
    struct cf_future *other = occupy(executor, &gate);
    int pid = stop_next(executor);
    struct cf_future *future = submit_large(executor, LARGE, 12345);
    for (int i = 0; i < BEHIND; i++)
        behind[i] = submit_int(executor, square, i);
    gate_open(&gate, 1);
    int other_pid = int_result(other);
    assert_status(cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                  CF_OK);
    assert_int_equal(cf_future_info(future).pid, other_pid);
    assert_int_equal(int_result(future), 12345);
    assert_int_equal(kill(pid, SIGCONT), 0);
    for (int i = 0; i < BEHIND; i++)
        assert_int_equal(int_result(behind[i]), i * i);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void what_has_not_started_can_be_ended(void **state)
{
    struct cf_executor *executor = full_executor(1);

    (void)state;
    int pid = stop_next(executor);
    struct cf_future *future = submit_large(executor, LARGE, 1);
    assert_true(cf_cancel(future));
    cf_future_release(future);
    future = submit_large(executor, LARGE, 2);
    assert_status(cf_stop(future, 0), CF_OK);
    assert_true(cf_cancelled(future));
    cf_future_release(future);
    future = submit_large(executor, LARGE, 3);
    assert_status(cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 0), CF_OK);
    assert_true(cf_cancelled(future));
    cf_future_release(future);
    assert_int_equal(kill(pid, SIGCONT), 0);
    cf_executor_destroy(executor);
}

static void fewer_workers_have_it_too(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    for (int i = 0; i < 4; i++) {
        struct cf_executor *executor = full_executor(2);
        struct cf_future *busy = occupy(executor, &gate);
        int pid = stop_next(executor);
        struct cf_future *future = submit_large(executor, LARGE, i);
        assert_status(cf_set_workers(executor, 1), CF_OK);
        assert_int_equal(kill(pid, SIGCONT), 0);
        gate_open(&gate, 1);
        int_result(busy);
        assert_int_equal(int_result(future), i);
        cf_executor_destroy(executor);
    }
    gate_close(&gate);
}

/* The sum goes into the buffer, too. */
static enum cf_status add_up_into(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    int *sum = cf_buffer_data(cf_task_buffer(task, 0));

    for (size_t i = 0; i < arg_bytes; i++)
        *sum += ((const unsigned char *)arg)[i];
    return cf_return(task, sum, sizeof *sum);
}

static void it_may_come_with_a_buffer_and_a_limit(void **state)
{
    struct cf_executor *executor = full_executor(2);
    struct cf_buffer *buffer = buffer_of(sizeof(int));
    struct cf_call call = {.timeout_ns = (int64_t)60 * 1000000000,
                           .name = "with all",
                           .buffers = &buffer,
                           .buffer_count = 1};

    (void)state;
    memset(bytes, 1, LARGE);
    int pid = stop_next(executor);
    struct cf_future *future =
        submit_call(executor, add_up_into, bytes, LARGE, call);
    memset(bytes, 2, LARGE);
    assert_int_equal(kill(pid, SIGKILL), 0);
    assert_int_equal(int_result(future), LARGE);
    future = submit_call(executor, add_up_into, bytes, LARGE, call);
    assert_int_equal(int_result(future), 3 * LARGE);
    assert_int_equal(*(const int *)cf_buffer_data(buffer), 3 * LARGE);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

/* Whether somebody is free or not, and with what else there is. */
static void what_no_memory_holds_is_refused(void **state)
{
    static const size_t sizes[] = {SIZE_MAX, SIZE_MAX - 8, SIZE_MAX / 2,
                                   (size_t)1 << 36};
    struct cf_executor *executor = full_executor(1);
    struct cf_buffer *buffer = buffer_of(1);
    struct cf_call call = {.buffers = &buffer, .buffer_count = 1};
    struct cf_future *future;

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof sizes[0]; i++) {
        assert_status(cf_submit(executor, add_up, bytes, sizes[i], &future),
                      CF_NOMEM);
        assert_null(future);
        assert_status(
            cf_submit_call(executor, add_up, bytes, sizes[i], &call, &future),
            CF_NOMEM);
        assert_null(future);
    }
    assert_serves(executor);
    cf_buffer_release(buffer);
    cf_executor_destroy(executor);
}

/* Small files bound what host and worker share. */
static void a_worker_without_room_gets_it_later(void **state)
{
    enum { MOST = sizeof bytes / 2 };
    struct rlimit before, small;

    (void)state;
    getrlimit(RLIMIT_FSIZE, &before);
    small = before;
    small.rlim_cur = 4 << 20;
    setrlimit(RLIMIT_FSIZE, &small);
    struct cf_executor *executor = full_executor(1);
    int pid = stop_next(executor);
    struct cf_future *cancelled = submit_large(executor, MOST, 1);
    assert_true(cf_cancel(cancelled)); /* its room is not given back yet */
    struct cf_future *future = submit_large(executor, MOST, 2345);
    assert_int_equal(kill(pid, SIGCONT), 0);
    assert_int_equal(int_result(future), 2345);

    future = submit_large(executor, sizeof bytes, 1);
    assert_told(future, CF_NOMEM);
    cf_future_release(future);
    cf_future_release(cancelled);
    assert_serves(executor);
    cf_executor_destroy(executor);
    setrlimit(RLIMIT_FSIZE, &before);
}

/* Overwrites what it was given, and dies the first time. */
static enum cf_status spoil_and_die(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    enum cf_status status = add_up(task, arg, arg_bytes);

    if (cf_task_attempt(task) > 1)
        return status;
    memset((void *)(uintptr_t)arg, 7, arg_bytes);
    raise(SIGKILL);
    return status;
}

static void a_further_attempt_has_what_the_first_had(void **state)
{
    struct cf_executor *executor = full_executor(2);
    int sum = 0;

    (void)state;
    memset(bytes, 1, LARGE);
    struct cf_future *future = submit_call(
        executor, spoil_and_die, bytes, LARGE, (struct cf_call){.retries = 1});
    assert_status(cf_result(future, CF_FOREVER, &sum, sizeof sum), CF_OK);
    assert_int_equal(sum, LARGE);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* A submit that finds no memory for its future, and one for its copy. */
static void assert_refused(struct cf_executor *executor, cf_function *function)
{
    struct cf_future *future;

    for (int n = 1; n <= 2; n++) {
        fail_allocation(n, true);
        enum cf_status status =
            cf_submit(executor, function, bytes, LARGE, &future);
        fail_no_allocation();
        assert_status(status, CF_NOMEM);
        assert_null(future);
    }
}

static void without_memory_for_a_copy_nothing_is_queued(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    struct cf_future *busy = occupy(executor, &gate);
    assert_refused(executor, add_up);
    gate_open(&gate, 1);
    int_result(busy);
    assert_int_equal(cf_executor_stats(executor).unfinished, 0);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* The function of a task that was refused, and another object's in its place. */
static void a_refused_task_leaves_nothing_behind(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(1);
    struct cf_future *busy = occupy(executor, &gate);
    void *object = dlopen(late_object, RTLD_NOW);
    cf_function *late = (cf_function *)(uintptr_t)dlsym(object, "late_answer");
    assert_refused(executor, late);
    dlclose(object);
    object = dlopen(other_object, RTLD_NOW);
    late = (cf_function *)(uintptr_t)dlsym(object, "late_answer");
    struct cf_future *future = submit_int(executor, late, 0);
    gate_open(&gate, 1);
    int_result(busy);
    assert_int_equal(error_of(future).code, 44);
    cf_future_release(future);
    dlclose(object);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

static void without_memory_when_it_comes_back_its_task_fails(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor = full_executor(2);
    struct cf_future *busy = occupy(executor, &gate);
    int pid = stop_next(executor);
    struct cf_future *future = submit_large(executor, LARGE, 1);
    fail_allocation(1, true);
    assert_int_equal(kill(pid, SIGKILL), 0);
    struct cf_error error = error_of(future);
    fail_no_allocation();
    assert_status(error.status, CF_NOMEM);
    cf_future_release(future);
    gate_open(&gate, 1);
    int_result(busy);
    assert_serves(executor);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(busy_or_not_the_argument_may_be_overwritten_at_once),
        cmocka_unit_test(
            it_comes_back_from_a_worker_that_dies_before_it_starts),
        cmocka_unit_test(it_goes_along_to_a_worker_that_is_free_first),
        cmocka_unit_test(what_has_not_started_can_be_ended),
        cmocka_unit_test(fewer_workers_have_it_too),
        cmocka_unit_test(it_may_come_with_a_buffer_and_a_limit),
        cmocka_unit_test(what_no_memory_holds_is_refused),
        cmocka_unit_test(a_worker_without_room_gets_it_later),
        cmocka_unit_test(a_further_attempt_has_what_the_first_had),
        cmocka_unit_test(without_memory_for_a_copy_nothing_is_queued),
        cmocka_unit_test(a_refused_task_leaves_nothing_behind),
        cmocka_unit_test(without_memory_when_it_comes_back_its_task_fails),
    };

    if (argc != 3)
        return 2;
    late_object = argv[1];
    other_object = argv[2];
    return cmocka_run_group_tests(tests, NULL, NULL);
}
