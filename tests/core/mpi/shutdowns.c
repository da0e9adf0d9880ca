/* SPDX-License-Identifier: MIT */
/*
 * How an executor on ranks is shut down, in the middle of what goes on between
 * them; and what a program does that ends in another order than most.
 */
#include "ranks.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

static void check_ok(struct cf_future *future)
{
    CHECK(cf_result(future, CF_FOREVER, NULL, 0) == CF_OK);
    cf_future_release(future);
}

/* Lasts five seconds, unless it is asked to end. */
static enum cf_status linger(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int64_t until_ns = now_ns() + 5000000000;

    (void)arg;
    (void)arg_bytes;
    while (now_ns() < until_ns && !cf_stopping(task))
        usleep(200);
    return CF_OK;
}

/* Two ranks have a task each and one behind it; one of them falls idle, so the
 * other is soon asked for what waits there: and that is when the executor is
 * shut down. Wherever it is then, it does not start. */
static void nothing_starts_after_a_shutdown_that_cancels(void)
{
    struct cf_options options = {.max_workers = 2, .record_times = true};
    struct cf_future *futures[4];

    for (unsigned round = 0; round < 80; round++) {
        struct cf_executor *executor = executor_of(&options);
        unsigned idle = round % 2;
        for (int i = 0; i < 4; i++)
            futures[i] = submit(executor, linger, NULL, 0);
        usleep(16000); /* ranks look seldom by then, and answer late */
        cf_cancel(futures[idle + 2]);
        CHECK(cf_stop(futures[idle], CF_FOREVER) == CF_OK);
        while (!cf_done(futures[idle]))
            usleep(20);
        usleep(round * 53 % 2000);
        (void)!cf_shutdown(executor, CF_SHUTDOWN_CANCEL, 0);
        int64_t since_ns = now_ns();
        usleep(3000);
        CHECK(cf_shutdown(executor, CF_SHUTDOWN_STOP, CF_FOREVER) == CF_OK);
        CHECK(cf_future_info(futures[3 - idle]).started_ns < since_ns);
        for (int i = 0; i < 4; i++)
            cf_future_release(futures[i]);
        cf_executor_destroy(executor);
    }
}

/* A task waits at a FIFO until its host says that it may go on; both are on one
 * machine. */
struct order {
    enum cf_shutdown_how how;
    char folder[180], fifo[200];
};

static void make_fifo(struct order *order)
{
    const char *folder = getenv("TMPDIR");

    snprintf(order->folder, sizeof order->folder, "%s/cf-XXXXXX",
             folder != NULL ? folder : "/tmp");
    CHECK(mkdtemp(order->folder) != NULL);
    snprintf(order->fifo, sizeof order->fifo, "%s/fifo", order->folder);
    CHECK(mkfifo(order->fifo, 0600) == 0);
}

/* Once the task is there. */
static void let_go_on(const struct order *order)
{
    int fd = open(order->fifo, O_WRONLY);

    CHECK(write(fd, "", 1) == 1);
    close(fd);
    unlink(order->fifo);
    rmdir(order->folder);
}

static bool wait_at(const struct order *order)
{
    char byte;
    int fd = open(order->fifo, O_RDONLY);
    bool may_go_on = read(fd, &byte, 1) == 1;

    close(fd);
    return may_go_on;
}

static enum cf_status shut_down(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    const struct order *order = arg;
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *future;

    (void)arg_bytes;
    if (!wait_at(order))
        return cf_raise(task, 3, "nobody came to the fifo");
    if (cf_shutdown(executor, order->how, 0) != CF_TIMEOUT)
        return cf_raise(task, 1, "no shutdown");
    if (cf_submit(executor, linger, NULL, 0, &future) != CF_SHUTDOWN)
        return cf_raise(task, 2, "it takes a task after that");
    return CF_OK;
}

static enum cf_status nap(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    (void)task;
    (void)arg_bytes;
    usleep(*(const unsigned *)arg);
    return CF_OK;
}

