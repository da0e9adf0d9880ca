/* SPDX-License-Identifier: MIT */
/* A worker that dies costs the one task that it was running, says why, and is
 * replaced; everything else goes on. */
#include "process.h"

#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Dies as its argument says: a signal's number, or 1000 + an exit code given
 * to exit(), or 2000 + one given to _exit(). */
static enum cf_status die(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    int how = *(const int *)arg;
    (void)arg_bytes;
    if (how >= 2000)
        _exit(how - 2000);
    if (how >= 1000)
        exit(how - 1000);
    raise(how);
    return cf_raise(task, 1, "still alive");
}

static void a_death_is_reported_with_its_signal_or_exit_code(void **state)
{
    static const struct {
        int how, signal, exit_code;
    } deaths[] = {{SIGKILL, SIGKILL, 0}, {SIGSEGV, SIGSEGV, 0},
                  {SIGABRT, SIGABRT, 0}, {SIGBUS, SIGBUS, 0},
                  {SIGFPE, SIGFPE, 0},   {SIGTERM, SIGTERM, 0},
                  {1000, 0, 0},          {1003, 0, 3},
                  {2000, 0, 0},          {2099, 0, 99}};
    struct cf_executor *executor = lazy_executor(2);
    char pid[32];

    (void)state;
    for (size_t i = 0; i < sizeof deaths / sizeof *deaths; i++) {
        struct cf_future *future = submit_int(executor, die, deaths[i].how);
        struct cf_error error = error_of(future);
        assert_status(error.status, CF_CRASHED);
        assert_int_equal(error.signal, deaths[i].signal);
        assert_int_equal(error.exit_code, deaths[i].exit_code);
        assert_true(error.pid > 0);
        assert_int_equal(cf_future_info(future).pid, error.pid);
        assert_int_equal(cf_future_info(future).attempt, 1);
        snprintf(pid, sizeof pid, "process %d", (int)error.pid);
        assert_non_null(strstr(error.message, pid));
        cf_future_release(future);
        assert_serves(executor);
    }
    cf_executor_destroy(executor);
}

/* --- what a death tells --- */

static enum cf_status touch(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    volatile int *const *place = arg;
    (void)task;
    (void)arg_bytes;
    **place = 1;
    return CF_OK;
}

