/* SPDX-License-Identifier: MIT */
/* What the death of a worker tells: by what, where, with how much memory; and
 * what is told where none can be started. */
#include "process.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

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

/* --- what a start that fails tells --- */

/* This process may have `more` descriptors than it has. */
static struct rlimit allow_descriptors(int more)
{
    struct rlimit before, limit;
    int lowest = dup(STDOUT_FILENO);

    close(lowest);
    assert_int_equal(getrlimit(RLIMIT_NOFILE, &before), 0);
    limit = (struct rlimit){(rlim_t)(lowest + more), before.rlim_max};
    assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
    return before;
}

static void a_submit_without_a_worker_tells_what_is_lacking(void **state)
{
    struct cf_executor *executor = lazy_executor(1);
    struct cf_future *future;
    int number = 3;

    (void)state;
    struct rlimit before = allow_descriptors(0);
    enum cf_status status =
        cf_submit(executor, square, &number, sizeof number, &future);
    setrlimit(RLIMIT_NOFILE, &before);
    assert_status(status, CF_AGAIN);
    assert_int_equal(cf_last_error().system_errno, EMFILE);
    assert_non_null(strstr(cf_last_error().text, strerror(EMFILE)));
    cf_executor_destroy(executor);
}

/* With ever more, it is another step that fails, in one process or another. */
static void a_create_without_a_worker_tells_what_is_lacking(void **state)
{
    static const enum cf_start_method methods[] = {
        CF_START_FORK, CF_START_FORKSERVER, CF_START_SPAWN};
    struct cf_options options = {.max_workers = 2, .start_all = true};
    struct cf_executor *executor;

    (void)state;
    if (is_sanitized())
        skip(); /* their runtimes need some when a program starts */
    for (int i = 0; i < 3 * 16; i++) {
        options.start_method = methods[i % 3];
        struct rlimit before = allow_descriptors(i / 3);
        enum cf_status status =
            cf_executor_create(CF_PROCESS, &options, &executor);
        setrlimit(RLIMIT_NOFILE, &before);
        if (status != CF_OK)
            assert_non_null(strstr(cf_last_error().text, strerror(EMFILE)));
        cf_executor_destroy(executor);
    }
}

/* What is exec'ed is given the environment, which may be too long. */
static void an_exec_that_fails_tells_why(void **state)
{
    enum { LARGE = 100000 };
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_SPAWN};
    struct rlimit little = {65536, 65536};
    struct cf_executor *executor;

    (void)state;
    if (is_sanitized())
        skip(); /* their runtimes need a larger stack */
    char *large = calloc(1, LARGE);
    memset(large, 'x', LARGE - 1);
    setenv("CF_TEST_LARGE", large, 1);
    setenv("CF_TEST_LARGE_TOO", large, 1);
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    unsetenv("CF_TEST_LARGE");
    unsetenv("CF_TEST_LARGE_TOO");
    free(large);
    int zygote = int_result(submit_int(executor, tell_host, 0));
    assert_int_equal(prlimit(zygote, RLIMIT_STACK, &little, NULL), 0);
    struct cf_future *fatal = submit_int(executor, die, SIGKILL);
    struct cf_future *next = submit_int(executor, square, 3);
    assert_status(error_of(fatal).status, CF_CRASHED);
    assert_status(error_of(next).status, CF_BROKEN);
    assert_non_null(strstr(error_of(next).message, strerror(E2BIG)));
    cf_future_release(fatal);
    cf_future_release(next);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_death_is_reported_with_its_signal_or_exit_code),
        cmocka_unit_test(a_fault_tells_its_address_and_who_called_whom),
        cmocka_unit_test(a_stack_that_overflows_tells_so_too),
        cmocka_unit_test(a_death_for_lack_of_memory_is_called_so),
        cmocka_unit_test(a_submit_without_a_worker_tells_what_is_lacking),
        cmocka_unit_test(a_create_without_a_worker_tells_what_is_lacking),
        cmocka_unit_test(an_exec_that_fails_tells_why),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
