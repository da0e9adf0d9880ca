/* SPDX-License-Identifier: MIT */
/* How long worker processes live, how many there are, and what goes with
 * them. */
#include "process.h"

#include <signal.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/prctl.h>
#include <unistd.h>

#define MS 1000000LL

static struct cf_executor *executor_with(struct cf_options options)
{
    struct cf_executor *executor;

    options.start_method = CF_START_FORK;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    return executor;
}

static void a_worker_leaves_after_so_many_tasks(void **state)
{
    struct cf_executor *executor = executor_with(
        (struct cf_options){.max_workers = 1, .max_tasks_per_worker = 3});
    struct cf_future *futures[9];
    int pids[9];

    (void)state;
    for (int i = 0; i < 9; i++)
        futures[i] = submit_int(executor, tell_pid, 0);
    for (int i = 0; i < 9; i++)
        pids[i] = int_result(futures[i]);
    for (int i = 1; i < 9; i++)
        assert_int_equal(pids[i] == pids[i - 1], i % 3 != 0);
    cf_executor_destroy(executor);
}

static enum cf_status crash_one_in_five(struct cf_task *task, const void *arg,
                                        size_t arg_bytes)
{
    if (*(const int *)arg % 5 == 0 && cf_task_attempt(task) == 1)
        raise(SIGKILL);
    return square(task, arg, arg_bytes);
}

static void leaving_and_dying_and_growing_lose_no_task(void **state)
{
    struct cf_executor *executor = executor_with((struct cf_options){
        .max_workers = 3, .max_tasks_per_worker = 4, .idle_timeout_ns = 1});
    struct cf_call call = {.retries = 3, .timeout_ns = 3600000 * MS};
    struct cf_future *futures[10];

    (void)state;
    for (int i = 0; i < 200; i += 10) {
        assert_status(cf_set_workers(executor, 1 + (size_t)i / 10 % 7), CF_OK);
        for (int k = 0; k < 10; k++)
            assert_status(cf_submit_call(executor, crash_one_in_five,
                                         &(int){i + k}, sizeof(int), &call,
                                         &futures[k]),
                          CF_OK);
        for (int k = 0; k < 10; k++)
            assert_int_equal(int_result(futures[k]), (i + k) * (i + k));
    }
    assert_int_equal(cf_executor_stats(executor).retried, 40);
    cf_executor_destroy(executor);
}

static void workers_that_are_idle_for_long_leave(void **state)
{
    struct cf_executor *executor = executor_with((struct cf_options){
        .max_workers = 2, .start_all = true, .idle_timeout_ns = 50 * MS});
    (void)state;
    int pid = int_result(submit_int(executor, tell_pid, 0));
    int pidfd = watch_process(pid);
    assert_true(pidfd >= 0);
    assert_true(ends_within(pidfd, 5000));
    close(pidfd);
    assert_true(int_result(submit_int(executor, tell_pid, 0)) != pid);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

/* Keeps so many MiB of memory for good; tells who does. */
static enum cf_status keep(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    size_t bytes = (size_t) * (const int *)arg << 20;
    char *memory = malloc(bytes + 1);
    for (size_t i = 0; i < bytes; i += 4096)
        ((volatile char *)memory)[i] = 1;
    return tell_pid(task, arg, arg_bytes);
}

static void a_worker_that_has_grown_too_large_leaves(void **state)
{
    int mib = is_sanitized() ? 512 : 32;
    struct cf_executor *executor = executor_with((struct cf_options){
        .max_workers = 1, .max_worker_bytes = (size_t)mib << 20});
    (void)state;
    int pid = int_result(submit_int(executor, keep, 0));
    for (int i = 0; i < 5; i++)
        assert_int_equal(int_result(submit_int(executor, keep, 1)), pid);
    /* the task that is too much still counts, what comes next goes elsewhere */
    struct cf_future *last = submit_int(executor, keep, mib + 2);
    assert_int_equal(int_result(last), pid);
    assert_true(int_result(submit_int(executor, keep, 0)) != pid);
    assert_int_equal(cf_executor_stats(executor).crashed, 0);
    cf_executor_destroy(executor);
}

static void workers_can_be_added_and_the_highest_leave(void **state)
{
    struct gate gate;
    int pids[3], pidfds[3];
    struct cf_future *futures[3];

    (void)state;
    gate_make(&gate);
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 1});
    assert_status(cf_set_workers(executor, 3), CF_OK);
    assert_int_equal(cf_executor_workers(executor), 3);
    for (int i = 0; i < 3; i++)
        futures[i] = submit(executor, stand_at_gate, &gate, sizeof gate);
    gate_await(&gate, 3); /* all three at once */
    gate_open(&gate, 3);
    for (int i = 0; i < 3; i++) {
        assert_status(
            cf_result(futures[i], CF_FOREVER, &pids[i], sizeof pids[i]), CF_OK);
        size_t worker = cf_future_info(futures[i]).worker;
        assert_true(worker < 3);
        pidfds[worker] = watch_process(pids[i]);
        cf_future_release(futures[i]);
    }
    assert_status(cf_set_workers(executor, 1), CF_OK);
    assert_true(ends_within(pidfds[1], 5000));
    assert_true(ends_within(pidfds[2], 5000));
    assert_false(ends_within(pidfds[0], 0));
    for (int i = 0; i < 10; i++) {
        struct cf_future *future = submit_int(executor, square, i);
        assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_INVALID);
        assert_int_equal(cf_future_info(future).worker, 0);
        cf_future_release(future);
    }
    assert_status(cf_set_workers(executor, 2), CF_OK);
    assert_serves(executor);
    for (int i = 0; i < 3; i++)
        close(pidfds[i]);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* A worker that is one too many ends its task first, and what waited behind it
 * goes to the others. */
