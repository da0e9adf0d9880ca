/* SPDX-License-Identifier: MIT */
/* Whoever keeps stdout locked for ever keeps neither a worker's answers nor an
 * executor's beginning and end. */
#include "process.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static sem_t is_kept;

/* With text in it, which goes nowhere. */
static void *keep_stdout(void *text)
{
    flockfile(stdout);
    fputs_unlocked(text, stdout);
    sem_post(&is_kept);
    pause();
    return NULL;
}

static void have_stdout_kept(const char *text)
{
    pthread_t thread;

    sem_init(&is_kept, 0, 0);
    pthread_create(&thread, NULL, keep_stdout, (void *)(uintptr_t)text);
    while (sem_wait(&is_kept) != 0)
        ;
}

static enum cf_status leave_a_keeper(struct cf_task *task, const void *arg,
                                     size_t arg_bytes)
{
    (void)task, (void)arg, (void)arg_bytes;
    if (freopen("/dev/null", "w", stdout) == NULL)
        return CF_SYSTEM;
    have_stdout_kept("text");
    return CF_OK;
}

static void a_thread_that_keeps_stdout_keeps_no_answer(void **state)
{
    struct cf_executor *executor = lazy_executor(1);

    (void)state;
    struct cf_future *future = submit(executor, leave_a_keeper, NULL, 0);
    assert_status(cf_result(future, 20000000000, NULL, 0), CF_OK);
    cf_future_release(future);
    int64_t began_ns = now_ns();
    make_trips(executor, 100); /* the wait is not repeated */
    assert_true(now_ns() - began_ns < 20000000000);
    cf_executor_destroy(executor);
}

/* A host of its own, in which a hang ends by a signal. */
static void assert_is_made(const char *text, enum cf_start_method method)
{
    int status, host = fork();

    if (host == 0) {
        struct cf_options options = {.max_workers = 1, .start_method = method};
        struct cf_executor *executor;

        alarm(20);
        if (freopen("/dev/null", "w", stdout) == NULL)
            _exit(2);
        have_stdout_kept(text);
        if (cf_executor_create(CF_PROCESS, &options, &executor) != CF_OK)
            _exit(1);
        int squared = int_result(submit_int(executor, square, 5));
        cf_executor_destroy(executor);
        _exit(squared == 25 ? 0 : 1);
    }
    assert_int_equal(waitpid(host, &status, 0), host);
    assert_int_equal(status, 0);
}

static void a_thread_that_keeps_stdout_keeps_no_executor_from_work(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    skip(); /* a child of a process with threads may not start one */
#endif
    assert_is_made("", CF_START_FORK);
    assert_is_made("", CF_START_FORKSERVER);
    assert_is_made("text", CF_START_FORK);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_thread_that_keeps_stdout_keeps_no_answer),
        cmocka_unit_test(
            a_thread_that_keeps_stdout_keeps_no_executor_from_work),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
