/* SPDX-License-Identifier: MIT */
/* What the system refuses is told by its status: descriptors, a module, a call
 * that the kernel lacks; threads of an OpenMP team. Memory and threads in
 * general: refusals.c. */
#include <errno.h>
#include <pthread.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "forbidden.h"
#include "shared.h"

/* `body` in a process of its own; it returns what failed, 0: nothing. */
static void in_a_child(int (*body)(void))
{
    int status, pid = fork();

    if (pid == 0)
        _exit(body());
    assert_int_equal(waitpid(pid, &status, 0), pid);
    assert_int_equal(status, 0);
}

static void allow_no_descriptor(void)
{
    int next = dup(STDERR_FILENO);
    struct rlimit limit;

    close(next);
    getrlimit(RLIMIT_NOFILE, &limit);
    limit.rlim_cur = (rlim_t)next;
    setrlimit(RLIMIT_NOFILE, &limit);
}

static int ask_without_descriptors(void)
{
    struct cf_options options = {.max_workers = 1};
    struct cf_executor *executor, *other;
    struct cf_buffer *buffer;
    int fd;

    if (cf_executor_create(CF_SERIAL, &options, &executor) != CF_OK)
        return 1;
    allow_no_descriptor();
    if (cf_executor_fd(executor, &fd) != CF_SYSTEM ||
        cf_last_error().system_errno != EMFILE)
        return 2;
    if (cf_buffer_create(1, &buffer) != CF_SYSTEM || buffer != NULL)
        return 3;
    if (cf_executor_create(CF_PROCESS, &options, &other) != CF_SYSTEM ||
        other != NULL)
        return 4;
    cf_executor_destroy(executor);
    return 0;
}

static void without_descriptors_the_system_is_named(void **state)
{
    (void)state;
    in_a_child(ask_without_descriptors);
}

/* The runtime's module is loaded when its backend is first asked for. */
static int ask_for_a_module(void)
{
    const struct cf_backend *backend;
    struct cf_executor *executor;

    allow_no_descriptor();
    if (cf_backend_find("openmp", &backend) != CF_UNSUPPORTED ||
        backend != CF_OPENMP || cf_backend_missing(backend) == NULL)
        return 1;
    if (cf_executor_create(backend, NULL, &executor) != CF_UNSUPPORTED)
        return 2;
    return 0;
}

static void a_backend_that_cannot_be_had_is_found_and_unsupported(void **state)
{
    (void)state;
    in_a_child(ask_for_a_module);
}

/* Memory for `most` threads or so, of the 400 that are asked for. */
static int ask_for_a_team_too_large(size_t most)
{
    const rlim_t bytes = 400 << 20;
    struct cf_options options = {.max_workers = 400};
    struct cf_executor *executor;
    struct rlimit limit;
    int result;

    if (cf_backend_missing(CF_OPENMP) != NULL ||
        getrlimit(RLIMIT_STACK, &limit) != 0)
        return 0;
    limit.rlim_cur = 8 << 20;
    setrlimit(RLIMIT_STACK, &limit);
    limit = (struct rlimit){bytes, bytes};
    setrlimit(RLIMIT_AS, &limit);
    if (cf_executor_create(CF_OPENMP, &options, &executor) != CF_OK)
        return 1;
    size_t workers = cf_executor_workers(executor);
    if (workers < 2 || workers > most)
        return 2;
    struct cf_future *future = submit_int(executor, square, 7);
    if (cf_result(future, CF_FOREVER, &result, sizeof result) != CF_OK ||
        result != 49)
        return 3;
    cf_future_release(future);
    cf_executor_destroy(executor);
    return 0;
}

static int ask_for_stacks_of_8_mib(void)
{
    return ask_for_a_team_too_large(60);
}

static int ask_for_stacks_of_16_mib(void)
{
    setenv("OMP_STACKSIZE", " 16 m ", 1);
    setenv("GOMP_STACKSIZE", "1M", 1);
    return ask_for_a_team_too_large(26);
}

/* As gcc's runtime has it, which says so: then its own name counts. */
static int ask_for_stacks_by_the_second_name(void)
{
    setenv("OMP_STACKSIZE", "1 MiB", 1);
    setenv("GOMP_STACKSIZE", "16384", 1);
    close(STDERR_FILENO);
    return ask_for_a_team_too_large(26);
}

static void an_openmp_team_is_as_large_as_the_system_allows(void **state)
{
    (void)state;
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
    skip(); /* it has a larger address space */
#endif
    in_a_child(ask_for_stacks_of_8_mib);
    in_a_child(ask_for_stacks_of_16_mib);
    in_a_child(ask_for_stacks_by_the_second_name);
}

static int ask_an_old_kernel(void)
{
    struct cf_waiter *waiter;

    if (!forbid_call(SYS_futex_waitv, ENOSYS))
        return 1;
    return cf_waiter_of_this_thread(&waiter) == CF_UNSUPPORTED ? 0 : 2;
}

static void waits_that_cannot_be_ended_are_unsupported(void **state)
{
    (void)state;
    in_a_child(ask_an_old_kernel);
}

static int64_t clock_ns(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return now.tv_sec * 1000000000LL + now.tv_nsec;
}

static void *interrupt_it(void *waiter)
{
    cf_interrupt(waiter);
    return NULL;
}

static int wait_where_it_is_forbidden(void)
{
    const int64_t timeout_ns = 100000000;
    struct cf_waiter *waiter;
    struct cf_future *future;
    pthread_t thread;

    alarm(10); /* who does not come back */
    if (cf_waiter_of_this_thread(&waiter) != CF_OK)
        return 0;
    if (cf_future_create(&future) != CF_OK)
        return 1;
    if (!forbid_call(SYS_futex_waitv, EPERM))
        return 0;
    int64_t begun_ns = clock_ns(CLOCK_MONOTONIC);
    int64_t cpu_ns = clock_ns(CLOCK_THREAD_CPUTIME_ID);
    if (cf_result(future, timeout_ns, NULL, 0) != CF_TIMEOUT)
        return 2;
    if (clock_ns(CLOCK_MONOTONIC) - begun_ns < timeout_ns)
        return 3;
    if (clock_ns(CLOCK_THREAD_CPUTIME_ID) - cpu_ns > timeout_ns / 2)
        return 4;
    if (pthread_create(&thread, NULL, interrupt_it, waiter) != 0)
        return 5;
    if (cf_result(future, CF_FOREVER, NULL, 0) != CF_TIMEOUT)
        return 6;
    pthread_join(thread, NULL);
    cf_future_release(future);
    return 0;
}

static void
a_wait_lasts_its_time_where_its_call_is_forbidden_later(void **state)
{
    (void)state;
    in_a_child(wait_where_it_is_forbidden);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_descriptors_the_system_is_named),
        cmocka_unit_test(a_backend_that_cannot_be_had_is_found_and_unsupported),
        cmocka_unit_test(an_openmp_team_is_as_large_as_the_system_allows),
        cmocka_unit_test(waits_that_cannot_be_ended_are_unsupported),
        cmocka_unit_test(
            a_wait_lasts_its_time_where_its_call_is_forbidden_later),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
