/* SPDX-License-Identifier: MIT */
/* Tasks that do what they should not: write over the memory they share with
 * the host, fork and come back twice, close every descriptor. Each harms
 * itself at most. */
#include "process.h"

#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

/* Where the rings of the worker that this runs in lie: at the start of the
 * mapping that the argument is in. */
static bool find_rings(const void *inside, unsigned char **start)
{
    FILE *maps = fopen("/proc/self/maps", "r");
    char line[512];
    unsigned long begin, end;
    bool is_found = false;

    while (!is_found && maps != NULL && fgets(line, sizeof line, maps)) {
        is_found = sscanf(line, "%lx-%lx", &begin, &end) == 2 &&
                   begin <= (uintptr_t)inside && (uintptr_t)inside < end;
        /* an address out of the kernel's own list */
        *start = (unsigned char *)begin;
    }
    if (maps != NULL)
        fclose(maps);
    return is_found;
}

#define RING_BYTES 32768

/* 0 .. 255: writes that byte all over the rings; above: something random. */
static enum cf_status scribble(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    unsigned seed = (unsigned)*(const int *)arg;
    unsigned char *rings;

    (void)arg_bytes;
    if (!find_rings(arg, &rings))
        return cf_raise(task, 1, "no rings found");
    for (size_t i = 0; i < RING_BYTES; i++) {
        if (seed < 256) {
            rings[i] = (unsigned char)seed;
            continue;
        }
        seed = seed * 1664525 + 1013904223;
        rings[i] = (unsigned char)(seed >> 24 | 1);
        seed |= 256;
    }
    return CF_OK;
}

static void a_worker_that_scribbles_is_killed_and_costs_one_task(void **state)
{
    static const int how[] = {0, 255, 1, 170, 1000, 2000, 3000};
    struct cf_executor *executor = full_executor(2);

    (void)state;
    for (size_t i = 0; i < sizeof how / sizeof *how; i++) {
        struct cf_future *bad = submit_int(executor, scribble, how[i]);
        struct cf_future *good[10];
        for (int k = 0; k < 10; k++)
            good[k] = submit_int(executor, square, k);
        struct cf_error error = error_of(bad);
        assert_status(error.status, CF_CRASHED);
        for (int k = 0; k < 10; k++)
            assert_int_equal(int_result(good[k]), k * k);
        cf_future_release(bad);
        assert_serves(executor);
    }
    cf_executor_destroy(executor);
}

static enum cf_status fork_and_return(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    int pid = fork();
    (void)arg;
    (void)arg_bytes;
    if (pid > 0)
        waitpid(pid, NULL, 0);
    return cf_return(task, &pid, sizeof pid);
}

static void a_child_that_returns_from_a_task_is_no_worker(void **state)
{
    struct cf_executor *executor = lazy_executor(1);

    (void)state;
    for (int i = 0; i < 5; i++) {
        assert_true(int_result(submit_int(executor, fork_and_return, 0)) > 0);
        assert_serves(executor);
    }
    cf_executor_destroy(executor);
}

/* Of the host, its workers and what they fork. */
static struct {
    sem_t may_return; /* the child */
    sem_t has_given;
} * late;

enum { LARGE = 60000 };

static enum cf_status give(struct cf_task *task, int byte)
{
    static unsigned char bytes[LARGE];

    memset(bytes, byte, sizeof bytes);
    return cf_return(task, bytes, sizeof bytes);
}

/* `arg`: whether the child has given a result before it is late. */
static enum cf_status fork_one_that_is_late(struct cf_task *task,
                                            const void *arg, size_t arg_bytes)
{
    (void)arg_bytes;
    if (*(const int *)arg != 0 && give(task, 1) != CF_OK)
        return CF_NOMEM;
    if (fork() != 0)
        return CF_OK;
    sem_wait(&late->may_return);
    enum cf_status status = give(task, 2);
    sem_post(&late->has_given);
    return status;
}

static enum cf_status give_before_it_does(struct cf_task *task, const void *arg,
                                          size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    if (give(task, 3) != CF_OK)
        return CF_NOMEM;
    sem_post(&late->may_return);
    sem_wait(&late->has_given);
    return CF_OK;
}

/* Not even where it lies in memory that the worker shares with its host. */
static void what_a_child_of_a_task_returns_is_no_tasks_result(void **state)
{
    const unsigned char *bytes;
    size_t count;

    (void)state;
    late = shared_memory(sizeof *late);
    sem_init(&late->may_return, 1, 0);
    sem_init(&late->has_given, 1, 0);
    struct cf_executor *executor = full_executor(1);
    for (int i = 0; i < 8; i++) {
        struct cf_future *first =
            submit_int(executor, fork_one_that_is_late, i % 2);
        struct cf_future *next = submit_int(executor, give_before_it_does, 0);
        assert_status(
            cf_result_view(first, CF_FOREVER, (const void **)&bytes, &count),
            CF_OK);
        assert_int_equal(count, i % 2 * LARGE);
        assert_true(count == 0 || bytes[0] == 1);
        assert_status(
            cf_result_view(next, CF_FOREVER, (const void **)&bytes, &count),
            CF_OK);
        assert_int_equal(count, LARGE);
        for (size_t k = 0; k < count; k++)
            assert_int_equal(bytes[k], 3);
        cf_future_release(first);
        cf_future_release(next);
    }
    cf_executor_destroy(executor);
}

