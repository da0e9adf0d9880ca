/* SPDX-License-Identifier: MIT */
/*
 * How an executor on ranks is shut down, in the middle of what goes on between
 * them; and what a program does that ends in another order than most.
 */
#include "ranks.h"

#include <pthread.h>
#include <time.h>
#include <unistd.h>

#include "fifo.h"

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
        CHECK(cf_wait(&futures[idle], 1, CF_ALL_COMPLETED, CF_FOREVER, NULL) ==
              CF_OK);
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

/* Tasks say that they run, and one waits until the host says that it may go
 * on. */
struct order {
    enum cf_shutdown_how how;
    struct fifo runs, may_go_on;
};

static enum cf_status shut_down(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    const struct order *order = arg;
    struct cf_executor *executor = cf_task_executor(task);
    struct cf_future *future;

    (void)arg_bytes;
    if (!fifo_say_there(order->runs.path) ||
        !fifo_wait_at(order->may_go_on.path))
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

/* Is there until long after the shutdown, or until that asks it to end. */
static enum cf_status be_there(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    const struct order *order = arg;
    unsigned long_us = 500000;

    if (!fifo_say_there(order->runs.path))
        return cf_raise(task, 3, "nobody came to the fifo");
    return order->how == CF_SHUTDOWN_STOP ? linger(task, arg, arg_bytes)
                                          : nap(task, &long_us, sizeof long_us);
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
    unsigned short_us = 100;
    struct order order = {.how = how};

    fifo_make(&order.runs);
    fifo_make(&order.may_go_on);
    for (int i = 0; i < 3; i++)
        futures[i] = submit(executor, i == 0 ? shut_down : be_there, &order,
                            sizeof order);
    fifo_wait_for(&order.runs, 3);
    for (int i = 3; i < COUNT; i++)
        futures[i] = submit(executor, nap, &short_us, sizeof short_us);
    fifo_let_go_on(&order.may_go_on);
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
    fifo_remove(&order.runs);
    fifo_remove(&order.may_go_on);
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
