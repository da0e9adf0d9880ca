/* SPDX-License-Identifier: MIT */
/* When do others have what we would have used? */
#include "check.h"

#include <math.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "neighbours.h"

/* Two CPUs over one second. */
static double foreign(double busy_s, double own_s)
{
    const struct neighbours before = {
        .busy_s = 10, .idle_s = 10, .own_s = 5, .cpus = 2};
    const struct neighbours after = {.busy_s = 10 + busy_s,
                                     .idle_s = 12 - busy_s,
                                     .own_s = 5 + own_s,
                                     .cpus = 2};

    return neighbours_foreign_s(&before, &after);
}

static void what_is_busy_and_not_ours_is_theirs(void **state)
{
    (void)state;
    assert_true(fabs(foreign(2, 1.2) - 0.78) < 1e-9); /* less two ticks */
    assert_true(foreign(2, 2) == 0);
    assert_true(foreign(2, 1.99) == 0);
}

static void with_a_cpu_to_spare_nobody_is_in_our_way(void **state)
{
    (void)state;
    assert_true(foreign(1, 0) == 0);
    assert_true(foreign(1.7, 1) == 0);
    assert_true(foreign(1.9, 1) > 0);
}

static void where_nothing_is_counted_nothing_is_known(void **state)
{
    const struct neighbours none = {0};

    (void)state;
    assert_true(isnan(neighbours_foreign_s(&none, &none)));
}

static double cpu_s(void)
{
    struct timespec now;

    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &now);
    return (double)now.tv_sec + 1e-9 * (double)now.tv_nsec;
}

static void use_up(double seconds)
{
    while (cpu_s() < seconds)
        ;
}

/* A child that still runs, and one that is reaped, are both ours: each has used
 * 50 ms when it says so by stopping or ending. */
static void children_are_not_neighbours(void **state)
{
    struct neighbours before = neighbours_read(), now;
    pid_t pid = fork();
    int status;

    (void)state;
    if (pid == 0) {
        use_up(0.05);
        raise(SIGSTOP);
        _exit(0);
    }
    assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
    now = neighbours_read();
    assert_true(now.own_s - before.own_s >= 0.03); /* in ticks */
    kill(pid, SIGCONT);
    assert_int_equal(waitpid(pid, &status, 0), pid);
    now = neighbours_read();
    assert_true(now.own_s - before.own_s >= 0.05);
    assert_true(now.cpus >= 1 && now.busy_s >= before.busy_s);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_busy_and_not_ours_is_theirs),
        cmocka_unit_test(with_a_cpu_to_spare_nobody_is_in_our_way),
        cmocka_unit_test(where_nothing_is_counted_nothing_is_known),
        cmocka_unit_test(children_are_not_neighbours),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