static void a_fault_tells_its_address_and_who_called_whom(void **state)
{
    struct cf_call call = {.name = "toucher"};
    struct cf_executor *executor = lazy_executor(1);
    struct cf_future *future;
    int *place = (int *)(uintptr_t)24;

    (void)state;
    if (is_sanitized())
        skip(); /* they have handlers of their own for that */
    assert_status(
        cf_submit_call(executor, touch, &place, sizeof place, &call, &future),
        CF_OK);
    struct cf_error error = error_of(future);
    assert_int_equal(error.signal, SIGSEGV);
    assert_int_equal(error.fault_address, 24);
    assert_non_null(strstr(error.message, "(SIGSEGV) at address 0x18 while it "
                                          "ran the task \"toucher\""));
    assert_memory_equal(error.backtrace, "#0 (the program+0x", 18);
    assert_non_null(strstr(error.backtrace, "\n#1 "));
    assert_true(error.peak_bytes > 500000 && error.peak_bytes < 1 << 30);
    assert_false(error.is_out_of_memory);
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

static int dig(volatile int depth)
{
    volatile char hole[1000];
    hole[0] = (char)depth;
    return depth < 0 ? 0 : dig(depth + 1) + hole[0];
}

static enum cf_status overflow(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    int sum = dig(*(const int *)arg);
    (void)arg_bytes;
    return cf_return(task, &sum, sizeof sum);
}

static void a_stack_that_overflows_tells_so_too(void **state)
{
    struct cf_executor *executor = lazy_executor(1);

    (void)state;
    if (is_sanitized())
        skip();
    struct cf_future *future = submit_int(executor, overflow, 0);
    struct cf_error error = error_of(future);
    assert_int_equal(error.signal, SIGSEGV);
    assert_true(error.fault_address != 0);
    assert_non_null(strstr(error.backtrace, "\n#31 "));
    cf_future_release(future);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

static enum cf_status eat(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    size_t bytes = (size_t) * (const int *)arg << 20;
    char *memory = malloc(bytes);
    (void)task;
    (void)arg_bytes;
    for (size_t i = 0; memory != NULL && i < bytes; i += 4096)
        ((volatile char *)memory)[i] = 1;
    free(memory);
    return CF_OK;
}

/* A control group with room for 64 MiB; false: none is to be had. */
static bool enter_small_group(void)
{
    static const char *const mounts[] = {"/sys/fs/cgroup/memory",
                                         "/sys/fs/cgroup"};
    static const char *const limits[] = {"memory.limit_in_bytes", "memory.max"};
    char command[600];

    for (int i = 0; i < 2; i++) {
        snprintf(command, sizeof command,
                 "g=%s/cf-test-%d; mkdir $g 2>/dev/null && "
                 "echo 67108864 2>/dev/null >$g/%s && "
                 "echo %d 2>/dev/null >$g/cgroup.procs",
                 mounts[i], (int)getpid(), limits[i], (int)getpid());
        if (system(command) == 0)
            return true;
        snprintf(command, sizeof command, "rmdir %s/cf-test-%d 2>/dev/null",
                 mounts[i], (int)getpid());
        if (system(command) != 0)
            continue;
    }
    return false;
}

/* 77: it could not be tried; 0: as it should be. */
static int run_out_of_memory(void)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = 1};
    struct cf_future *future;
    struct cf_error error = {0};
    int mib = 200, result = 0;

    if (!enter_small_group())
        return 77;
    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK ||
        cf_submit(executor, eat, &mib, sizeof mib, &future) != CF_OK ||
        cf_future_error(future, CF_FOREVER, &error) != CF_OK)
        return 1;
    if (error.status != CF_CRASHED || error.signal != SIGKILL)
        result = 2;
    else if (!error.is_out_of_memory ||
             strstr(error.message, "out of memory") == NULL)
        result = 3;
    else if (error.peak_bytes < 32 << 20 || error.peak_bytes > 128 << 20)
        result = 4;
    cf_future_release(future);
    mib = 1;
    if (cf_submit(executor, eat, &mib, sizeof mib, &future) != CF_OK ||
        cf_result(future, CF_FOREVER, NULL, 0) != CF_OK)
        result = 5;
    cf_future_release(future);
    cf_executor_destroy(executor);
    return result;
}

static void a_death_for_lack_of_memory_is_called_so(void **state)
{
    char command[300];
    int status;

    (void)state;
    if (is_sanitized())
        skip(); /* they need more than that themselves */
    int pid = fork();
    if (pid == 0)
        _exit(run_out_of_memory());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    snprintf(command, sizeof command,
             "rmdir /sys/fs/cgroup/memory/cf-test-%d "
             "/sys/fs/cgroup/cf-test-%d 2>/dev/null",
             pid, pid);
    if (system(command) == -1)
        fail();
    if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
        skip(); /* no control group can be made here */
    assert_int_equal(status, 0);
}

static void a_worker_killed_while_idle_costs_no_task(void **state)
{
    struct cf_executor *executor = full_executor(2);

    (void)state;
    for (int i = 0; i < 5; i++) {
        int pid = int_result(submit_int(executor, tell_pid, 0));
        int pidfd = watch_process(pid);
        assert_int_equal(kill(pid, SIGKILL), 0);
        assert_true(ends_within(pidfd, 1000));
        close(pidfd);
        assert_serves(executor);
    }
    cf_executor_destroy(executor);
}

/* Arrives at a gate, leaving the worker's pid in memory shared with it. */
struct visit {
    struct gate gate;
    int *pid;
};

static enum cf_status visit(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    const struct visit *visit = arg;
    (void)arg_bytes;
    *visit->pid = getpid();
    return stand_at_gate(task, &visit->gate, sizeof visit->gate);
}

/* `count` tasks, each on a worker of its own and at a gate of its own. */
struct standing {
    struct gate gates[8];
    int *pids;
    struct cf_executor *executor;
    struct cf_future *futures[8];
    size_t count;
};

static void stand(struct standing *standing, size_t count)
{
    standing->count = count;
    for (size_t i = 0; i < count; i++)
        gate_make(&standing->gates[i]);
    standing->pids = shared_memory(count * sizeof *standing->pids);
    standing->executor = full_executor(count);
    for (size_t i = 0; i < count; i++) {
        struct visit how = {standing->gates[i], &standing->pids[i]};
        standing->futures[i] =
            submit(standing->executor, visit, &how, sizeof how);
    }
    for (size_t i = 0; i < count; i++)
        gate_await(&standing->gates[i], 1);
}

