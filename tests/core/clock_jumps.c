/* SPDX-License-Identifier: MIT */
/*
 * Waits, limits and times while the system's clock jumps: whoever looks at it
 * finds it an hour ahead, and the next time an hour behind; whoever has the
 * kernel wait by it is told at once that it is over, as after a jump ahead. A
 * wait that went by that clock would so end too early, or not within the time
 * that CTest gives. And a monotonic clock that starts very late, in a namespace
 * of its own; and who need not look at any.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/futex.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "shared.h"

#define MS     ((int64_t)1000000)
#define HOUR_S 3600

int __real_clock_gettime(clockid_t clock, struct timespec *time);
int __wrap_clock_gettime(clockid_t clock, struct timespec *time);

static _Atomic int looks;       /* at the clock that jumps */
static _Thread_local int reads; /* of any clock, by a thread */
static _Atomic int ahead_s; /* of the system: the clock that does not jump */

int __wrap_clock_gettime(clockid_t clock, struct timespec *time)
{
    int rc = __real_clock_gettime(clock, time);

    reads++;
    if (rc == 0 && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
        time->tv_sec += ++looks % 2 == 1 ? HOUR_S : -HOUR_S;
    if (rc == 0 && clock == CLOCK_MONOTONIC)
        time->tv_sec += ahead_s;
    return rc;
}

/* Waits by that clock end at once; there is no timer on it. */
static bool have_its_waits_end(void)
{
    const uint32_t number = offsetof(struct seccomp_data, nr);
    const uint32_t clock = offsetof(struct seccomp_data, args[0]);
    const uint32_t flags = offsetof(struct seccomp_data, args[1]);
    const uint32_t until = offsetof(struct seccomp_data, args[3]); /* NULL: 0 */
    struct sock_filter lines[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, number),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_futex, 0, 5),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, flags),
        BPF_JUMP(BPF_JMP | BPF_JSET | BPF_K, FUTEX_CLOCK_REALTIME, 0, 7),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, until),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, 0, 5, 0),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ETIMEDOUT),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_timerfd_create, 0, 3),
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, clock),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, CLOCK_REALTIME, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | EINVAL),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog filter = {.len = sizeof lines / sizeof *lines,
                                .filter = lines};

    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 &&
           prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &filter) == 0;
}

static int64_t now_ns(void)
{
    struct timespec now;
    __real_clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000 + now.tv_nsec;
}

static enum cf_status compute(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    while (!cf_stopping(task))
        ;
    return CF_OK;
}

static enum cf_status complete(struct cf_executor *executor,
                               struct cf_future *future)
{
    struct cf_iterator *iterator;
    struct cf_future *next;

    (void)executor;
    enum cf_status status = cf_as_completed(&future, 1, 20 * MS, &iterator);
    if (status == CF_OK)
        status = cf_next(iterator, &next);
    cf_iterator_release(iterator);
    return status;
}

static enum cf_status map(struct cf_executor *executor,
                          struct cf_future *future)
{
    struct cf_map_options timed = {.timeout_ns = 20 * MS};
    struct cf_iterator *iterator;
    int item = 0;

    (void)future;
    enum cf_status status =
        cf_map(executor, square, &item, sizeof item, 1, &timed, &iterator);
    if (status == CF_OK)
        status = cf_next(iterator, &future);
    cf_iterator_release(iterator);
    return status;
}

static enum cf_status result(struct cf_executor *executor,
                             struct cf_future *future)
{
    (void)executor;
    return cf_result(future, 20 * MS, NULL, 0);
}

static enum cf_status wait_for_all(struct cf_executor *executor,
                                   struct cf_future *future)
{
    (void)executor;
    return cf_wait(&future, 1, CF_ALL_COMPLETED, 20 * MS, NULL);
}

static enum cf_status join(struct cf_executor *executor,
                           struct cf_future *future)
{
    (void)future;
    return cf_join(executor, 20 * MS);
}

static enum cf_status shut_down(struct cf_executor *executor,
                                struct cf_future *future)
{
    (void)future;
    return cf_shutdown(executor, CF_SHUTDOWN_DRAIN, 20 * MS);
}

/* Waits 20 ms for what does not come. */
typedef enum cf_status timed_wait(struct cf_executor *executor,
                                  struct cf_future *future);

/* A limit of 20 ms, of which nobody else says that it is over. On a busy
 * machine the task may take long to come back, and only then it has stamps. */
static bool is_limited(struct cf_executor *executor)
{
    struct cf_call call = {.timeout_ns = 20 * MS, .grace_ns = 3600000 * MS};
    struct cf_future *future;
    int64_t began_ns = now_ns();

    if (cf_submit_call(executor, compute, NULL, 0, &call, &future) != CF_OK)
        return false;
    enum cf_status status = cf_result(future, CF_FOREVER, NULL, 0);
    struct cf_future_info info = cf_future_info(future);
    cf_future_release(future);
    return status == CF_EXPIRED && now_ns() - began_ns >= 20 * MS &&
           info.submitted_ns <= info.started_ns &&
           info.started_ns <= info.finished_ns;
}

