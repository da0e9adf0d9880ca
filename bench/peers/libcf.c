/* SPDX-License-Identifier: MIT */
/*
 * libcf, by its public interface. The variant "many" submits by
 * cf_submit_many(), "forkjoin" divides by cf_branch_fork(), in "helps" the
 * caller of cf_map_into() takes part, "join" waits by cf_join(). Every future
 * is kept, waited for and released.
 */
#include "libcf.h"

#include <pthread.h>
#include <stdint.h>

enum cf_status libcf_empty(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)arg, (void)arg_bytes;
    return cf_return(task, NULL, 0);
}

void libcf_must(enum cf_status status)
{
    if (status != CF_OK) {
        fprintf(stderr, "%s: %s\n", cf_status_name(status),
                cf_last_error().text);
        exit(1);
    }
}

struct cf_executor *libcf_start(const struct peer_run *run, bool processes)
{
    struct cf_executor *executor;
    struct cf_options options = {.max_workers = run->workers,
                                 .start_all = true};

    libcf_must(cf_executor_create(processes ? CF_PROCESS : CF_THREAD, &options,
                                  &executor));
    return executor;
}

struct cf_future *libcf_submit(struct cf_executor *executor,
                               cf_function *function, const void *arg,
                               size_t bytes)
{
    struct cf_future *future;
    libcf_must(cf_submit(executor, function, arg, bytes, &future));
    return future;
}

void libcf_collect(struct cf_future **futures, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        struct cf_future *future = futures[i];
        libcf_must(cf_result(future, CF_FOREVER, NULL, 0));
        cf_future_release(future);
    }
}

void libcf_submit_empty(const struct peer_run *run,
                        struct cf_executor *executor,
                        struct cf_future **futures, size_t count)
{
    if (strcmp(run->variant, "many") == 0) {
        libcf_must(
            cf_submit_many(executor, libcf_empty, NULL, 0, count, futures));
        return;
    }
    for (size_t i = 0; i < count; i++)
        futures[i] = libcf_submit(executor, libcf_empty, NULL, 0);
}

void libcf_run_empty(const struct peer_run *run, bool processes)
{
    struct cf_executor *executor = libcf_start(run, processes);
    struct cf_future **futures = malloc(run->tasks * sizeof *futures);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        libcf_submit_empty(run, executor, futures, run->tasks);
        double submit_s = peer_now_s() - begun_s;
        libcf_collect(futures, run->tasks);
        printf("pass=%d tasks=%zu elapsed_s=%.9f submit_s=%.9f\n", pass,
               run->tasks, peer_now_s() - begun_s, submit_s);
    }
    free(futures);
    cf_executor_destroy(executor);
}

static void t1(const struct peer_run *run)
{
    libcf_run_empty(run, false);
}

void libcf_trip(void *context)
{
    struct cf_future *future = libcf_submit(context, libcf_empty, NULL, 0);
    libcf_collect(&future, 1);
}

static void t2(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, false);
    peer_trips(run, libcf_trip, executor);
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
    struct cf_future *future =
        libcf_submit(executor, fib_task, &less, sizeof less);
    long right = fib(executor, n - 2);
    libcf_must(cf_result(future, CF_FOREVER, &left, sizeof left));
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

/* The same by fork and join: *n becomes fib(*n). */
static enum cf_status fib_branch(struct cf_task *task, void *arg)
{
    long *n = arg, less = *n - 1;
    struct cf_branch branch;

    if (*n < 2)
        return CF_OK;
    cf_branch_fork(task, &branch, fib_branch, &less);
    *n -= 2;
    fib_branch(task, n);
    libcf_must(cf_branch_join(task, &branch));
    *n += less;
    return CF_OK;
}

static enum cf_status fork_fib(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    long n = *(const int *)arg;

    (void)arg_bytes;
    fib_branch(task, &n);
    return cf_return(task, &n, sizeof n);
}

static void t3(const struct peer_run *run)
{
    bool forks = strcmp(run->variant, "forkjoin") == 0;
    struct cf_executor *executor = libcf_start(run, false);
    int n = PEER_FIB;
    long sum;

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        struct cf_future *future =
            libcf_submit(executor, forks ? fork_fib : fib_task, &n, sizeof n);
        libcf_must(cf_result(future, CF_FOREVER, &sum, sizeof sum));
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
    libcf_submit_empty(producer->run, producer->executor, producer->futures,
                       producer->count);
    libcf_collect(producer->futures, producer->count);
    return NULL;
}

static void t4(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, false);
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

void libcf_map_squares(const struct peer_run *run, bool processes)
{
    struct cf_executor *executor = libcf_start(run, processes);
    struct cf_map_options options = {.caller_helps =
                                         strcmp(run->variant, "helps") == 0};
    double *items = malloc(run->tasks * sizeof *items);
    double *results = malloc(run->tasks * sizeof *results);

    for (size_t i = 0; i < run->tasks; i++)
        items[i] = (double)i;
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        memset(results, 0, run->tasks * sizeof *results);
        double begun_s = peer_now_s();
        libcf_must(cf_map_into(executor, square, items, sizeof *items, results,
                               sizeof *results, run->tasks, &options));
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
    libcf_map_squares(run, false);
}

static void t6(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, false);

    for (int i = 0; i < 1000; i++)
        libcf_trip(executor);
    peer_idle(run);
    cf_executor_destroy(executor);
}

/* As t1, but with so many tasks in flight at a time, again and again until
 * `tasks` are done: in_flight_1000, ... */
static void in_flight(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, false);
    size_t window = strtoul(run->name + strlen("in_flight_"), NULL, 10);
    struct cf_future **futures = malloc(window * sizeof *futures);
    size_t rounds = (run->tasks + window - 1) / window;

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        for (size_t round = 0; round < rounds; round++) {
            libcf_submit_empty(run, executor, futures, window);
            libcf_collect(futures, window);
        }
        peer_say(pass, rounds * window, peer_now_s() - begun_s);
    }
    free(futures);
    cf_executor_destroy(executor);
}

/* Round trips from inside a task: the waiter may run what it waits for. */
static enum cf_status trips(struct cf_task *task, const void *arg,
                            size_t arg_bytes)
{
    (void)arg_bytes;
    peer_trips(*(const struct peer_run *const *)arg, libcf_trip,
               cf_task_executor(task));
    return cf_return(task, NULL, 0);
}

static void t2in(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, false);
    struct cf_future *future = libcf_submit(executor, trips, &run, sizeof run);

    libcf_collect(&future, 1);
    cf_executor_destroy(executor);
}

static const struct peer_case cases[] = {
    {"t1", t1},
    {"t1w8", t1},
    {"t2", t2},
    {"t2in", t2in},
    {"t3", t3},
    {"t4", t4},
    {"t5", t5},
    {"t6", t6},
    {"in_flight_10", in_flight},
    {"in_flight_100", in_flight},
    {"in_flight_1000", in_flight},
    {"in_flight_100000", in_flight},
    {"in_flight_10000000", in_flight},
    {"memory", libcf_memory},
    {"stages", libcf_stages},
    {"p1", libcf_p1},
    {"p1m", libcf_p1m},
    {"p2", libcf_p2},
    {"p3_64", libcf_p3},
    {"p3_4096", libcf_p3},
    {"p3_65536", libcf_p3},
    {"p3_1048576", libcf_p3},
    {"p3_67108864", libcf_p3},
    {"p4", libcf_p4},
    {"p5", libcf_p5},
    {"p6_67108864", libcf_p6},
};

PEER_MAIN(cases)