static void a_worker_too_many_ends_its_task_first(void **state)
{
    struct gate gates[2];
    struct cf_future *standing[2], *behind[6];

    (void)state;
    for (int i = 0; i < 2; i++)
        gate_make(&gates[i]);
    struct cf_executor *executor = full_executor(2);
    for (int i = 0; i < 2; i++)
        standing[i] = submit(executor, stand_at_gate, &gates[i], sizeof *gates);
    for (int i = 0; i < 2; i++)
        gate_await(&gates[i], 1);
    for (int i = 0; i < 6; i++)
        behind[i] = submit_int(executor, square, i);
    assert_status(cf_set_workers(executor, 1), CF_OK);
    int first = cf_running(standing[0]) ? 0 : 1;
    assert_true(cf_running(standing[1 - first]));
    for (int i = 0; i < 2; i++)
        gate_open(&gates[i], 1);
    for (int i = 0; i < 2; i++)
        int_result(standing[i]);
    for (int i = 0; i < 6; i++)
        assert_int_equal(int_result(behind[i]), i * i);
    cf_executor_destroy(executor);
    for (int i = 0; i < 2; i++)
        gate_close(&gates[i]);
}

/* --- initializers --- */

/* Each worker after the first one fails to begin. */
static enum cf_status begin_once(size_t worker, const void *arg,
                                 size_t arg_bytes, void **state)
{
    _Atomic int *births = *(_Atomic int *const *)arg;
    (void)worker;
    (void)arg_bytes;
    (void)state;
    return atomic_fetch_add(births, 1) == 0 ? CF_OK : CF_NOMEM;
}

/* Once others are queued behind it. */
static enum cf_status die_at_gate(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    int signal = SIGKILL;

    (void)arg_bytes;
    return gate_pass(arg) ? die(task, &signal, sizeof signal) : CF_OK;
}

static void a_replacement_that_cannot_begin_breaks_the_executor(void **state)
{
    struct gate gate;
    gate_make(&gate);
    _Atomic int *births = shared_memory(sizeof *births);
    struct cf_executor *executor = executor_with(
        (struct cf_options){.max_workers = 1,
                            .initializer = begin_once,
                            .initializer_arg = &births,
                            .initializer_arg_bytes = sizeof births});
    struct cf_future *behind[10];

    (void)state;
    struct cf_future *future =
        submit(executor, die_at_gate, &gate, sizeof gate);
    for (int i = 0; i < 10; i++)
        behind[i] = submit_int(executor, square, i);
    gate_open(&gate, 1);
    assert_status(error_of(future).status, CF_CRASHED);
    cf_future_release(future);
    for (int i = 0; i < 10; i++) {
        struct cf_error error = error_of(behind[i]);
        assert_status(error.status, CF_BROKEN);
        assert_non_null(strstr(error.message, "initializer"));
        cf_future_release(behind[i]);
    }
    assert_status(cf_set_workers(executor, 4), CF_BROKEN);
    assert_status(cf_submit(executor, square, &(int){1}, sizeof(int), &future),
                  CF_BROKEN);
    cf_executor_destroy(executor);
    assert_int_equal(*births, 2); /* nobody tries again and again */
    gate_close(&gate);
}

