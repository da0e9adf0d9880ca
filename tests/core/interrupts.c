/* SPDX-License-Identifier: MIT */
/* Waits that another thread or a signal handler ends, and the descriptor that
 * joins somebody else's loop. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/time.h>
#include <unistd.h>

#include <cmocka.h>

#include <cf/cf.h>

static int skip_without_kernel_support(void **state)
{
    struct cf_waiter *waiter;
    (void)state;
    if (cf_waiter_of_this_thread(&waiter) == CF_OK)
        return 0;
    print_message("skipped: %s\n", cf_last_error().text);
    return -1;
}

static int ends_in(const char *text, const char *end)
{
    size_t text_length = strlen(text), length = strlen(end);
    return text_length >= length &&
           strcmp(text + text_length - length, end) == 0;
}

static void assert_interrupted(enum cf_status status)
{
    assert_string_equal(cf_status_name(status), "CF_TIMEOUT");
    assert_true(ends_in(cf_last_error().text, "interrupted"));
}

static void the_next_wait_is_ended_if_none_is_under_way(void **state)
{
    (void)state;
    struct cf_waiter *waiter;
    struct cf_future *future;
    assert_int_equal(cf_waiter_of_this_thread(&waiter), CF_OK);
    assert_int_equal(cf_future_create(&future), CF_OK);
    cf_interrupt(waiter);
    cf_interrupt(waiter); /* the same interrupt */
    assert_interrupted(cf_result(future, CF_FOREVER, NULL, 0));
    /* used up: this one lasts its time */
    assert_int_equal(cf_result(future, 2000000, NULL, 0), CF_TIMEOUT);
    assert_false(ends_in(cf_last_error().text, "interrupted"));
    cf_future_release(future);
    cf_interrupt(NULL);
}

static void every_kind_of_wait_can_be_ended(void **state)
{
    (void)state;
    struct cf_waiter *waiter;
    struct cf_future *future, *next;
    struct cf_iterator *iterator;
    assert_int_equal(cf_waiter_of_this_thread(&waiter), CF_OK);
    assert_int_equal(cf_future_create(&future), CF_OK);

    cf_interrupt(waiter);
    assert_interrupted(
        cf_wait(&future, 1, CF_FIRST_COMPLETED, CF_FOREVER, NULL));
    assert_int_equal(cf_as_completed(&future, 1, CF_FOREVER, &iterator), CF_OK);
    cf_interrupt(waiter);
    assert_interrupted(cf_next(iterator, &next));
    assert_int_equal(cf_future_set_result(future, NULL, 0), CF_OK);
    assert_int_equal(cf_next(iterator, &next), CF_OK); /* it goes on */
    cf_iterator_release(iterator);
    cf_future_release(future);
}

static enum cf_status read_a_byte(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    char byte;
    (void)arg_bytes;
    if (read(*(const int *)arg, &byte, 1) != 1)
        return cf_raise(task, 1, "nothing to read");
    return CF_OK;
}

static void waits_for_a_whole_executor_can_be_ended(void **state)
{
    (void)state;
    struct cf_waiter *waiter;
    struct cf_executor *executor;
    struct cf_future *future, *refused;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(cf_waiter_of_this_thread(&waiter), CF_OK);
    struct cf_options options = {.max_workers = 1, .max_pending = 1};
    assert_int_equal(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    for (int i = 0; i < 2; i++) {
        assert_int_equal(
            cf_submit(executor, read_a_byte, &ends[0], sizeof ends[0], &future),
            CF_OK);
        cf_future_release(future);
    }
    cf_interrupt(waiter);
    assert_int_equal(
        cf_submit(executor, read_a_byte, &ends[0], sizeof ends[0], &refused),
        CF_FULL);
    cf_interrupt(waiter);
    assert_interrupted(cf_join(executor, CF_FOREVER));
    cf_interrupt(waiter);
    assert_interrupted(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER));
    assert_int_equal(write(ends[1], "ab", 2), 2);
    cf_interrupt(waiter); /* does not cut a destroy short */
    cf_executor_destroy(executor);
    close(ends[0]);
    close(ends[1]);
}

static void
a_poll_after_an_interrupted_submit_tells_of_no_interrupt(void **state)
{
    (void)state;
    struct cf_waiter *waiter;
    struct cf_executor *executor;
    struct cf_future *futures[2], *refused;
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    assert_int_equal(cf_waiter_of_this_thread(&waiter), CF_OK);
    struct cf_options options = {.max_workers = 1, .max_pending = 1};
    assert_int_equal(cf_executor_create(CF_THREAD, &options, &executor), CF_OK);
    for (int i = 0; i < 2; i++)
        assert_int_equal(cf_submit(executor, read_a_byte, &ends[0],
                                   sizeof ends[0], &futures[i]),
                         CF_OK);
    cf_interrupt(waiter);
    assert_int_equal(
        cf_submit(executor, read_a_byte, &ends[0], sizeof ends[0], &refused),
        CF_FULL);
    assert_true(ends_in(cf_last_error().text, "interrupted"));
    assert_int_equal(cf_result(futures[1], 0, NULL, 0), CF_TIMEOUT);
    assert_false(ends_in(cf_last_error().text, "interrupted"));
    assert_int_equal(write(ends[1], "ab", 2), 2);
    cf_future_release(futures[0]);
    cf_future_release(futures[1]);
    cf_executor_destroy(executor);
    close(ends[0]);
    close(ends[1]);
}

static void *interrupt_it(void *waiter)
{
    cf_interrupt(waiter);
    return NULL;
}

