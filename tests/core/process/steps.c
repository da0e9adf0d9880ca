/* SPDX-License-Identifier: MIT */
/*
 * steps [STRIDE]: a worker is killed after each STRIDE-th instruction (1: each)
 * of one task's cycle, from waking up to falling asleep again, for results of
 * three sizes. After each kill the task has ended, well or as crashed, the
 * worker is replaced, and ten more tasks pass.
 */
#include "process.h"

#include <errno.h>
#include <linux/futex.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/syscall.h>
#include <sys/user.h>
#include <sys/wait.h>
#include <unistd.h>

static long stride = 1;

static enum cf_status return_some(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    size_t bytes = *(const size_t *)arg;
    (void)arg_bytes;
    unsigned char *space = cf_return_space(task, bytes);
    if (space == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < bytes; i += 64) /* enough to tell it whole */
        space[i] = 'x';
    return CF_OK;
}

static bool stop_and_hold(int pid)
{
    int status;
    return ptrace(PTRACE_SEIZE, pid, NULL, NULL) == 0 &&
           ptrace(PTRACE_INTERRUPT, pid, NULL, NULL) == 0 &&
           waitpid(pid, &status, __WALL) == pid && WIFSTOPPED(status);
}

#ifdef __x86_64__

/* Is it about to sleep on a futex? */
static bool falls_asleep(int pid)
{
    struct user_regs_struct registers;
    const unsigned char call[] = {0x0f, 0x05}; /* syscall */

    if (ptrace(PTRACE_GETREGS, pid, NULL, &registers) != 0 ||
        registers.rax != SYS_futex ||
        (registers.rsi & 0x7f) != FUTEX_WAIT_BITSET)
        return false;
    long code = ptrace(PTRACE_PEEKTEXT, pid, (void *)registers.rip, NULL);
    return memcmp(&code, call, sizeof call) == 0;
}

#else

static bool falls_asleep(int pid)
{
    (void)pid;
    return true;
}

#endif

/* Takes `count` steps; false: it was about to sleep before. */
static bool step(int pid, long count)
{
    int status;

    for (long i = 0; i < count; i++) {
        /* the first is the call that it was woken from */
        if (i > 8 && falls_asleep(pid))
            return false;
        assert_int_equal(ptrace(PTRACE_SINGLESTEP, pid, NULL, NULL), 0);
        assert_int_equal(waitpid(pid, &status, __WALL), pid);
        assert_true(WIFSTOPPED(status));
    }
    return true;
}

static bool ended_well_or_crashed(struct cf_future *future, size_t bytes,
                                  int pid)
{
    const unsigned char *result;
    const void *view;
    size_t result_bytes;

    enum cf_status status =
        cf_result_view(future, CF_FOREVER, &view, &result_bytes);
    if (status == CF_CRASHED) {
        struct cf_error error = error_of(future);
        assert_int_equal(error.signal, SIGKILL);
        assert_int_equal(error.pid, pid);
        return false;
    }
    assert_status(status, CF_OK);
    assert_int_equal(result_bytes, bytes);
    result = view;
    for (size_t i = 0; i < bytes; i += 64)
        assert_int_equal(result[i], 'x');
    return true;
}

/* False: the cycle has fewer steps. */
static bool survive_a_kill_after(struct cf_executor *executor, size_t bytes,
                                 long steps, long *crashed)
{
    int pid = int_result(submit_int(executor, tell_pid, 0)), status;

    assert_true(stop_and_hold(pid));
    struct cf_future *future =
        submit(executor, return_some, &bytes, sizeof bytes);
    bool is_within = step(pid, steps);
    kill(pid, SIGKILL);
    /* whoever traces it hears of its death first */
    assert_int_equal(waitpid(pid, &status, __WALL), pid);
    *crashed += !ended_well_or_crashed(future, bytes, pid);
    cf_future_release(future);
    assert_serves(executor);
    return is_within;
}

static void a_kill_at_any_instruction_costs_one_task_at_most(void **state)
{
    static const size_t sizes[] = {0, 150, 5000};
    struct cf_executor *executor = full_executor(1);

    (void)state;
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        long steps = 0, crashed = 0;
        while (survive_a_kill_after(executor, sizes[i], steps, &crashed))
            steps += stride;
        print_message("%zu bytes: killed after 0, %ld, .. %ld instructions, "
                      "%ld times it cost the task\n",
                      sizes[i], stride, steps, crashed);
        assert_true(steps > 100 && crashed > 0);
    }
    cf_executor_destroy(executor);
}

static bool may_trace(void)
{
    int pid = fork();
    if (pid == 0) {
        pause();
        _exit(0);
    }
    bool may = stop_and_hold(pid);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, __WALL);
    return may;
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_kill_at_any_instruction_costs_one_task_at_most),
    };
    if (argc == 2)
        stride = strtol(argv[1], NULL, 10);
    if (stride < 1)
        return 2;
#ifndef __x86_64__
    printf("skipped: single steps are read on x86-64 only\n");
    return 77;
#endif
    if (is_sanitized() || !may_trace()) {
        printf("skipped: %s\n", is_sanitized()
                                    ? "the sanitizers' own code is stepped"
                                    : "this process may not trace another");
        return 77;
    }
    return cmocka_run_group_tests(tests, NULL, NULL);
}
