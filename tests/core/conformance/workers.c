/* SPDX-License-Identifier: MIT */
/* What workers are promised at their beginning and their end. */
#include "conformance.h"

#include <dlfcn.h>
#include <sched.h>
#include <stdatomic.h>
#include <string.h>
#include <unistd.h>

/* What an initializer gets; what it leaves is a copy of its own. */
struct setting {
    int fd;       /* a byte for each beginning and each end */
    int failures; /* the first so many indexes fail         */
};

struct worker_state {
    int fd;
    size_t index;
    int tasks;
};

static enum cf_status begin(size_t worker, const void *arg, size_t arg_bytes,
                            void **state)
{
    const struct setting *setting = arg;
    struct worker_state *made = calloc(1, sizeof *made);
    if (arg_bytes != sizeof *setting || made == NULL || *state != NULL)
        return CF_INVALID;
    if ((int)worker < setting->failures) {
        free(made);
        return (enum cf_status)7;
    }
    made->fd = setting->fd;
    made->index = worker;
    *state = made;
    return tell(made->fd, 'b') ? CF_OK : CF_SYSTEM;
}

static void end(size_t worker, void *state)
{
    struct worker_state *made = state;
    if (made->index == worker)
        (void)!tell(made->fd, 'e');
    free(made);
}

/* Which task of its worker is this? */
static enum cf_status count_for_worker(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct worker_state *state = cf_worker_state(task);
    (void)arg;
    (void)arg_bytes;
    if (state == NULL || state->index != cf_worker_index(task))
        return cf_raise(task, 1, "not my worker's state");
    state->tasks++;
    return cf_return(task, &state->tasks, sizeof state->tasks);
}

static size_t count_bytes(int fd, char wanted)
{
    char bytes[256];
    ssize_t got = read(fd, bytes, sizeof bytes);
    size_t count = 0;
    for (ssize_t i = 0; i < got; i++)
        count += bytes[i] == wanted;
    return count;
}

static void each_worker_begins_once_and_ends_once(void **state)
{
    (void)state;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    struct setting setting = {.fd = ends[1]};
    struct cf_options options = {.max_workers = 3,
                                 .start_all = true,
                                 .initializer = begin,
                                 .finalizer = end,
                                 .initializer_arg = &setting,
                                 .initializer_arg_bytes = sizeof setting};
    struct cf_executor *executor;
    size_t workers = is_serial() ? 1 : 3;

    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    setting.fd = -1; /* it was copied */
    assert_int_equal(count_bytes(ends[0], 'b'), workers);
    cf_executor_destroy(executor);
    assert_int_equal(count_bytes(ends[0], 'e'), workers);
    close(ends[0]);
    close(ends[1]);
}

static void a_workers_state_is_there_for_its_tasks(void **state)
{
    (void)state;
    int ends[2], total = 0;
    assert_int_equal(pipe(ends), 0);
    struct setting setting = {.fd = ends[1]};
    struct cf_options options = {.max_workers = 1,
                                 .initializer = begin,
                                 .finalizer = end,
                                 .initializer_arg = &setting,
                                 .initializer_arg_bytes = sizeof setting};
    struct cf_executor *executor;

    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    for (int i = 1; i <= 5; i++) {
        struct cf_future *future = submit(executor, count_for_worker, NULL, 0);
        assert_int_equal(int_result(future), i);
        cf_future_release(future);
        total += i;
    }
    assert_int_equal(total, 15);
    cf_executor_destroy(executor);
    close(ends[0]);
    close(ends[1]);

    executor = executor_of(1); /* and without an initializer there is none */
    struct cf_future *future = submit(executor, count_for_worker, NULL, 0);
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_EXCEPTION);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void a_failing_initializer_breaks_the_executor(void **state)
{
    (void)state;
    struct setting setting = {.fd = -1, .failures = 9};
    struct cf_options options = {.max_workers = 2,
                                 .start_all = true,
                                 .initializer = begin,
                                 .initializer_arg = &setting,
                                 .initializer_arg_bytes = sizeof setting};
    struct cf_executor *executor;
    struct cf_future *futures[5];
    size_t accepted = 0;

    assert_status(cf_executor_create(backend, &options, &executor), CF_BROKEN);
    assert_null(executor);
    assert_non_null(strstr(cf_last_error().text, "initializer"));
    assert_non_null(strstr(cf_last_error().text, "returned 7"));
    if (is_serial() || backend == CF_OPENMP)
        return; /* all its workers begin at create */

    options.start_all = false;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    while (accepted < 5) {
        enum cf_status status =
            cf_submit(executor, square, "four", 4, &futures[accepted]);
        if (status != CF_OK) { /* it broke meanwhile */
            assert_status(status, CF_BROKEN);
            break;
        }
        accepted++;
    }
    assert_true(accepted >= 1);
    for (size_t i = 0; i < accepted; i++) {
        struct cf_error error;
        assert_status(cf_future_error(futures[i], CF_FOREVER, &error), CF_OK);
        assert_status(error.status, CF_BROKEN);
        assert_non_null(strstr(error.message, "returned 7"));
        cf_future_release(futures[i]);
    }
    assert_status(cf_submit(executor, square, "four", 4, &futures[0]),
                  CF_BROKEN);
    assert_true(cf_executor_stats(executor).broken == accepted);
    cf_executor_destroy(executor);
}

