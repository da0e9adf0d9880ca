/* SPDX-License-Identifier: MIT */
/* libcf's cases of processes. */
#include <signal.h>

#include "libcf.h"

static enum cf_status echo(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

void libcf_p1(const struct peer_run *run)
{
    libcf_run_empty(run, true);
}

void libcf_p1m(const struct peer_run *run)
{
    libcf_map_squares(run, true);
}

void libcf_p2(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, true);
    peer_trips(run, libcf_trip, executor);
    cf_executor_destroy(executor);
}

/* p3_BYTES: there and back, one after the other. The result is looked at where
 * it lies, as Python's peers do with the object that they are given. */
void libcf_p3(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, true);
    size_t bytes = strtoul(run->name + strlen("p3_"), NULL, 10);
    unsigned char *there = malloc(bytes);
    const void *back;
    size_t back_bytes;
    struct cf_future *future = NULL;

    memset(there, 0x5a, bytes);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        for (size_t i = 0; i < run->tasks; i++) {
            cf_future_release(future); /* the one before */
            future = libcf_submit(executor, echo, there, bytes);
            libcf_must(cf_result_view(future, CF_FOREVER, &back, &back_bytes));
            peer_check(back_bytes == bytes, "the payload has changed size");
        }
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        peer_check(memcmp(there, back, bytes) == 0, "the payload has changed");
    }
    cf_future_release(future);
    free(there);
    cf_executor_destroy(executor);
}

static enum cf_status touch(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    struct cf_buffer *buffer = cf_task_buffer(task, 0);

    (void)arg;
    (void)arg_bytes;
    ++*(size_t *)cf_buffer_data(buffer);
    return cf_return_buffer(task, buffer);
}

/* p6_BYTES: as p3, in a buffer that the task changes and gives back */
void libcf_p6(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, true);
    size_t bytes = strtoul(run->name + strlen("p6_"), NULL, 10);
    struct cf_buffer *there, *back;

    libcf_must(cf_buffer_create(bytes, &there));
    struct cf_call call = {.buffers = &there, .buffer_count = 1};
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        size_t *count = cf_buffer_data(there), before = *count;
        double begun_s = peer_now_s();
        for (size_t i = 0; i < run->tasks; i++) {
            struct cf_future *future;
            libcf_must(
                cf_submit_call(executor, touch, NULL, 0, &call, &future));
            libcf_must(cf_result_buffer(future, CF_FOREVER, &back));
            cf_buffer_release(back);
            cf_future_release(future);
        }
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        peer_check(*count == before + run->tasks, "a task's write is missing");
    }
    cf_buffer_release(there);
    cf_executor_destroy(executor);
}

void libcf_p4(const struct peer_run *run)
{
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        struct cf_executor *executor = libcf_start(run, true);
        double create_s = peer_now_s() - begun_s;
        libcf_trip(executor);
        double stop_s = peer_now_s();
        cf_executor_destroy(executor);
        double end_s = peer_now_s();
        printf("pass=%d tasks=1 elapsed_s=%.9f pool_create_s=%.9f "
               "pool_destroy_s=%.9f\n",
               pass, end_s - begun_s, create_s, end_s - stop_s);
    }
}

static enum cf_status nap(struct cf_task *task, const void *arg,
                          size_t arg_bytes)
{
    struct timespec ms = {0, 1000000};

    (void)arg_bytes;
    if (*(const int *)arg)
        raise(SIGKILL);
    nanosleep(&ms, NULL);
    return cf_return(task, NULL, 0);
}

/* One of `tasks` tasks of 1 ms kills its worker. */
void libcf_p5(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, true);
    struct cf_future **futures = malloc(run->tasks * sizeof *futures);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        size_t failed = 0;
        double begun_s = peer_now_s();
        for (size_t i = 0; i < run->tasks; i++) {
            int is_killer = i == run->tasks / 2;
            futures[i] =
                libcf_submit(executor, nap, &is_killer, sizeof is_killer);
        }
        for (size_t i = 0; i < run->tasks; i++) {
            failed += cf_result(futures[i], CF_FOREVER, NULL, 0) != CF_OK;
            cf_future_release(futures[i]);
        }
        printf("pass=%d tasks=%zu elapsed_s=%.9f failed=%zu\n", pass,
               run->tasks, peer_now_s() - begun_s, failed);
    }
    free(futures);
    cf_executor_destroy(executor);
}
