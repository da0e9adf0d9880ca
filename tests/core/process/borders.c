/* SPDX-License-Identifier: MIT */
/* What passes between host and workers that is neither argument nor result:
 * printed text, descriptors, signals, exit handlers; and what does not pass to
 * workers of a worker. */
#include "process.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* --- text --- */

static enum cf_status print(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    int number = *(const int *)arg;
    (void)task;
    (void)arg_bytes;
    printf("task %d\n", number);
    if (number % 7 == 3)
        exit(number);
    return CF_OK;
}

static enum cf_status print_and_die(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    raise(SIGKILL);
    return CF_OK;
}

static void say_farewell(void)
{
    printf("farewell\n");
}

/* A host with text pending in stdout, which is a pipe. */
static _Noreturn void be_printing_host(int out)
{
    struct cf_future *futures[20];

    dup2(out, STDOUT_FILENO);
    atexit(say_farewell);
    printf("host, before\n");
    struct cf_executor *executor = lazy_executor(1);
    printf("host, after\n");
    for (int i = 0; i < 20; i++)
        futures[i] = submit_int(executor, print, i);
    /* a crash does not take along what finished tasks have printed */
    for (int i = 0; i < 20; i++)
        (void)error_of(futures[i]);
    (void)error_of(submit_int(executor, print_and_die, 0));
    cf_executor_destroy(executor);
    exit(0);
}

static size_t read_all(int descriptor, char *text, size_t room)
{
    size_t count = 0;
    ssize_t got;
    while ((got = read(descriptor, text + count, room - 1 - count)) > 0)
        count += (size_t)got;
    text[count] = '\0';
    return count;
}

static int occurrences(const char *text, const char *line)
{
    int count = 0;
    for (const char *at = text; (at = strstr(at, line)) != NULL; at++)
        count++;
    return count;
}

static void printed_text_appears_once_and_whole(void **state)
{
    char text[4096], line[32];
    int out[2];

    (void)state;
    assert_int_equal(pipe(out), 0);
    fflush(stdout);
    int host = fork();
    if (host == 0) {
        close(out[0]);
        be_printing_host(out[1]);
    }
    close(out[1]);
    read_all(out[0], text, sizeof text);
    close(out[0]);
    waitpid(host, NULL, 0);
    assert_int_equal(occurrences(text, "host, before\n"), 1);
    assert_int_equal(occurrences(text, "host, after\n"), 1);
    assert_int_equal(occurrences(text, "farewell\n"), 1); /* the host's own */
    for (int i = 0; i < 20; i++) {
        snprintf(line, sizeof line, "task %d\n", i);
        assert_int_equal(occurrences(text, line), 1);
    }
}

/* --- descriptors --- */

/* Which descriptors are open: a bit for each of the first 64. */
static uint64_t open_descriptors(void)
{
    uint64_t open = 0;
    for (int i = 0; i < 64; i++)
        if (fcntl(i, F_GETFD) >= 0)
            open |= (uint64_t)1 << i;
    return open;
}

static enum cf_status tell_descriptors(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    uint64_t open = open_descriptors();
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &open, sizeof open);
}

static uint64_t descriptors_of(struct cf_executor *executor)
{
    uint64_t open = 0;
    struct cf_future *future = submit_int(executor, tell_descriptors, 0);
    assert_status(cf_result(future, CF_FOREVER, &open, sizeof open), CF_OK);
    cf_future_release(future);
    return open;
}

/* Those of the program, and one by which buffers come. */
static void assert_one_more(struct cf_executor *executor, uint64_t before)
{
    uint64_t open = descriptors_of(executor), more = open & ~before;
    assert_true((open & before) == before);
    assert_true(more != 0 && (more & (more - 1)) == 0);
}

