/* SPDX-License-Identifier: MIT */
/*
 * libcf, by its public interface. The variant "many" submits by
 * cf_submit_many(). Every future is kept, waited for and released.
 */
#include <pthread.h>
#include <signal.h>
#include <stdint.h>

#include <cf/cf.h>

#include "peer.h"

static enum cf_status empty(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    return cf_return(task, NULL, 0);
}

static enum cf_status echo(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

static void must(enum cf_status status)
{
    if (status != CF_OK) {
        fprintf(stderr, "%s: %s\n", cf_status_name(status),
                cf_last_error().text);
        exit(1);
    }
}

static struct cf_executor *start(const struct peer_run *run, bool processes)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = run->workers,
                                 .start_all = true};

    must(cf_executor_create(processes ? CF_PROCESS : CF_THREAD, &options,
                            &executor));
    return executor;
}

static struct cf_future *submit(struct cf_executor *executor,
                                cf_function *function, const void *arg,
                                size_t bytes)
{
    struct cf_future *future;
    must(cf_submit(executor, function, arg, bytes, &future));
    return future;
}

static void collect(struct cf_future **futures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        must(cf_result(futures[i], CF_FOREVER, NULL, 0));
        cf_future_release(futures[i]);
    }
}

static void submit_empty(const struct peer_run *run,
                         struct cf_executor *executor,
                         struct cf_future **futures, size_t count)
{
    if (strcmp(run->variant, "many") == 0) {
        must(cf_submit_many(executor, empty, NULL, 0, count, futures));
        return;
    }
    for (size_t i = 0; i < count; i++)
        futures[i] = submit(executor, empty, NULL, 0);
}

static void run_empty(const struct peer_run *run, bool processes)
{
    struct cf_executor *executor = start(run, processes);
    struct cf_future **futures = malloc(run->tasks * sizeof *futures);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        submit_empty(run, executor, futures, run->tasks);
        double submit_s = peer_now_s() - begun_s;
        collect(futures, run->tasks);
        printf("pass=%d tasks=%zu elapsed_s=%.9f submit_s=%.9f\n", pass,
               run->tasks, peer_now_s() - begun_s, submit_s);
    }
    free(futures);
    cf_executor_destroy(executor);
}

static void t1(const struct peer_run *run)
{
    run_empty(run, false);
}

static void p1(const struct peer_run *run)
{
    run_empty(run, true);
}

static void trip(void *context)
{
    struct cf_future *future = submit(context, empty, NULL, 0);
    collect(&future, 1);
}

static void t2(const struct peer_run *run)
{
    struct cf_executor *executor = start(run, false);
    peer_trips(run, trip, executor);
    cf_executor_destroy(executor);
}

static void p2(const struct peer_run *run)
{
    struct cf_executor *executor = start(run, true);
    peer_trips(run, trip, executor);
    cf_executor_destroy(executor);
}

static enum cf_status fib_task(struct cf_task *task, const void *arg,
                               size_t arg_bytes);

static long fib(struct cf_executor *executor, int n)
{
    long left;

    if (n < 2)
        return n;
    int less = n - 1;
    struct cf_future *future = submit(executor, fib_task, &less, sizeof less);
    long right = fib(executor, n - 2);
    must(cf_result(future, CF_FOREVER, &left, sizeof left));
    cf_future_release(future);
    return left + right;
}

static enum cf_status fib_task(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    (void)arg_bytes;
    long sum = fib(cf_task_executor(task), *(const int *)arg);
    return cf_return(task, &sum, sizeof sum);
}

static void t3(const struct peer_run *run)
{
    struct cf_executor *executor = start(run, false);
    int n = PEER_FIB;
    long sum;

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        struct cf_future *future = submit(executor, fib_task, &n, sizeof n);
        must(cf_result(future, CF_FOREVER, &sum, sizeof sum));
        cf_future_release(future);
        peer_say(pass, peer_fib_spawns(n), peer_now_s() - begun_s);
        peer_check(sum == peer_fib(n), "fib is wrong");
    }
    cf_executor_destroy(executor);
}

struct producer {
    const struct peer_run *run;
    struct cf_executor *executor;
    struct cf_future **futures;
    size_t count;
};