static enum cf_status leave_a_child(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    int how = *(const int *)arg;
    int pid = fork();

    (void)arg_bytes;
    if (pid == 0) {
        pause();
        _exit(0);
    }
    if (how != 0)
        raise(how);
    return cf_return(task, &pid, sizeof pid);
}

static void children_of_tasks_are_not_mistaken_for_workers(void **state)
{
    struct cf_executor *executor = lazy_executor(1);

    (void)state;
    int child = int_result(submit_int(executor, leave_a_child, 0));
    int pidfd = watch_process(child);
    assert_serves(executor);
    kill(child, SIGKILL);
    assert_true(ends_within(pidfd, 1000));
    assert_serves(executor);
    close(pidfd);
    cf_executor_destroy(executor);
}

static enum cf_status close_everything(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return close_range(3, ~0u, 0) == 0 ? CF_OK : CF_SYSTEM;
}

static enum cf_status fill(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    size_t bytes = (size_t) * (const int *)arg;
    (void)arg_bytes;
    void *space = cf_return_space(task, bytes);
    if (space == NULL)
        return CF_NOMEM;
    memset(space, 'x', bytes);
    return CF_OK;
}

static void a_task_may_close_every_descriptor(void **state)
{
    struct cf_executor *executor = lazy_executor(1);
    struct cf_future *future = submit_int(executor, close_everything, 0);
    const void *result;
    size_t bytes;

    (void)state;
    assert_status(error_of(future).status, CF_OK);
    cf_future_release(future);
    assert_serves(executor);
    future = submit_int(executor, fill, 1 << 20);
    assert_status(cf_result_view(future, CF_FOREVER, &result, &bytes), CF_OK);
    assert_int_equal(bytes, 1 << 20);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

/* --- out of the task by another door --- */

static jmp_buf in_the_host;

static bool has_submitted(struct cf_task *task)
{
    struct cf_future *future;
    int number = 3;

    if (cf_submit(cf_task_executor(task), square, &number, sizeof number,
                  &future) != CF_OK)
        return false;
    enum cf_status status =
        cf_result(future, CF_FOREVER, &number, sizeof number);
    cf_future_release(future);
    return status == CF_OK;
}

static enum cf_status leave_by(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    char *const program[] = {(char *)(uintptr_t) "true", NULL};
    (void)arg_bytes;
    switch (*(const int *)arg) {
    case 3: /* with a thread of the library's beside it */
        if (!has_submitted(task))
            return cf_raise(task, 2, "%s", cf_last_error().text);
        pthread_exit(NULL);
    case 0:
        pthread_exit(NULL);
    case 1:
        execv("/bin/true", program);
        break;
    default:
        longjmp(in_the_host, 1);
    }
    return cf_raise(task, 1, "still here");
}

static void whoever_leaves_a_task_by_another_door_has_died(void **state)
{
    int host = getpid();

    (void)state;
    if (is_sanitized())
        skip(); /* they take a jump out of a frame for an error */
    /* a worker has a copy of this frame below its own */
    if (setjmp(in_the_host) != 0)
        exit(getpid() == host ? 1 : 7);
    struct cf_executor *executor = full_executor(2);
    for (int door = 0; door < 4; door++) {
        struct cf_future *future = submit_int(executor, leave_by, door);
        struct cf_error error = error_of(future);
        assert_status(error.status, CF_CRASHED);
        assert_int_equal(error.signal, 0);
        assert_int_equal(error.exit_code, door == 2 ? 7 : 0);
        cf_future_release(future);
        assert_serves(executor);
    }
    cf_executor_destroy(executor);
}

static int *farewells; /* of the host's: memory that is shared */

static void say_farewell(void)
{
    ++*farewells;
}

static enum cf_status leave_at_once(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    quick_exit(*(const int *)arg);
}

static void a_quick_exit_runs_no_handler_of_the_host(void **state)
{
    (void)state;
    farewells = shared_memory(sizeof *farewells);
    assert_int_equal(at_quick_exit(say_farewell), 0);
    struct cf_executor *executor = full_executor(1);
    struct cf_future *future = submit_int(executor, leave_at_once, 9);
    struct cf_error error = error_of(future);
    assert_status(error.status, CF_CRASHED);
    assert_int_equal(error.exit_code, 9);
    assert_int_equal(*farewells, 0);
    cf_future_release(future);
    cf_executor_destroy(executor);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_worker_that_scribbles_is_killed_and_costs_one_task),
        cmocka_unit_test(a_child_that_returns_from_a_task_is_no_worker),
        cmocka_unit_test(what_a_child_of_a_task_returns_is_no_tasks_result),
        cmocka_unit_test(children_of_tasks_are_not_mistaken_for_workers),
        cmocka_unit_test(a_task_may_close_every_descriptor),
        cmocka_unit_test(whoever_leaves_a_task_by_another_door_has_died),
        cmocka_unit_test(a_quick_exit_runs_no_handler_of_the_host),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
