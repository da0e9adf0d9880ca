/* SPDX-License-Identifier: MIT */
/*
 * The barrier in all threads where it is not to be had: from the start, or not
 * any more; the lock that stands on it goes on.
 */
#include <errno.h>
#include <linux/membarrier.h>
#include <semaphore.h>
#include <signal.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "biased_users.h"
#include "clock.h"
#include "forbidden.h"

enum { NOT_HERE = 77 };

static void *wait_until_posted(void *semaphore)
{
    while (sem_wait(semaphore) != 0)
        ;
    return NULL;
}

/* `act` in a process of its own; it returns what failed, 0: nothing. */
static void in_a_child(int (*act)(void))
{
    int status, pid = fork();

    if (pid == 0) {
        alarm(60);
        _exit(act());
    }
    assert_int_equal(waitpid(pid, &status, 0), pid);
    if (WIFEXITED(status) && WEXITSTATUS(status) == NOT_HERE) {
        print_message("skipped: no barrier in all threads, or no filter of "
                      "system calls is to be had here\n");
        skip();
    }
    assert_int_equal(status, 0);
}

static bool forbid_the_barrier(void)
{
    return forbid_call(SYS_membarrier, EPERM);
}

static int use_it_without(void)
{
    if (!forbid_the_barrier())
        return NOT_HERE;
    cfi_barrier_all_announce(true);
    if (cfi_barrier_all_exists())
        return 1;
    struct cfi_biased_lock lock = {0};
    if (take_and_give(&lock) != NULL || lock.owner != NULL)
        return 2;
    for (int i = 0; i < ROUNDS; i++)
        if (!are_all_counted(i))
            return 3;
    return 0;
}

/* The first four of the tests, since a process asks for the barrier once. */
static void where_there_is_no_barrier_it_is_a_plain_lock(void **state)
{
    (void)state;
    in_a_child(use_it_without);
}

/* With a thread beside this one, which owns `lock` once that can be. */
static int ask_with_threads(void)
{
    struct cfi_biased_lock lock = {0};
    sem_t is_over;
    pthread_t other;

    sem_init(&is_over, 0, 0);
    pthread_create(&other, NULL, wait_until_posted, &is_over);
    cfi_barrier_all_announce(false);
    if (cfi_barrier_all_exists() || take_and_give(&lock) != NULL)
        return 1;
    cfi_barrier_all_announce(true);
    if (!cfi_barrier_all_exists())
        return NOT_HERE;
    if (!another(take_and_give, &lock) || lock.owner == &cfi_nobodys)
        return 2;
    sem_post(&is_over);
    pthread_join(other, NULL);
    return 0;
}

static void a_process_with_threads_does_without_until_it_has_time(void **state)
{
    (void)state;
    in_a_child(ask_with_threads);
}

/* The stand-in takes 20 ms, each time. */
static int take_it_unannounced(void)
{
    cfi_barrier_all();
    bool exists = cfi_barrier_all_exists();
    cfi_barrier_all_announce(true);
    if (!cfi_barrier_all_exists())
        return NOT_HERE;
    return exists ? 0 : 1;
}

static void a_barrier_that_nobody_has_announced_is_none_the_slower(void **state)
{
    (void)state;
    in_a_child(take_it_unannounced);
}

static int ask_alone(void)
{
    struct cfi_biased_lock lock = {0};

    cfi_barrier_all_announce(false);
    if (cfi_barrier_all_exists())
        return take_and_give(&lock) == NULL;
    cfi_barrier_all_announce(true);
    return cfi_barrier_all_exists() ? 2 : NOT_HERE;
}

static void a_process_without_threads_has_it_at_once(void **state)
{
    (void)state;
#if defined __SANITIZE_THREAD__
    print_message("skipped: this sanitizer has a thread of its own\n");
    skip();
#endif
    in_a_child(ask_alone);
}

static int lose_it_on_the_way(void)
{
    struct cfi_biased_lock lock = {0};

    if (!forbid_the_barrier())
        return NOT_HERE;
    if (take_and_give(&lock) == NULL) /* it has been found to exist */
        return 1;
    int64_t begun_ns = cfi_now_ns();
    if (another(take_and_give, &lock) || lock.owner != &cfi_nobodys)
        return 2;
    if (cfi_now_ns() - begun_ns < 20000000)
        return 3; /* no barrier, and too short without one */
    if (cfi_barrier_all_exists())
        return 5; /* others would begin to rely on it */
    return are_all_counted(3) ? 0 : 4;
}

static void a_filter_put_up_later_costs_time_not_safety(void **state)
{
    (void)state;
    need_a_barrier();
    in_a_child(lose_it_on_the_way);
}

static void ignore(int signal)
{
    (void)signal;
}

static int lose_it_while_signals_come(void)
{
    struct sigaction action = {.sa_handler = ignore};
    struct sigevent event = {.sigev_notify = SIGEV_SIGNAL,
                             .sigev_signo = SIGUSR1};
    struct itimerspec each_ms = {.it_value.tv_nsec = 1000000,
                                 .it_interval.tv_nsec = 1000000};
    timer_t timer;

    if (!forbid_the_barrier())
        return NOT_HERE;
    if (sigaction(SIGUSR1, &action, NULL) != 0 ||
        timer_create(CLOCK_MONOTONIC, &event, &timer) != 0 ||
        timer_settime(timer, 0, &each_ms, NULL) != 0)
        return 1;
    errno = ENOENT;
    int64_t begun_ns = cfi_now_ns();
    cfi_barrier_all();
    if (cfi_now_ns() - begun_ns < 20000000)
        return 2;
    return errno == ENOENT ? 0 : 3;
}

static void what_stands_in_for_it_lasts_whatever_signals_come(void **state)
{
    (void)state;
    need_a_barrier();
    in_a_child(lose_it_while_signals_come);
}

static int ask_for_it(void)
{
    return syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) != 0;
}

static void a_forked_child_need_not_say_again_that_it_wants_it(void **state)
{
    (void)state;
    need_a_barrier();
    in_a_child(ask_for_it);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(where_there_is_no_barrier_it_is_a_plain_lock),
        cmocka_unit_test(
            a_barrier_that_nobody_has_announced_is_none_the_slower),
        cmocka_unit_test(a_process_with_threads_does_without_until_it_has_time),
        cmocka_unit_test(a_process_without_threads_has_it_at_once),
        cmocka_unit_test(a_filter_put_up_later_costs_time_not_safety),
        cmocka_unit_test(what_stands_in_for_it_lasts_whatever_signals_come),
        cmocka_unit_test(a_forked_child_need_not_say_again_that_it_wants_it),
    };
    return cmocka_run_group_tests_name("barrier", tests, NULL, NULL);
}