/* 0; 1: no limit; 2 and more: which wait did not last. */
static int wait_in_all_ways(const struct cf_backend *backend)
{
    static timed_wait *const waits[] = {result,   wait_for_all, join,
                                        complete, map,          shut_down};
    struct cf_options options = {.max_workers = 1, .record_times = true};
    struct cf_executor *executor;
    struct cf_future *future;
    int wrong = 0;

    if (cf_executor_create(backend, &options, &executor) != CF_OK)
        return 100;
    if (!is_limited(executor))
        wrong = 1;
    if (cf_submit(executor, compute, NULL, 0, &future) != CF_OK)
        return 101;
    for (int i = 0; i < 6; i++) {
        int64_t began_ns = now_ns();
        if (waits[i](executor, future) != CF_TIMEOUT ||
            now_ns() - began_ns < 20 * MS)
            wrong = 2 + i;
    }
    if (cf_stop(future, CF_FOREVER) != CF_OK)
        wrong = 102;
    cf_future_release(future);
    cf_executor_destroy(executor);
    return wrong;
}

static void waits_and_limits_last_as_long_on_a_clock_that_jumps(void **state)
{
    struct timespec time;

    (void)state;
    clock_gettime(CLOCK_REALTIME, &time); /* it does jump */
    assert_int_equal(looks, 1);
    assert_int_equal(wait_in_all_ways(CF_THREAD), 0);
    assert_int_equal(wait_in_all_ways(CF_GIL), 0);
    assert_int_equal(wait_in_all_ways(CF_PROCESS), 0);
}

/* --- a monotonic clock that starts late --- */

static bool start_late(long seconds)
{
    char text[64];
    int bytes = snprintf(text, sizeof text, "monotonic %ld 0\n", seconds);

    if (unshare(CLONE_NEWTIME) != 0 &&
        unshare(CLONE_NEWUSER | CLONE_NEWTIME) != 0)
        return false;
    int file = open("/proc/self/timens_offsets", O_WRONLY | O_CLOEXEC);
    bool is_set = file >= 0 && write(file, text, (size_t)bytes) == bytes;
    close(file);
    return is_set;
}

enum { NOT_HERE = 77 };

static int wait_in_a_late_world(void)
{
    int status, pid;

    if (!start_late(4000000000)) /* 126 years: almost all that there are */
        return NOT_HERE;
    pid = fork();
    if (pid == 0) {
        if (now_ns() < 4000000000 * 1000000000)
            _exit(NOT_HERE);
        _exit(wait_in_all_ways(CF_THREAD) != 0    ? 1
              : wait_in_all_ways(CF_PROCESS) != 0 ? 2
                                                  : 0);
    }
    if (waitpid(pid, &status, 0) != pid || !WIFEXITED(status))
        return 3;
    return WEXITSTATUS(status);
}

static void a_monotonic_clock_of_126_years_changes_nothing(void **state)
{
    int status, pid = fork();

    (void)state;
    if (pid == 0)
        _exit(wait_in_a_late_world());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE) {
        print_message("skipped: no time namespace may be made here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

/* Nobody else is there to run what it waits for. */
static enum cf_status wait_for_another(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    struct cf_executor *executor = cf_task_executor(task);
    int before = reads, squared;
    (void)arg, (void)arg_bytes;

    struct cf_future *future = submit_int(executor, square, 5);
    enum cf_status status =
        cf_result(future, CF_FOREVER, &squared, sizeof squared);
    int more = reads - before;
    cf_future_release(future);
    return status == CF_OK ? cf_return(task, &more, sizeof more) : status;
}

static void a_wait_for_ever_that_runs_the_task_itself_reads_no_clock(void **s)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = 1};
    int more;
    (void)s;

    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    struct cf_future *future = submit(executor, wait_for_another, NULL, 0);
    assert_status(cf_result(future, CF_FOREVER, &more, sizeof more), CF_OK);
    assert_int_equal(more, 0);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void take_an_hour(const struct cf_event *event, void *context)
{
    (void)context;
    if (event->kind == CF_EVENT_SUBMITTED)
        ahead_s = HOUR_S;
}

/* A time that counted from the end of that hour would have the kernel, which
 * knows of none, wait for one. */
static void the_time_of_a_map_counts_from_its_call(void **state)
{
    (void)state;
    struct cf_options options = {.max_workers = 1, .observer = take_an_hour};
    struct gate gate;

    gate_make(&gate);
    for (int unordered = 0; unordered < 2; unordered++) {
        struct cf_map_options how = {.unordered = unordered != 0,
                                     .timeout_ns = 20 * MS};
        struct cf_executor *executor;
        struct cf_iterator *iterator;
        struct cf_future *future;

        assert_status(cf_executor_create(CF_THREAD, &options, &executor),
                      CF_OK);
        assert_status(cf_map(executor, wait_at_gate, &gate, sizeof gate, 1,
                             &how, &iterator),
                      CF_OK);
        assert_status(cf_next(iterator, &future), CF_TIMEOUT);
        ahead_s = 0;
        gate_open(&gate, 1);
        cf_iterator_release(iterator);
        cf_executor_destroy(executor);
    }
    gate_close(&gate);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(waits_and_limits_last_as_long_on_a_clock_that_jumps),
        cmocka_unit_test(a_monotonic_clock_of_126_years_changes_nothing),
        cmocka_unit_test(
            a_wait_for_ever_that_runs_the_task_itself_reads_no_clock),
        cmocka_unit_test(the_time_of_a_map_counts_from_its_call),
    };

    if (!have_its_waits_end()) {
        print_message("skipped: system calls cannot be filtered here\n");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