static enum cf_status die_at_once(size_t worker, const void *arg,
                                  size_t arg_bytes, void **state)
{
    (void)worker;
    (void)arg;
    (void)arg_bytes;
    (void)state;
    _exit(3);
}

static void
a_worker_that_dies_in_its_initializer_breaks_the_executor(void **state)
{
    (void)state;
    SKIP_IF(!is_remote(), "the worker is a part of this process");
    SKIP_IF(backend == CF_MPI, "a rank that dies ends the job");
    struct cf_options options = {
        .max_workers = 2, .start_all = true, .initializer = die_at_once};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_BROKEN);
    assert_non_null(strstr(cf_last_error().text, "exited with code 3"));
}

/* How many threads would an OpenMP region of this task have? */
static enum cf_status count_inner_threads(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    void *address = dlsym(RTLD_DEFAULT, "omp_get_max_threads");
    (void)arg;
    (void)arg_bytes;
    if (address == NULL)
        return cf_raise(task, 1, "no OpenMP");
    int threads = ((int (*)(void))(uintptr_t)address)();
    return cf_return(task, &threads, sizeof threads);
}

static int inner_threads_of(size_t workers, size_t wanted)
{
    struct cf_options options = {.max_workers = workers,
                                 .inner_threads = wanted};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *future = submit(executor, count_inner_threads, NULL, 0);
    int threads = int_result(future);
    cf_future_release(future);
    cf_executor_destroy(executor);
    return threads;
}

static void workers_times_their_inner_threads_stay_within_the_cpus(void **state)
{
    (void)state;
    SKIP_IF(is_serial(), "its tasks run in the host's own thread");
    SKIP_IF(getenv("CF_TEST_MACHINES") != NULL, "each machine has its share");
    SKIP_IF(dlsym(RTLD_DEFAULT, "omp_get_max_threads") == NULL, "no OpenMP");
    size_t cpus = cf_usable_cpus().count;
    assert_int_equal(inner_threads_of(2 * cpus, 0), 1);
    assert_int_equal(inner_threads_of(2, 0), cpus >= 2 ? cpus / 2 : 1);
    assert_int_equal(inner_threads_of(2, 3), 3); /* where it is asked for */
}

/* --- one after the other --- */

static struct gate way_out;
static _Atomic bool is_in_use;

static enum cf_status take_index(size_t worker, const void *arg,
                                 size_t arg_bytes, void **state)
{
    (void)worker;
    (void)arg;
    (void)arg_bytes;
    (void)state;
    return atomic_exchange(&is_in_use, true) ? CF_INVALID : CF_OK;
}

static void give_index_back(size_t worker, void *state)
{
    (void)worker;
    (void)state;
    (void)gate_pass(&way_out);
    atomic_store(&is_in_use, false);
}