static void another_thread_ends_a_wait(void **state)
{
    (void)state;
    struct cf_waiter *waiter;
    struct cf_future *future;
    pthread_t thread;
    assert_int_equal(cf_waiter_of_this_thread(&waiter), CF_OK);
    assert_int_equal(cf_future_create(&future), CF_OK);
    for (int i = 0; i < 200; i++) {
        pthread_create(&thread, NULL, interrupt_it, waiter);
        assert_interrupted(cf_result(future, CF_FOREVER, NULL, 0));
        pthread_join(thread, NULL);
    }
    cf_future_release(future);
}

static struct cf_waiter *waiter_of_main;

static void on_alarm(int signal)
{
    (void)signal;
    cf_interrupt(waiter_of_main);
}

static void a_signal_handler_ends_a_wait(void **state)
{
    (void)state;
#ifdef __SANITIZE_THREAD__
    print_message("skipped: the sanitizer keeps signals back from a thread "
                  "that sleeps in a system call it does not know\n");
    skip();
#endif
    struct cf_future *future;
    struct sigaction action = {.sa_handler = on_alarm, .sa_flags = SA_RESTART};
    struct itimerval soon = {.it_value.tv_usec = 5000};
    assert_int_equal(cf_waiter_of_this_thread(&waiter_of_main), CF_OK);
    assert_int_equal(cf_future_create(&future), CF_OK);
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(setitimer(ITIMER_REAL, &soon, NULL), 0);
    assert_interrupted(cf_result(future, CF_FOREVER, NULL, 0));
    cf_future_release(future);
}

static void a_storm_of_signals_ends_no_wait_that_nobody_interrupts(void **state)
{
    (void)state;
    struct cf_executor *executor;
    struct sigaction action = {.sa_handler = on_alarm};
    struct itimerval storm = {.it_interval.tv_usec = 1000,
                              .it_value.tv_usec = 1000};
    struct itimerval calm = {0};

    waiter_of_main = NULL; /* the handler interrupts nobody */
    assert_int_equal(sigaction(SIGALRM, &action, NULL), 0);
    assert_int_equal(cf_executor_create(CF_THREAD, NULL, &executor), CF_OK);
    assert_int_equal(setitimer(ITIMER_REAL, &storm, NULL), 0);
    struct cf_future *future;
    assert_int_equal(cf_future_create(&future), CF_OK);
    struct timespec before, after;
    clock_gettime(CLOCK_MONOTONIC, &before);
    assert_int_equal(cf_result(future, 30000000, NULL, 0), CF_TIMEOUT);
    clock_gettime(CLOCK_MONOTONIC, &after);
    setitimer(ITIMER_REAL, &calm, NULL);
    int64_t waited_ns = (after.tv_sec - before.tv_sec) * 1000000000LL +
                        after.tv_nsec - before.tv_nsec;
    assert_true(waited_ns >= 30000000); /* not a moment early */
    cf_future_release(future);
    cf_executor_destroy(executor);
}

static enum cf_status nothing(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}

static void the_descriptor_is_readable_when_tasks_have_ended(void **state)
{
    (void)state;
    const struct cf_backend *backend;
    for (size_t b = 0; (backend = cf_backend_at(b)) != NULL; b++) {
        struct cf_executor *executor;
        struct cf_future *futures[3];
        struct pollfd poller = {.events = POLLIN};
        uint64_t ended = 0, more;
        int again;
        if (cf_backend_missing(backend) != NULL)
            continue;
#ifdef __SANITIZE_THREAD__
        if (backend == CF_OPENMP) /* its runtime is not instrumented */
            continue;
#endif
        assert_int_equal(cf_executor_create(backend, NULL, &executor), CF_OK);
        assert_int_equal(cf_executor_fd(executor, &poller.fd), CF_OK);
        assert_int_equal(cf_executor_fd(executor, &again), CF_OK);
        assert_int_equal(poller.fd, again);
        assert_int_equal(poll(&poller, 1, 0), 0);
        for (int i = 0; i < 3; i++)
            assert_int_equal(cf_submit(executor, nothing, NULL, 0, &futures[i]),
                             CF_OK);
        while (ended < 3) {
            assert_int_equal(poll(&poller, 1, -1), 1);
            assert_int_equal(read(poller.fd, &more, sizeof more), sizeof more);
            ended += more;
        }
        assert_int_equal(ended, 3);
        for (int i = 0; i < 3; i++) {
            assert_true(cf_done(futures[i]));
            cf_future_release(futures[i]);
        }
        cf_executor_destroy(executor);
        errno = 0;
        assert_int_equal(read(again, &more, sizeof more), -1); /* closed */
        assert_int_equal(errno, EBADF);
    }
    assert_int_equal(cf_executor_fd(NULL, NULL), CF_INVALID);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(the_next_wait_is_ended_if_none_is_under_way),
        cmocka_unit_test(every_kind_of_wait_can_be_ended),
        cmocka_unit_test(waits_for_a_whole_executor_can_be_ended),
        cmocka_unit_test(
            a_poll_after_an_interrupted_submit_tells_of_no_interrupt),
        cmocka_unit_test(another_thread_ends_a_wait),
        cmocka_unit_test(a_signal_handler_ends_a_wait),
        cmocka_unit_test(
            a_storm_of_signals_ends_no_wait_that_nobody_interrupts),
        cmocka_unit_test(the_descriptor_is_readable_when_tasks_have_ended),
    };
    if (skip_without_kernel_support(NULL) != 0)
        return 77;
    return cmocka_run_group_tests_name("interrupts", tests, NULL, NULL);
}
