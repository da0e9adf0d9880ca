/* SPDX-License-Identifier: MIT */
/*
 * How an executor on ranks is shut down, in the middle of what goes on between
 * them; and what a program does that ends in another order than most.
 */
#include "ranks.h"

#include <time.h>
#include <unistd.h>

static int64_t now_ns(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000000000 + now.tv_nsec;
}

/* Lasts a second, unless it is asked to end. */
static enum cf_status linger(struct cf_task *task, const void *arg,
                             size_t arg_bytes)
{
    int64_t until_ns = now_ns() + 1000000000;

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

void shutdowns(void)
{
    nothing_starts_after_a_shutdown_that_cancels();
}