static void a_worker_has_one_descriptor_besides_the_program_s(void **state)
{
    uint64_t before = open_descriptors();
    struct cf_executor *executor = full_executor(3);

    (void)state;
    for (int i = 0; i < 6; i++)
        assert_one_more(executor, before);
    struct cf_executor *other = full_executor(3);
    assert_one_more(other, before);
    assert_one_more(executor, before);
    cf_executor_destroy(other);
    cf_executor_destroy(executor);
    assert_true(open_descriptors() == before);
}

static void our_descriptors_are_never_standard_ones(void **state)
{
    (void)state;
    int host = fork();
    if (host == 0) {
        close(0);
        close(1);
        close(2);
        struct cf_executor *executor = full_executor(2);
        int events;
        if (cf_executor_fd(executor, &events) != CF_OK || events <= 2)
            _exit(2);
        bool is_free = fcntl(0, F_GETFD) < 0 && fcntl(1, F_GETFD) < 0 &&
                       fcntl(2, F_GETFD) < 0;
        int result = int_result(submit_int(executor, square, 5));
        cf_executor_destroy(executor);
        _exit(is_free && result == 25 ? 0 : 1);
    }
    int status;
    assert_int_equal(waitpid(host, &status, 0), host);
    assert_int_equal(status, 0);
}

static enum cf_status count_in_program(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    int count = 0;
    char line[64];
    (void)arg;
    (void)arg_bytes;
    FILE *list = popen("ls /proc/self/fd", "r");
    while (list != NULL && fgets(line, sizeof line, list) != NULL)
        count++;
    if (list != NULL)
        pclose(list);
    return cf_return(task, &count, sizeof count);
}

static void programs_started_by_host_or_task_inherit_nothing(void **state)
{
    int in_host = 0;
    char line[64];
    struct cf_executor *executor = full_executor(2);

    (void)state;
    FILE *list = popen("ls /proc/self/fd", "r");
    assert_non_null(list);
    while (fgets(line, sizeof line, list) != NULL)
        in_host++;
    pclose(list);
    int in_task = int_result(submit_int(executor, count_in_program, 0));
    cf_executor_destroy(executor);
    list = popen("ls /proc/self/fd", "r");
    assert_non_null(list);
    int without = 0;
    while (fgets(line, sizeof line, list) != NULL)
        without++;
    pclose(list);
    assert_int_equal(in_host, without);
    assert_int_equal(in_task, without);
}

static enum cf_status read_input(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    char byte;
    int got = (int)read(STDIN_FILENO, &byte, 1);
    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &got, sizeof got);
}

static void a_worker_reads_nothing_from_the_hosts_input(void **state)
{
    struct cf_executor *executor = lazy_executor(1);
    (void)state;
    assert_int_equal(int_result(submit_int(executor, read_input, 0)), 0);
    cf_executor_destroy(executor);
}

/* --- signals and exit handlers --- */

static void on_signal(int signal)
{
    (void)signal;
}

/* A worker tells of its own faults before it dies of them. */
static bool is_fault(int signal)
{
    return signal == SIGSEGV || signal == SIGBUS || signal == SIGFPE ||
           signal == SIGILL || signal == SIGABRT;
}

/* 0: as it should be; else which signal is not. */
static enum cf_status check_signals(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    struct sigaction action;
    sigset_t blocked;
    int wrong = 0;

    (void)arg;
    (void)arg_bytes;
    sigprocmask(SIG_SETMASK, NULL, &blocked);
    for (int signal = 1; signal < 32; signal++) {
        sigaction(signal, NULL, &action);
        bool is_ignored = signal == SIGINT || signal == SIGPIPE;
        if (sigismember(&blocked, signal) ||
            (!is_fault(signal) &&
             action.sa_handler != (is_ignored ? SIG_IGN : SIG_DFL)))
            wrong = signal;
    }
    return cf_return(task, &wrong, sizeof wrong);
}