static void an_index_is_taken_again_when_its_finalizer_has_run(void **state)
{
    (void)state;
    SKIP_IF(backend != CF_THREAD && backend != CF_GIL, "its workers stay");
    struct cf_options options = {.max_workers = 1,
                                 .max_tasks_per_worker = 1,
                                 .initializer = take_index,
                                 .finalizer = give_index_back};
    struct cf_executor *executor;
    struct gate gate;

    gate_make(&gate);
    gate_make(&way_out);
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    struct cf_future *first =
        submit(executor, stand_at_gate, &gate, sizeof gate);
    struct cf_future *second = submit_int(executor, square, 3);
    gate_await(&gate, 1);
    gate_open(&gate, 1);
    gate_await(&way_out, 1);
    assert_status(cf_result(second, 20 * 1000000, NULL, 0), CF_TIMEOUT);
    gate_open(&way_out, 2);
    assert_int_equal(int_result(second), 9);
    cf_future_release(first);
    cf_future_release(second);
    cf_executor_destroy(executor);
    gate_close(&way_out);
    gate_close(&gate);
}

static void an_argument_without_bytes_is_refused(void **state)
{
    (void)state;
    struct cf_options options = {.initializer_arg_bytes = 4};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_INVALID);
}

/* The first worker's finalizer waits for a task that it cannot run itself, and
 * nobody else is there but who follows it. */
static struct {
    struct cf_executor *_Atomic executor;
    _Atomic int result;
} waiting;

static void wait_for_a_limited_task(size_t worker, void *state)
{
    struct cf_call call = {.timeout_ns = 3600 * 1000000000LL};
    struct cf_executor *executor =
        atomic_exchange(&waiting.executor, NULL); /* one of them does */
    struct cf_future *future;
    int n = 7, result = 0;
    (void)worker;
    (void)state;

    if (executor == NULL ||
        cf_submit_call(executor, square, &n, sizeof n, &call, &future) != CF_OK)
        return;
    if (cf_result(future, CF_FOREVER, &result, sizeof result) == CF_OK)
        atomic_store(&waiting.result, result);
    cf_future_release(future);
}

static void a_finalizer_may_wait_for_a_task(void **state)
{
    (void)state;
    SKIP_IF(backend != CF_THREAD && backend != CF_GIL,
            "its workers cannot be replaced, or share no memory");
    struct cf_options options = {.max_workers = 1,
                                 .max_tasks_per_worker = 1,
                                 .finalizer = wait_for_a_limited_task};
    struct cf_executor *executor;
    assert_status(cf_executor_create(backend, &options, &executor), CF_OK);
    atomic_store(&waiting.result, 0);
    atomic_store(&waiting.executor, executor);
    struct cf_future *future = submit_int(executor, square, 3);
    assert_int_equal(int_result(future), 9);
    cf_future_release(future);
    while (atomic_load(&waiting.result) == 0)
        sched_yield();
    assert_int_equal(atomic_load(&waiting.result), 49);
    cf_executor_destroy(executor);
}

static void workers_that_are_added_begin_what_is_queued(void **state)
{
    (void)state;
    SKIP_IF(backend != CF_THREAD && backend != CF_GIL && backend != CF_PROCESS,
            "how many it has is fixed");
    struct cf_future *futures[4];
    struct gate gate;
    gate_make(&gate);
    struct cf_executor *executor = executor_of(1);
    for (int i = 0; i < 4; i++)
        futures[i] = submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1);
    assert_status(cf_set_workers(executor, 4), CF_OK);
    gate_await(&gate, 3); /* nothing else is submitted */
    gate_open(&gate, 4);
    for (int i = 0; i < 4; i++) {
        int_result(futures[i]);
        cf_future_release(futures[i]);
    }
    cf_executor_destroy(executor);
    gate_close(&gate);
}

int run_worker_tests(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_worker_begins_once_and_ends_once),
        cmocka_unit_test(a_workers_state_is_there_for_its_tasks),
        cmocka_unit_test(a_failing_initializer_breaks_the_executor),
        cmocka_unit_test(
            a_worker_that_dies_in_its_initializer_breaks_the_executor),
        cmocka_unit_test(
            workers_times_their_inner_threads_stay_within_the_cpus),
        cmocka_unit_test(a_finalizer_may_wait_for_a_task),
        cmocka_unit_test(an_index_is_taken_again_when_its_finalizer_has_run),
        cmocka_unit_test(an_argument_without_bytes_is_refused),
        cmocka_unit_test(workers_that_are_added_begin_what_is_queued),
    };
    return cmocka_run_group_tests_name("workers", tests, NULL, NULL);
}
