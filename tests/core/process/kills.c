/* SPDX-License-Identifier: MIT */
/*
 * kills [KILLS]: workers killed at random moments under load. Each task ends
 * once, with its right result or with CF_CRASHED, and only such tasks crash as
 * a worker was running when it was killed. Where tasks may be tried again, 8
 * workers are killed KILLS times, and every result is right.
 */
#include "process.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { WORKERS = 8, AT_A_TIME = 500 };

static int most_kills = 1000;

/* Shared by host and workers. */
struct field {
    _Atomic int pids[WORKERS]; /* of the workers, as they tell */
    _Atomic unsigned char runs[];
};

struct step {
    struct field *field;
    int number;
    int work_ns;
    int filler[29];
};

static enum cf_status take_step(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    const struct step *step = arg;
    unsigned char result[300];
    size_t bytes = step->number % 3 == 0 ? sizeof result : sizeof(int);

    (void)arg_bytes;
    atomic_store(&step->field->pids[cf_worker_index(task)], getpid());
    atomic_fetch_add(&step->field->runs[step->number], 1);
    for (int64_t end_ns = now_ns() + step->work_ns; now_ns() < end_ns;)
        ;
    memset(result, step->number & 0xff, sizeof result);
    memcpy(result, &step->number, sizeof step->number);
    return cf_return(task, result, bytes);
}

struct killer {
    struct field *field;
    int zygote; /* the workers' parent */
    int pause_us;
    _Atomic bool is_over;
    _Atomic int kills;
};

/* Kills a child of `parent`, and nobody else: the id may have come to mean
 * another process since it was told. */
static bool kill_child(int pid, int parent)
{
    char path[64], line[512];
    int pidfd = watch_process(pid), its_parent = -1;

    snprintf(path, sizeof path, "/proc/%d/stat", pid);
    FILE *stat = pidfd >= 0 ? fopen(path, "r") : NULL;
    if (stat != NULL && fgets(line, sizeof line, stat) != NULL)
        sscanf(strrchr(line, ')') + 1, " %*c %d", &its_parent);
    if (stat != NULL)
        fclose(stat);
    /* if that was its parent, the descriptor is one of it as well: it was not
     * reaped between the two */
    bool is_killed =
        its_parent == parent &&
        syscall(SYS_pidfd_send_signal, pidfd, SIGKILL, NULL, 0) == 0;
    if (pidfd >= 0)
        close(pidfd);
    return is_killed;
}

/* One kill about at each pause, of workers in turn. */
static void *kill_workers(void *context)
{
    struct killer *killer = context;

    for (unsigned i = 0; !atomic_load(&killer->is_over); i++) {
        usleep((unsigned)killer->pause_us / 2 +
               i * 7919 % (unsigned)killer->pause_us);
        int pid = atomic_exchange(&killer->field->pids[i % WORKERS], 0);
        if (pid != 0)
            killer->kills += kill_child(pid, killer->zygote);
    }
    return NULL;
}

static bool came_right(struct cf_future *future, const struct field *field,
                       int number)
{
    unsigned char result[300] = {0};
    int told;

    enum cf_status status =
        cf_result(future, CF_FOREVER, result, sizeof result);
    int runs = atomic_load(&field->runs[number]);
    assert_true(status == CF_OK || status == CF_CRASHED);
    if (status == CF_CRASHED) {
        assert_true(runs <= 1); /* it may not have come so far */
        assert_int_equal(error_of(future).signal, SIGKILL);
        return false;
    }
    memcpy(&told, result, sizeof told);
    assert_int_equal(told, number);
    assert_int_equal(runs, 1);
    if (number % 3 == 0)
        assert_int_equal(result[sizeof result - 1], number & 0xff);
    return true;
}

