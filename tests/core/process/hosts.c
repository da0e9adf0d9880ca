/* SPDX-License-Identifier: MIT */
/* What the host does with its children, signals, threads and limits harms no
 * worker; and no worker stays when the host is gone. */
#include "process.h"

#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static enum cf_status leave(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    _exit(*(const int *)arg);
}

static void assert_leaves_with(struct cf_executor *executor, int code)
{
    struct cf_future *future = submit_int(executor, leave, code);
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_CRASHED);
    assert_int_equal(error.exit_code, code);
    cf_future_release(future);
}

static void *stay(void *gate)
{
    char byte;
    if (read(((struct gate *)gate)->in[0], &byte, 1) != 1)
        abort();
    return NULL;
}

static void wait_for_any_child(void)
{
    while (wait(NULL) > 0 || errno == EINTR)
        ;
    assert_int_equal(errno, ECHILD);
}

static void assert_waits_end(void)
{
    struct cf_executor *executor = full_executor(2);
    wait_for_any_child();
    assert_leaves_with(executor, 42);
    assert_serves(executor);
    wait_for_any_child();
    cf_executor_destroy(executor);
    wait_for_any_child();
}

static void waits_for_any_child_end_and_steal_nothing(void **state)
{
    pthread_t thread;
    struct gate gate;

    (void)state;
    assert_waits_end(); /* created by a host with one thread */
    gate_make(&gate);
    pthread_create(&thread, NULL, stay, &gate);
    assert_waits_end(); /* and by one with more */
    gate_open(&gate, 1);
    pthread_join(thread, NULL);
    gate_close(&gate);
}

static void ignored_sigchld_changes_nothing(void **state)
{
    (void)state;
    signal(SIGCHLD, SIG_IGN);
    struct cf_executor *executor = full_executor(2);
    assert_leaves_with(executor, 43);
    assert_serves(executor);
    cf_executor_destroy(executor);
    signal(SIGCHLD, SIG_DFL);
}

/* --- hosts that go --- */

/* Memory shared by the test, the host that it forks, and that one's workers. */
struct brood {
    struct gate gate; /* workers arrive; the host waits to be let go */
    int pids[4];
};

static enum cf_status work_for_ever(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct brood *const *brood = arg;
    volatile bool is_over = false;

    (void)arg_bytes;
    (*brood)->pids[cf_worker_index(task)] = getpid();
    if (write((*brood)->gate.out[1], "", 1) != 1)
        return CF_SYSTEM;
    while (!is_over)
        ;
    return CF_OK;
}

/* A host with four busy workers, which ends without a word to them. */
static _Noreturn void be_host(struct brood *brood)
{
    char byte;
    struct cf_executor *executor = full_executor(4);

    for (int i = 0; i < 4; i++)
        cf_future_release(
            submit(executor, work_for_ever, &brood, sizeof brood));
    if (read(brood->gate.in[0], &byte, 1) == 1)
        exit(0);
    abort();
}

static void assert_none_survives(bool exits)
{
    struct brood *brood = shared_memory(sizeof *brood);
    int pidfds[4];

    gate_make(&brood->gate);
    int host = fork();
    if (host == 0)
        be_host(brood);
    gate_await(&brood->gate, 4);
    for (int i = 0; i < 4; i++) {
        pidfds[i] = watch_process(brood->pids[i]);
        assert_true(pidfds[i] >= 0);
    }
    if (exits)
        gate_open(&brood->gate, 1);
    else
        kill(host, SIGKILL);
    waitpid(host, NULL, 0);
    for (int i = 0; i < 4; i++) {
        assert_true(ends_within(pidfds[i], 1000));
        close(pidfds[i]);
    }
    gate_close(&brood->gate);
}

static void no_busy_worker_outlives_a_killed_host(void **state)
{
    (void)state;
    for (int i = 0; i < 5; i++)
        assert_none_survives(false);
}

static void no_busy_worker_outlives_a_host_that_exits(void **state)
{
    (void)state;
    assert_none_survives(true);
}

static void *make_executor(void *executor)
{
    *(struct cf_executor **)executor = full_executor(2);
    return NULL;
}

static void the_thread_that_created_may_end(void **state)
{
    struct cf_executor *executor;
    pthread_t thread;

    (void)state;
    pthread_create(&thread, NULL, make_executor, &executor);
    pthread_join(thread, NULL);
    assert_serves(executor);
    assert_leaves_with(executor, 1); /* a replacement is started */
    assert_serves(executor);
    cf_executor_destroy(executor);
}

/* --- what is left behind, what is burnt --- */

static int count_entries(const char *folder)
{
    DIR *entries = opendir(folder);
    int count = 0;
    while (readdir(entries) != NULL)
        count++;
    closedir(entries);
    return count;
}

static void executors_come_and_go_without_a_trace(void **state)
{
    int cycles = is_sanitized() ? 50 : 500;

    (void)state;
    int descriptors = count_entries("/proc/self/fd");
    for (int i = 0; i < cycles; i++) {
        struct cf_executor *executor = lazy_executor(2);
        assert_int_equal(int_result(submit_int(executor, square, i)), i * i);
        cf_executor_destroy(executor);
    }
    assert_int_equal(count_entries("/proc/self/fd"), descriptors);
    if (!is_sanitized())
        assert_int_equal(count_entries("/proc/self/task"), 3); /* . .. main */
    wait_for_any_child();
}

static int64_t cpu_ns(int pid)
{
    struct timespec used;
    clockid_t clock;
    if (clock_getcpuclockid(pid, &clock) != 0 ||
        clock_gettime(clock, &used) != 0)
        return -1;
    return (int64_t)used.tv_sec * 1000000000 + used.tv_nsec;
}