static void handlers_and_mask_of_the_host_end_at_the_worker(void **state)
{
    sigset_t some, before;

    (void)state;
    signal(SIGUSR1, on_signal);
    signal(SIGPIPE, SIG_IGN); /* what is ignored stays so, as in exec */
    sigemptyset(&some);
    sigaddset(&some, SIGUSR2);
    sigprocmask(SIG_BLOCK, &some, &before);
    struct cf_executor *executor = full_executor(2);
    for (int i = 0; i < 4; i++)
        assert_int_equal(int_result(submit_int(executor, check_signals, 0)), 0);
    cf_executor_destroy(executor);
    sigprocmask(SIG_SETMASK, &before, NULL);
    signal(SIGUSR1, SIG_DFL);
    signal(SIGPIPE, SIG_DFL);
}

static void the_calling_threads_mask_is_as_before(void **state)
{
    sigset_t before, after;

    (void)state;
    sigprocmask(SIG_SETMASK, NULL, &before);
    struct cf_executor *executor = full_executor(1);
    sigprocmask(SIG_SETMASK, NULL, &after);
    for (int signal = 1; signal < 32; signal++)
        assert_int_equal(sigismember(&before, signal),
                         sigismember(&after, signal));
    cf_executor_destroy(executor);
}

/* --- workers that are hosts themselves --- */

/* Waits for tasks of an executor of its own, each of which the host's drainer
 * has to be told of. */
static enum cf_status be_host(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    struct cf_options options = {.max_workers = 1,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    struct cf_future *future;
    int pids[3] = {0};

    if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
        return cf_raise(task, 1, "%s", cf_last_error().text);
    for (int i = 0; i < 3; i++) {
        if (cf_submit(executor, *(cf_function *const *)arg, arg, arg_bytes,
                      &future) != CF_OK ||
            cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL) != CF_OK ||
            cf_result(future, 0, &pids[i], sizeof pids[i]) != CF_OK)
            return cf_raise(task, 2, "%s", cf_last_error().text);
        cf_future_release(future);
    }
    cf_executor_destroy(executor);
    return cf_return(task, pids, sizeof pids);
}

static void run_inside(struct cf_executor *executor, cf_function *function,
                       int pids[3])
{
    struct cf_future *future =
        submit(executor, be_host, &function, sizeof function);
    assert_status(cf_result(future, CF_FOREVER, pids, 3 * sizeof *pids), CF_OK);
    cf_future_release(future);
}

static void a_worker_that_is_a_host_hears_of_its_tasks(void **state)
{
    int pids[3];

    (void)state;
    for (int i = 0; i < 30; i++) {
        struct cf_executor *executor = full_executor(1);
        make_trips(executor, i % 10); /* it has told its own host of those */
        run_inside(executor, tell_pid, pids);
        cf_executor_destroy(executor);
    }
}

static enum cf_status grow(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    static unsigned char kept[8 << 20];

    memset(kept, 1, sizeof kept);
    return tell_pid(task, arg, arg_bytes);
}

static void the_bounds_of_a_worker_that_is_a_host_are_its_own(void **state)
{
    struct cf_options options = {.max_workers = 1,
                                 .max_worker_bytes = 1 << 20,
                                 .start_method = CF_START_FORK};
    struct cf_executor *executor;
    int pids[3];

    (void)state;
    assert_status(cf_executor_create(CF_PROCESS, &options, &executor), CF_OK);
    run_inside(executor, grow, pids);
    assert_int_equal(pids[0], pids[1]);
    assert_int_equal(pids[0], pids[2]);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(printed_text_appears_once_and_whole),
        cmocka_unit_test(a_worker_has_one_descriptor_besides_the_program_s),
        cmocka_unit_test(our_descriptors_are_never_standard_ones),
        cmocka_unit_test(programs_started_by_host_or_task_inherit_nothing),
        cmocka_unit_test(a_worker_reads_nothing_from_the_hosts_input),
        cmocka_unit_test(handlers_and_mask_of_the_host_end_at_the_worker),
        cmocka_unit_test(the_calling_threads_mask_is_as_before),
        cmocka_unit_test(a_worker_that_is_a_host_hears_of_its_tasks),
        cmocka_unit_test(the_bounds_of_a_worker_that_is_a_host_are_its_own),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