/* --- children of tasks --- */

/* Has a child that never ends; tells its id. The child closes what it does not
 * need, else a gate or a log would stay open with it. */
static enum cf_status have_a_child(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    int child = fork();
    (void)arg;
    (void)arg_bytes;

    if (child == 0) {
        prctl(PR_SET_PDEATHSIG, 0);
        close(STDOUT_FILENO);
        close(STDERR_FILENO);
        for (;;)
            pause();
    }
    return cf_return(task, &child, sizeof child);
}

static void children_of_tasks_end_with_the_worker_if_asked(void **state)
{
    struct gate gate;

    (void)state;
    gate_make(&gate);
    for (int how = 0; how < 3; how++) {
        struct cf_executor *executor = executor_with(
            (struct cf_options){.max_workers = 1, .kill_tree = true});
        int child = int_result(submit_int(executor, have_a_child, 0));
        int pid = int_result(submit_int(executor, tell_pid, 0));
        int pidfd = watch_process(child);
        assert_true(pidfd >= 0);
        if (how == 0) { /* killed */
            kill(pid, SIGKILL);
        } else if (how == 1) { /* leaves */
            cf_executor_destroy(executor);
            executor = NULL;
        } else { /* stopped */
            struct cf_future *future =
                submit(executor, stand_at_gate, &gate, sizeof gate);
            gate_await(&gate, 1);
            assert_status(cf_stop(future, 0), CF_OK);
            assert_status(error_of(future).status, CF_STOPPED);
            cf_future_release(future);
        }
        assert_true(ends_within(pidfd, 5000));
        close(pidfd);
        cf_executor_destroy(executor);
    }
    gate_close(&gate);
}

static void children_of_tasks_are_left_alone_otherwise(void **state)
{
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 1});

    (void)state;
    int child = int_result(submit_int(executor, have_a_child, 0));
    int pidfd = watch_process(child);
    cf_executor_destroy(executor);
    assert_false(ends_within(pidfd, 20));
    kill(child, SIGKILL);
    assert_true(ends_within(pidfd, 5000));
    close(pidfd);
}

/* --- the end of all --- */

static enum cf_status share(size_t worker, const void *arg, size_t arg_bytes,
                            void **state)
{
    (void)worker;
    (void)arg_bytes;
    memcpy(state, arg, sizeof *state);
    return CF_OK;
}

/* Longer than whoever hangs is waited for. */
static void take_long(size_t worker, void *state)
{
    (void)worker;
    usleep(1200000);
    atomic_fetch_add((_Atomic int *)state, 1);
}

static void a_finalizer_takes_as_long_as_it_takes(void **state)
{
    _Atomic int *ended = shared_memory(sizeof *ended);
    struct cf_executor *executor =
        executor_with((struct cf_options){.max_workers = 2,
                                          .start_all = true,
                                          .initializer = share,
                                          .initializer_arg = &ended,
                                          .initializer_arg_bytes = sizeof ended,
                                          .finalizer = take_long});

    (void)state;
    assert_serves(executor);
    cf_executor_destroy(executor);
    assert_int_equal(atomic_load(ended), 2);
}

/* Dies itself, and all above it but the host. */
static void kill_the_zygote(size_t worker, void *state)
{
    (void)worker;
    (void)state;
    kill(getppid(), SIGKILL);
    pause();
}

static void a_finalizer_whose_end_nobody_tells_is_not_waited_for(void **state)
{
    struct cf_executor *executor = executor_with(
        (struct cf_options){.max_workers = 1, .finalizer = kill_the_zygote});

    (void)state;
    assert_serves(executor);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_leaves_after_so_many_tasks),
        cmocka_unit_test(leaving_and_dying_and_growing_lose_no_task),
        cmocka_unit_test(workers_that_are_idle_for_long_leave),
        cmocka_unit_test(a_worker_that_has_grown_too_large_leaves),
        cmocka_unit_test(workers_can_be_added_and_the_highest_leave),
        cmocka_unit_test(a_worker_too_many_ends_its_task_first),
        cmocka_unit_test(a_replacement_that_cannot_begin_breaks_the_executor),
        cmocka_unit_test(children_of_tasks_end_with_the_worker_if_asked),
        cmocka_unit_test(children_of_tasks_are_left_alone_otherwise),
        cmocka_unit_test(a_finalizer_takes_as_long_as_it_takes),
        cmocka_unit_test(a_finalizer_whose_end_nobody_tells_is_not_waited_for),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