static void each_task_ends_once_while_workers_are_killed(void **state)
{
    enum { KILLS = 20 };
    int least = is_sanitized() ? 3000 : 30000, most = 100 * least;
    int tasks = 0, crashed = 0;
    struct field *field =
        shared_memory(sizeof *field + (size_t)most * sizeof *field->runs);
    struct cf_executor *executor = full_executor(WORKERS / 2);
    struct killer killer = {.field = field,
                            .pause_us = 1000,
                            .zygote =
                                int_result(submit_int(executor, tell_host, 0))};
    struct cf_future *futures[AT_A_TIME];
    pthread_t thread;

    (void)state;
    pthread_create(&thread, NULL, kill_workers, &killer);
    for (;
         tasks < least || (tasks < most && atomic_load(&killer.kills) <= KILLS);
         tasks += AT_A_TIME) {
        for (int k = 0; k < AT_A_TIME; k++) {
            struct step step = {.field = field, .number = tasks + k};
            futures[k] = submit(executor, take_step, &step, sizeof step);
        }
        for (int k = 0; k < AT_A_TIME; k++) {
            crashed += !came_right(futures[k], field, tasks + k);
            cf_future_release(futures[k]);
        }
    }
    atomic_store(&killer.is_over, true);
    pthread_join(thread, NULL);
    print_message("%d tasks, %d kills, %d tasks crashed\n", tasks, killer.kills,
                  crashed);
    assert_true(killer.kills > KILLS);
    assert_true(crashed <= killer.kills);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

/* The results of one armful of tasks, each tried as often as it takes. */
static void run_an_armful(struct cf_executor *executor, struct field *field)
{
    struct cf_call call = {.retries = 1000000, .retry_on = CF_RETRY_CRASHED};
    struct cf_future *futures[AT_A_TIME];
    unsigned char result[300];
    int told;

    for (int i = 0; i < AT_A_TIME; i++) {
        struct step step = {.field = field, .number = i, .work_ns = 100000};
        assert_status(cf_submit_call(executor, take_step, &step, sizeof step,
                                     &call, &futures[i]),
                      CF_OK);
    }
    for (int i = 0; i < AT_A_TIME; i++) {
        assert_status(cf_result(futures[i], CF_FOREVER, result, sizeof result),
                      CF_OK);
        memcpy(&told, result, sizeof told);
        assert_int_equal(told, i);
        if (i % 3 == 0)
            assert_int_equal(result[sizeof result - 1], i & 0xff);
        cf_future_release(futures[i]);
    }
}

static void every_result_is_right_where_tasks_are_tried_again(void **state)
{
    struct field *field =
        shared_memory(sizeof *field + AT_A_TIME * sizeof *field->runs);
    struct cf_executor *executor = full_executor(WORKERS);
    struct killer killer = {.field = field,
                            .pause_us = 100,
                            .zygote =
                                int_result(submit_int(executor, tell_host, 0))};
    pthread_t thread;
    int tasks = 0;

    (void)state;
    int64_t begun_ns = now_ns();
    pthread_create(&thread, NULL, kill_workers, &killer);
    for (; atomic_load(&killer.kills) < most_kills; tasks += AT_A_TIME)
        run_an_armful(executor, field);
    atomic_store(&killer.is_over, true);
    pthread_join(thread, NULL);
    struct cf_executor_stats stats = cf_executor_stats(executor);
    print_message("%d tasks, %d kills, %d attempts more, %.1f s\n", tasks,
                  killer.kills, (int)stats.retried,
                  (double)(now_ns() - begun_ns) / 1e9);
    assert_int_equal(stats.crashed, 0);
    assert_int_equal(stats.succeeded, tasks + 1);
    assert_true((int)stats.retried <= killer.kills);
    assert_serves(executor);
    cf_executor_destroy(executor);
}

int main(int argc, char **argv)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(each_task_ends_once_while_workers_are_killed),
        cmocka_unit_test(every_result_is_right_where_tasks_are_tried_again),
    };
    if (argc == 2)
        most_kills = atoi(argv[1]);
    return cmocka_run_group_tests(tests, NULL, NULL);
}