static void finish(struct standing *standing)
{
    cf_executor_destroy(standing->executor);
    for (size_t i = 0; i < standing->count; i++)
        gate_close(&standing->gates[i]);
}

static void assert_killed(struct cf_future *future, int pid)
{
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_CRASHED);
    assert_int_equal(error.signal, SIGKILL);
    assert_int_equal(error.pid, pid);
    assert_non_null(strstr(error.message, "SIGKILL"));
    cf_future_release(future);
}

static void a_worker_killed_at_work_fails_its_task_alone(void **state)
{
    struct standing standing;
    struct cf_future *behind[8];

    (void)state;
    stand(&standing, 2);
    for (int i = 0; i < 8; i++)
        behind[i] = submit_int(standing.executor, square, i);
    assert_true(cf_running(standing.futures[0]));
    int64_t before_ns = now_ns();
    kill(standing.pids[0], SIGKILL);
    assert_killed(standing.futures[0], standing.pids[0]);
    if (!is_sanitized())
        assert_true(now_ns() - before_ns < 500000000);
    for (int i = 0; i < 8; i++)
        assert_int_equal(int_result(behind[i]), i * i);
    assert_true(cf_running(standing.futures[1]));
    gate_open(&standing.gates[1], 1);
    assert_int_equal(int_result(standing.futures[1]), standing.pids[1]);
    finish(&standing);
}

static void all_killed_at_once_fail_what_ran_and_run_the_rest(void **state)
{
    struct standing standing;
    struct cf_future *behind[20];

    (void)state;
    stand(&standing, 4);
    for (int i = 0; i < 20; i++)
        behind[i] = submit_int(standing.executor, square, i);
    for (int i = 0; i < 4; i++)
        kill(standing.pids[i], SIGKILL);
    for (int i = 0; i < 4; i++)
        assert_killed(standing.futures[i], standing.pids[i]);
    for (int i = 0; i < 20; i++)
        assert_int_equal(int_result(behind[i]), i * i);
    finish(&standing);
}

static void a_stopped_worker_breaks_nothing(void **state)
{
    struct standing standing;

    (void)state;
    stand(&standing, 2);
    kill(standing.pids[0], SIGSTOP);
    gate_open(&standing.gates[1], 1);
    assert_int_equal(int_result(standing.futures[1]), standing.pids[1]);
    assert_serves(standing.executor);
    kill(standing.pids[0], SIGCONT);
    gate_open(&standing.gates[0], 1);
    assert_int_equal(int_result(standing.futures[0]), standing.pids[0]);
    finish(&standing);
}

static void destroy_ends_a_stopped_worker_too(void **state)
{
    struct cf_executor *executor = full_executor(2);

    (void)state;
    int pid = int_result(submit_int(executor, tell_pid, 0));
    int pidfd = watch_process(pid);
    kill(pid, SIGSTOP);
    cf_executor_destroy(executor);
    assert_true(ends_within(pidfd, 0));
    close(pidfd);
}

static void *kill_soon(void *pid)
{
    usleep(20000);
    kill(*(int *)pid, SIGKILL);
    return NULL;
}

static void shutdown_ends_though_a_worker_dies_meanwhile(void **state)
{
    struct standing standing;
    pthread_t killer;

    (void)state;
    stand(&standing, 2);
    gate_open(&standing.gates[1], 1);
    pthread_create(&killer, NULL, kill_soon, &standing.pids[0]);
    assert_status(cf_shutdown(standing.executor, CF_SHUTDOWN_DRAIN, CF_FOREVER),
                  CF_OK);
    pthread_join(killer, NULL);
    assert_killed(standing.futures[0], standing.pids[0]);
    assert_int_equal(int_result(standing.futures[1]), standing.pids[1]);
    finish(&standing);
}

