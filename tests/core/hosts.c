/* SPDX-License-Identifier: MIT */
/*
 * What a host program may be or do: run out of threads, fork while its other
 * threads are inside the library, make and destroy executors for ever, exit
 * without a word.
 */
#include <dirent.h>
#include <errno.h>
#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "injection.h"
#include "shared.h"

/* --- threads that cannot be started --- */

static void without_a_single_thread_nothing_is_queued(void **state)
{
    (void)state;
    struct cf_options options = {.max_workers = 3, .start_all = true};
    struct cf_executor *executor;
    struct cf_future *future;

    allow_threads(0);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_AGAIN);
    assert_int_equal(cf_last_error().system_errno, EAGAIN);
    options.start_all = false;
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    assert_status(cf_submit(executor, square, "four", 4, &future), CF_AGAIN);
    assert_null(future);
    assert_int_equal(cf_executor_stats(executor).unfinished, 0);
    allow_threads(-1);
    future = submit_int(executor, square, 4); /* and later it works */
    assert_status(cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                  CF_OK);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static void with_fewer_threads_the_pool_runs_smaller(void **state)
{
    (void)state;
    struct cf_options options = {.max_workers = 5, .start_all = true};
    struct cf_executor *executor;
    struct cf_future *futures[50];

    allow_threads(2);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    assert_int_equal(cf_executor_workers(executor), 2);
    cf_executor_destroy(executor);

    options.start_all = false;
    allow_threads(1);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    for (int i = 0; i < 50; i++)
        futures[i] = submit_int(executor, square, i);
    assert_status(cf_wait(futures, 50, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                  CF_OK);
    for (int i = 0; i < 50; i++)
        cf_future_release(futures[i]);
    allow_threads(-1);
    cf_executor_destroy(executor);
}

static void
a_submit_that_does_with_fewer_threads_leaves_the_last_error_alone(void **state)
{
    (void)state;
    struct cf_options options = {.max_workers = 3};
    struct cf_executor *executor;
    struct cf_future *future, *standing;
    struct gate gate;
    int four = 4;

    gate_make(&gate);
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    standing = submit(executor, wait_at_gate, &gate, sizeof gate);
    gate_await(&gate, 1); /* with it the other two are needed, and refused */
    assert_status(cf_join(NULL, 0), CF_INVALID);
    allow_threads(0);
    assert_status(cf_submit(executor, square, &four, sizeof four, &future),
                  CF_OK);
    assert_status(cf_last_error().status, CF_INVALID);
    assert_string_equal(cf_last_error().text, "no executor given");
    assert_int_equal(cf_last_error().system_errno, 0);
    gate_open(&gate, 1);
    assert_status(cf_result(future, CF_FOREVER, &four, sizeof four), CF_OK);
    cf_future_release(future);
    cf_future_release(standing);
    cf_executor_destroy(executor);

    allow_threads(1); /* for the first of those that are to be there */
    options.start_all = true;
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    allow_threads(-1);
    assert_status(cf_last_error().status, CF_INVALID);
    cf_executor_destroy(executor);
    gate_close(&gate);
}

/* --- forks --- */

static _Atomic bool is_enough;

static void *keep_submitting(void *executor)
{
    while (!atomic_load(&is_enough)) {
        struct cf_future *futures[8];
        for (int i = 0; i < 8; i++)
            futures[i] = submit_int(executor, square, i);
        assert_status(cf_wait(futures, 8, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                      CF_OK);
        for (int i = 0; i < 8; i++)
            cf_future_release(futures[i]);
    }
    return NULL;
}

/* In the child: what was inherited is released, what is new works. */
static int act_as_child(struct cf_executor *inherited, struct cf_future *future)
{
    struct cf_executor *executor;
    int number = 7;

    if (cf_submit(inherited, square, &number, sizeof number, &future) !=
        CF_BROKEN)
        return 1;
    cf_executor_destroy(inherited);
    if (cf_executor_create(CF_THREAD, &(struct cf_options){.max_workers = 2},
                           &executor) != CF_OK)
        return 2;
    if (cf_submit(executor, square, &number, sizeof number, &future) != CF_OK ||
        cf_result(future, CF_FOREVER, &number, sizeof number) != CF_OK ||
        number != 49)
        return 3;
    cf_future_release(future);
    cf_executor_destroy(executor);
    return 0;
}

static void a_fork_amid_submits_leaves_a_child_that_works(void **state)
{
    (void)state;
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
    print_message("skipped: one sanitizer allows no thread after a fork, the "
                  "other's allocator may be locked at it\n");
    skip();
#endif
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = 2};
    pthread_t submitters[2];

    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    struct cf_future *future = submit_int(executor, square, 1);
    atomic_store(&is_enough, false);
    for (int i = 0; i < 2; i++)
        pthread_create(&submitters[i], NULL, keep_submitting, executor);
    for (int i = 0; i < 60; i++) {
        int status, pid = fork();
        if (pid == 0)
            _exit(act_as_child(executor, future));
        assert_int_equal(waitpid(pid, &status, 0), pid);
        assert_int_equal(status, 0);
    }
    atomic_store(&is_enough, true);
    for (int i = 0; i < 2; i++)
        pthread_join(submitters[i], NULL);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- for ever --- */

static size_t count_entries(const char *folder)
{
    size_t count = 0;
    DIR *listing = opendir(folder);
    assert_non_null(listing);
    while (readdir(listing) != NULL)
        count++;
    closedir(listing);
    return count;
}

static void executors_come_and_go_without_a_trace(void **state)
{
    (void)state;
    const struct cf_backend *const backends[] = {CF_SERIAL, CF_THREAD, CF_GIL};
    size_t threads = count_entries("/proc/self/task");
    size_t descriptors = count_entries("/proc/self/fd");
    int fd;

    for (int i = 0; i < 3000; i++) {
        struct cf_executor *executor;
        assert_status(cf_executor_create(backends[i % 3],
                                         &(struct cf_options){.max_workers = 2},
                                         &executor),
                      CF_OK);
        cf_future_release(submit_int(executor, square, i % 100));
        if (i % 10 == 0)
            assert_status(cf_executor_fd(executor, &fd), CF_OK);
        cf_executor_destroy(executor);
    }
    assert_int_equal(count_entries("/proc/self/task"), threads);
    assert_int_equal(count_entries("/proc/self/fd"), descriptors);
}

static void a_binding_to_cpus_leaves_no_memory_behind(void **state)
{
    (void)state;
    static const enum cf_bind bindings[] = {CF_BIND_NONE, CF_BIND_COMPACT,
                                            CF_BIND_SPREAD};
    static const int cpus[64]; /* a list that nobody asks for */
    long before = live_blocks();

    for (int i = 0; i < 3; i++) {
        struct cf_options options = {
            .bind = bindings[i], .cpus = cpus, .cpu_count = 64};
        struct cf_executor *executor;
        assert_status(cf_executor_create(CF_THREAD, &options, &executor),
                      CF_OK);
        cf_executor_destroy(executor);
        assert_int_equal(live_blocks(), before);
    }
}

static int64_t cpu_ns(void)
{
    struct timespec time;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
    return time.tv_sec * 1000000000LL + time.tv_nsec;
}

static void an_idle_executor_burns_no_cpu(void **state)
{
    (void)state;
    const struct cf_backend *const backends[] = {CF_THREAD, CF_GIL};
    struct cf_executor *executors[2];
    struct cf_options options = {.max_workers = 16, .start_all = true};
    struct timespec pause = {.tv_nsec = 300000000};

    for (int i = 0; i < 2; i++)
        assert_status(cf_executor_create(backends[i], &options, &executors[i]),
                      CF_OK);
    for (int i = 0; i < 2; i++) { /* once used, so that it was awake */
        struct cf_future *future = submit_int(executors[i], square, 1);
        assert_status(cf_wait(&future, 1, CF_ALL_COMPLETED, CF_FOREVER, NULL),
                      CF_OK);
        cf_future_release(future);
    }
    int64_t used = INT64_MAX;
    for (int i = 0; i < 3; i++) { /* on a busy machine they settle later */
        int64_t before = cpu_ns();
        nanosleep(&pause, NULL);
        int64_t now = cpu_ns() - before;
        used = now < used ? now : used;
    }
#ifndef __SANITIZE_THREAD__      /* whose runtime has a thread that ticks */
    assert_true(used < 3000000); /* 1 % of the pause: polling would need more */
#endif
    (void)used;
    for (int i = 0; i < 2; i++)
        cf_executor_destroy(executors[i]);
}

static int exit_without_a_word(const struct cf_backend *backend)
{
    int status, pid;

    fflush(NULL);
    pid = fork();
    if (pid == 0) {
        struct cf_executor *executor;
        if (cf_executor_create(backend, NULL, &executor) != CF_OK)
            _exit(9);
        for (int i = 0; i < 100; i++)
            cf_future_release(submit_int(executor, square, i));
        exit(0); /* with work queued, and no destroy */
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    return status;
}

static void a_process_may_exit_with_work_queued(void **state)
{
    (void)state;
#if defined __SANITIZE_THREAD__ || defined __SANITIZE_ADDRESS__
    print_message("skipped: the sanitizers report the threads and blocks that "
                  "such an exit leaves\n");
    skip();
#endif
    const struct cf_backend *backend;
    for (size_t i = 0; (backend = cf_backend_at(i)) != NULL; i++)
        if (cf_backend_missing(backend) == NULL)
            for (int again = 0; again < 5; again++)
                assert_int_equal(exit_without_a_word(backend), 0);
}

/* --- after the end --- */

static sem_t may_come_back, has_come_back;
static enum cf_status told_late;

static enum cf_status come_back_late(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    while (sem_wait(&may_come_back) != 0)
        ;
    told_late = cf_set_workers(cf_task_executor(task), 100);
    sem_post(&has_come_back);
    return CF_OK;
}

static void who_comes_back_after_the_end_changes_no_workers(void **state)
{
    struct cf_options options = {.max_workers = 2, .start_all = true};
    struct cf_executor *executor;

    (void)state;
    assert_status(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    sem_init(&may_come_back, 0, 0);
    sem_init(&has_come_back, 0, 0);
    struct cf_future *future =
        submit_call(executor, come_back_late, NULL, 0,
                    (struct cf_call){.timeout_ns = 1000000, .grace_ns = 1});
    assert_status(cf_result(future, CF_FOREVER, NULL, 0), CF_EXPIRED);
    cf_executor_destroy(executor);
    sem_post(&may_come_back);
    while (sem_wait(&has_come_back) != 0)
        ;
    assert_status(told_late, CF_SHUTDOWN);
    cf_future_release(future);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(without_a_single_thread_nothing_is_queued),
        cmocka_unit_test(with_fewer_threads_the_pool_runs_smaller),
        cmocka_unit_test(
            a_submit_that_does_with_fewer_threads_leaves_the_last_error_alone),
        cmocka_unit_test(a_fork_amid_submits_leaves_a_child_that_works),
        cmocka_unit_test(executors_come_and_go_without_a_trace),
        cmocka_unit_test(a_binding_to_cpus_leaves_no_memory_behind),
        cmocka_unit_test(an_idle_executor_burns_no_cpu),
        cmocka_unit_test(a_process_may_exit_with_work_queued),
        cmocka_unit_test(who_comes_back_after_the_end_changes_no_workers),
    };
    return cmocka_run_group_tests_name("hosts", tests, NULL, NULL);
}