static void *produce(void *context)
{
    struct producer *producer = context;
    submit_empty(producer->run, producer->executor, producer->futures,
                 producer->count);
    collect(producer->futures, producer->count);
    return NULL;
}

static void t4(const struct peer_run *run)
{
    struct cf_executor *executor = start(run, false);
    size_t each = run->tasks / PEER_PRODUCERS;
    struct cf_future **futures = malloc(run->tasks * sizeof *futures);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        pthread_t threads[PEER_PRODUCERS];
        struct producer producers[PEER_PRODUCERS];
        double begun_s = peer_now_s();
        for (size_t i = 0; i < PEER_PRODUCERS; i++) {
            producers[i] =
                (struct producer){run, executor, futures + i * each, each};
            pthread_create(&threads[i], NULL, produce, &producers[i]);
        }
        for (size_t i = 0; i < PEER_PRODUCERS; i++)
            pthread_join(threads[i], NULL);
        peer_say(pass, each * PEER_PRODUCERS, peer_now_s() - begun_s);
    }
    free(futures);
    cf_executor_destroy(executor);
}

static void square(const void *item, void *result)
{
    double x = *(const double *)item;
    *(double *)result = x * x;
}

static void map_squares(const struct peer_run *run, bool processes)
{
    struct cf_executor *executor = start(run, processes);
    double *items = malloc(run->tasks * sizeof *items);
    double *results = malloc(run->tasks * sizeof *results);

    for (size_t i = 0; i < run->tasks; i++)
        items[i] = (double)i;
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        memset(results, 0, run->tasks * sizeof *results);
        double begun_s = peer_now_s();
        must(cf_map_into(executor, square, items, sizeof *items, results,
                         sizeof *results, run->tasks, NULL));
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        for (size_t i = 0; i < run->tasks; i++)
            peer_check(results[i] == (double)i * (double)i,
                       "a square is wrong");
    }
    free(items);
    free(results);
    cf_executor_destroy(executor);
}

static void t5(const struct peer_run *run)
{
    map_squares(run, false);
}

static void p1m(const struct peer_run *run)
{
    map_squares(run, true);
}

static void t6(const struct peer_run *run)
{
    struct cf_executor *executor = start(run, false);

    for (int i = 0; i < 1000; i++)
        trip(executor);
    peer_idle(run);
    cf_executor_destroy(executor);
}

/* p3_BYTES: there and back, one after the other */
static void p3(const struct peer_run *run)
{
    struct cf_executor *executor = start(run, true);
    size_t bytes = strtoul(run->name + strlen("p3_"), NULL, 10);
    unsigned char *there = malloc(bytes), *back = malloc(bytes);

    memset(there, 0x5a, bytes);
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        for (size_t i = 0; i < run->tasks; i++) {
            struct cf_future *future = submit(executor, echo, there, bytes);
            must(cf_result(future, CF_FOREVER, back, bytes));
            cf_future_release(future);
        }
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        peer_check(memcmp(there, back, bytes) == 0, "the payload has changed");
    }
    free(there);
    free(back);
    cf_executor_destroy(executor);
}

static void p4(const struct peer_run *run)
{
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        struct cf_executor *executor = start(run, true);
        double create_s = peer_now_s() - begun_s;
        trip(executor);
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
static void p5(const struct peer_run *run)
{
    struct cf_executor *executor = start(run, true);
    struct cf_future **futures = malloc(run->tasks * sizeof *futures);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        size_t failed = 0;
        double begun_s = peer_now_s();
        for (size_t i = 0; i < run->tasks; i++) {
            int is_killer = i == run->tasks / 2;
            futures[i] = submit(executor, nap, &is_killer, sizeof is_killer);
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

static const struct peer_case cases[] = {
    {"t1", t1},         {"t2", t2},    {"t3", t3},      {"t4", t4},
    {"t5", t5},         {"t6", t6},    {"p1", p1},      {"p1m", p1m},
    {"p2", p2},         {"p3_64", p3}, {"p3_4096", p3}, {"p3_65536", p3},
    {"p3_1048576", p3}, {"p4", p4},    {"p5", p5},
};

PEER_MAIN(cases)