static void a_crash_loop_breaks_the_executor(void **state)
{
    struct cf_executor *executor = lazy_executor(2);
    struct cf_future *futures[100], *future;
    int crashed = 0, broken = 0;

    (void)state;
    for (int i = 0; i < 100; i++)
        if (cf_submit(executor, die, &(int){SIGKILL}, sizeof(int),
                      &futures[i]) != CF_OK)
            futures[i] = NULL;
    for (int i = 0; i < 100; i++) {
        if (futures[i] == NULL)
            continue;
        struct cf_error error = error_of(futures[i]);
        crashed += error.status == CF_CRASHED;
        broken += error.status == CF_BROKEN;
        assert_true(error.status == CF_CRASHED || error.status == CF_BROKEN);
        assert_true(error.message[0] != '\0');
        cf_future_release(futures[i]);
    }
    assert_in_range(crashed, 16, 18);
    assert_true(broken > 0);
    assert_status(cf_submit(executor, square, &(int){1}, sizeof(int), &future),
                  CF_BROKEN);
    cf_executor_destroy(executor);
}

static void the_limit_of_crashes_can_be_chosen(void **state)
{
    struct cf_options options = {.max_workers = 1, .crash_limit = 3};
    struct cf_executor *executor;
    struct cf_future *future;

    (void)state;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    for (int i = 0; i < 3; i++) {
        assert_status(
            cf_submit(executor, die, &(int){SIGKILL}, sizeof(int), &future),
            CF_OK);
        assert_status(error_of(future).status, CF_CRASHED);
        cf_future_release(future);
    }
    /* the verdict falls before the third one's outcome is told */
    assert_status(cf_submit(executor, square, &(int){1}, sizeof(int), &future),
                  CF_BROKEN);
    assert_non_null(strstr(cf_last_error().text, "3 in a row"));
    cf_executor_destroy(executor);
}

static void crashes_between_successes_break_nothing(void **state)
{
    struct cf_executor *executor = lazy_executor(2);

    (void)state;
    for (int i = 0; i < 40; i++) {
        struct cf_future *future = submit_int(executor, die, SIGKILL);
        assert_status(error_of(future).status, CF_CRASHED);
        cf_future_release(future);
        assert_int_equal(int_result(submit_int(executor, square, i)), i * i);
    }
    cf_executor_destroy(executor);
}

static void a_dead_zygote_breaks_the_executor_cleanly(void **state)
{
    struct standing standing;
    struct cf_future *behind[8], *future;

    (void)state;
    stand(&standing, 2);
    gate_open(&standing.gates[1], 1);
    assert_int_equal(int_result(standing.futures[1]), standing.pids[1]);
    int zygote = int_result(submit_int(standing.executor, tell_host, 0));
    int pidfd = watch_process(zygote);
    for (int i = 0; i < 8; i++)
        behind[i] = submit(standing.executor, stand_at_gate, &standing.gates[1],
                           sizeof standing.gates[1]);
    kill(zygote, SIGKILL);
    assert_killed(standing.futures[0], standing.pids[0]);
    for (int i = 0; i < 8; i++) {
        struct cf_error error = error_of(behind[i]);
        assert_true(error.status == CF_CRASHED || error.status == CF_BROKEN);
        cf_future_release(behind[i]);
    }
    assert_status(
        cf_submit(standing.executor, square, &(int){1}, sizeof(int), &future),
        CF_BROKEN);
    finish(&standing);
    assert_true(ends_within(pidfd, 0));
    close(pidfd);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_death_is_reported_with_its_signal_or_exit_code),
        cmocka_unit_test(a_fault_tells_its_address_and_who_called_whom),
        cmocka_unit_test(a_stack_that_overflows_tells_so_too),
        cmocka_unit_test(a_death_for_lack_of_memory_is_called_so),
        cmocka_unit_test(a_worker_killed_while_idle_costs_no_task),
        cmocka_unit_test(a_worker_killed_at_work_fails_its_task_alone),
        cmocka_unit_test(all_killed_at_once_fail_what_ran_and_run_the_rest),
        cmocka_unit_test(a_stopped_worker_breaks_nothing),
        cmocka_unit_test(destroy_ends_a_stopped_worker_too),
        cmocka_unit_test(shutdown_ends_though_a_worker_dies_meanwhile),
        cmocka_unit_test(a_crash_loop_breaks_the_executor),
        cmocka_unit_test(the_limit_of_crashes_can_be_chosen),
        cmocka_unit_test(crashes_between_successes_break_nothing),
        cmocka_unit_test(a_dead_zygote_breaks_the_executor_cleanly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