static void an_idle_executor_burns_no_cpu(void **state)
{
    struct cf_executor *executor = full_executor(4);

    (void)state;
    int pid = int_result(submit_int(executor, tell_pid, 0));
    int zygote = int_result(submit_int(executor, tell_host, 0));
    usleep(20000);
    int64_t before_ns = cpu_ns(0) + cpu_ns(pid) + cpu_ns(zygote);
    usleep(500000);
    int64_t used_ns = cpu_ns(0) + cpu_ns(pid) + cpu_ns(zygote) - before_ns;
    if (!is_sanitized()) /* their runtimes have threads that tick */
        assert_true(used_ns < 1000000);
    cf_executor_destroy(executor);
}

/* --- limits --- */

/* Runs `body` in a child of its own; 0 from it is success. */
static void in_a_child(int (*body)(void))
{
    int status, pid = fork();
    if (pid == 0)
        _exit(body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

/* Creates an executor, tries a task, destroys it; what fails fails cleanly. */
static bool tries_well(void)
{
    struct cf_options options = {.max_workers = 3, .start_all = true};
    struct cf_executor *executor = NULL;
    struct cf_future *future;
    int five = 5, result = 0;

    enum cf_status status = cf_executor_create(CF_PROCESS, &options, &executor);
    if (status != CF_OK)
        return executor == NULL && cf_last_error().text[0] != '\0' &&
               (status == CF_AGAIN || status == CF_SYSTEM ||
                status == CF_NOMEM);
    bool is_good =
        cf_submit(executor, square, &five, sizeof five, &future) == CF_OK &&
        cf_result(future, CF_FOREVER, &result, sizeof result) == CF_OK &&
        result == 25;
    if (is_good)
        cf_future_release(future);
    cf_executor_destroy(executor);
    return is_good;
}

static int with_few_descriptors(void)
{
    int before = count_entries("/proc/self/fd");

    for (rlim_t most = 3; most < 40; most++) {
        struct rlimit limit = {most, 40};
        setrlimit(RLIMIT_NOFILE, &limit);
        bool is_good = tries_well();
        limit.rlim_cur = 40;
        setrlimit(RLIMIT_NOFILE, &limit);
        if (!is_good || count_entries("/proc/self/fd") != before)
            return (int)most;
    }
    return 0;
}

static void few_descriptors_are_an_error_and_leak_none(void **state)
{
    (void)state;
    in_a_child(with_few_descriptors);
}

static int with_few_processes(void)
{
    if (setresuid(65533, 65533, 65533) != 0)
        return 0; /* only root can become somebody without processes */
    for (rlim_t most = 1; most < 12; most++) {
        struct rlimit limit = {most, 40};
        setrlimit(RLIMIT_NPROC, &limit);
        if (!tries_well())
            return (int)most;
    }
    return 0;
}

static void few_processes_are_an_error_or_fewer_workers(void **state)
{
    (void)state;
    if (is_sanitized())
        skip(); /* their runtimes need threads of their own */
    in_a_child(with_few_processes);
}

static int with_little_address_space(void)
{
    for (rlim_t mib = 2048; mib >= 16; mib /= 2) {
        struct rlimit limit = {mib << 20, RLIM_INFINITY};
        setrlimit(RLIMIT_AS, &limit);
        if (!tries_well())
            return (int)mib;
    }
    return 0;
}

static void little_address_space_is_an_error_or_less_room(void **state)
{
    (void)state;
    if (is_sanitized())
        skip(); /* they map terabytes */
    in_a_child(with_little_address_space);
}

static int with_small_files(void)
{
    /* with some that are no multiple of a page, of any size */
    for (rlim_t kib = 65536; kib >= 1; kib = kib * 4 / 17) {
        struct rlimit limit = {kib << 10, RLIM_INFINITY};
        setrlimit(RLIMIT_FSIZE, &limit);
        if (!tries_well())
            return (int)kib;
    }
    return 0;
}

static void a_limit_on_file_size_is_an_error_and_no_signal(void **state)
{
#ifdef CF_COVERAGE
    skip(); /* what was reached is written down past the limit */
#endif
    (void)state;
    in_a_child(with_small_files);
}

/* As a program does that is to open nothing any more. poll() is refused then. */
static void a_host_that_may_have_no_descriptor_hears_of_deaths(void **state)
{
    struct cf_executor *executor = full_executor(3);
    struct rlimit before, none;

    (void)state;
    getrlimit(RLIMIT_NOFILE, &before);
    none = (struct rlimit){.rlim_max = before.rlim_max};
    setrlimit(RLIMIT_NOFILE, &none);
    for (int i = 0; i < 2; i++) /* the first was listened for before */
        assert_leaves_with(executor, i + 3);
    cf_executor_destroy(executor);
    setrlimit(RLIMIT_NOFILE, &before);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_for_any_child_end_and_steal_nothing),
        cmocka_unit_test(ignored_sigchld_changes_nothing),
        cmocka_unit_test(no_busy_worker_outlives_a_killed_host),
        cmocka_unit_test(no_busy_worker_outlives_a_host_that_exits),
        cmocka_unit_test(the_thread_that_created_may_end),
        cmocka_unit_test(executors_come_and_go_without_a_trace),
        cmocka_unit_test(an_idle_executor_burns_no_cpu),
        cmocka_unit_test(few_descriptors_are_an_error_and_leak_none),
        cmocka_unit_test(a_host_that_may_have_no_descriptor_hears_of_deaths),
        cmocka_unit_test(few_processes_are_an_error_or_fewer_workers),
        cmocka_unit_test(little_address_space_is_an_error_or_less_room),
        cmocka_unit_test(a_limit_on_file_size_is_an_error_and_no_signal),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