/* The whole executor, whichever rank it runs in: what the others have is
 * cancelled, asked to end, or run, as `how` says, and the host takes no more
 * from the moment that it sees the task end. */
static void a_task_may_shut_its_executor_down(const struct cf_backend *inside,
                                              enum cf_shutdown_how how)
{
    enum { COUNT = 24 };
    struct cf_options options = {.max_workers = 3, .rank_backend = inside};
    struct cf_executor *executor = executor_of(&options);
    struct cf_future *futures[COUNT], *late;
    enum cf_status rest = how == CF_SHUTDOWN_DRAIN ? CF_OK : CF_CANCELLED;
    unsigned long_us = 500000, short_us = 100;
    struct order order = {.how = how};

    make_fifo(&order);
    for (int i = 1; i < 3; i++)
        futures[i] = how == CF_SHUTDOWN_STOP
                         ? submit(executor, linger, NULL, 0)
                         : submit(executor, nap, &long_us, sizeof long_us);
    for (int i = 1; i < 3; i++)
        while (!cf_running(futures[i]))
            usleep(1000);
    futures[0] = submit(executor, shut_down, &order, sizeof order);
    while (!cf_running(futures[0]))
        usleep(1000);
    for (int i = 3; i < COUNT; i++)
        futures[i] = submit(executor, nap, &short_us, sizeof short_us);
    let_go_on(&order);
    for (int i = 0; i < COUNT; i++) {
        CHECK(cf_result(futures[i], CF_FOREVER, NULL, 0) ==
              (i < 3 ? CF_OK : rest));
        CHECK(i > 0 || cf_submit(executor, nap, &short_us, sizeof short_us,
                                 &late) == CF_SHUTDOWN);
        cf_future_release(futures[i]);
    }
    CHECK(cf_shutdown(executor, CF_SHUTDOWN_DRAIN, CF_FOREVER) == CF_OK);
    CHECK(cf_executor_stats(executor).cancelled ==
          (rest == CF_CANCELLED ? COUNT - 3 : 0));
    cf_executor_destroy(executor);
}

static enum cf_status leave_a_nap(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    struct cf_future *future;
    enum cf_status status =
        cf_submit(cf_task_executor(task), nap, arg, arg_bytes, &future);

    cf_future_release(future);
    return status;
}

static void *destroy(void *executor)
{
    cf_executor_destroy(executor);
    return NULL;
}

/* All ranks are shared, and one of the first executor's tasks has left another
 * behind that its end waits for. */
static void an_executor_that_ends_holds_no_other_up(void)
{
    struct cf_options options = {.max_workers = 1, .rank_workers = 1};
    struct cf_executor *ending[3], *executor;
    unsigned long_us = 2000000, short_us = 100;
    pthread_t threads[3];

    for (int i = 0; i < 3; i++) {
        ending[i] = executor_of(&options);
        check_ok(submit(ending[i], leave_a_nap, &long_us, sizeof long_us));
    }
    executor = executor_of(&options);
    check_ok(submit(executor, nap, &short_us, sizeof short_us));
    for (int i = 0; i < 3; i++)
        CHECK(pthread_create(&threads[i], NULL, destroy, ending[i]) == 0);
    usleep(100000);
    int64_t from_ns = now_ns();
    check_ok(submit(executor, nap, &short_us, sizeof short_us));
    CHECK(now_ns() - from_ns < 1000000000);
    for (int i = 0; i < 3; i++)
        pthread_join(threads[i], NULL);
    CHECK(now_ns() - from_ns > 1000000000);
    cf_executor_destroy(executor);
}

void shutdowns(const struct cf_backend *inside)
{
    a_task_may_shut_its_executor_down(inside, CF_SHUTDOWN_CANCEL);
    a_task_may_shut_its_executor_down(inside, CF_SHUTDOWN_STOP);
    a_task_may_shut_its_executor_down(inside, CF_SHUTDOWN_DRAIN);
    if (inside == CF_PROCESS)
        return;
    an_executor_that_ends_holds_no_other_up();
    nothing_starts_after_a_shutdown_that_cancels();
}
