/* SPDX-License-Identifier: MIT */
/*
 * libcf on the ranks of an MPI job: one line for each figure, "NAME VALUE", as
 * mpi_mpi4py.py prints them. Run by mpi.py.
 */
#include <cf/cf.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { EMPTY = 5000, PAYLOADS = 60, TRIPS = 200, PAUSES = 15 };

static double seconds(clockid_t clock)
{
    struct timespec now;

    clock_gettime(clock, &now);
    return (double)now.tv_sec + (double)now.tv_nsec * 1e-9;
}

static void must(enum cf_status status)
{
    if (status == CF_OK)
        return;
    fprintf(stderr, "mpi_libcf: %s\n", cf_last_error().text);
    exit(1);
}

static enum cf_status nothing(struct cf_task *task, const void *arg,
                              size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}

static enum cf_status echo(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

/* What this rank's process has used so far. */
static enum cf_status used(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    double cpu_s = seconds(CLOCK_PROCESS_CPUTIME_ID);

    (void)arg;
    (void)arg_bytes;
    return cf_return(task, &cpu_s, sizeof cpu_s);
}

static double run(struct cf_executor *executor, cf_function *function,
                  const void *arg, size_t arg_bytes, size_t count)
{
    struct cf_future **futures = calloc(count, sizeof *futures);
    double start_s = seconds(CLOCK_MONOTONIC);

    for (size_t i = 0; i < count; i++)
        must(cf_submit(executor, function, arg, arg_bytes, &futures[i]));
    for (size_t i = 0; i < count; i++) {
        const void *result;
        must(cf_result_view(futures[i], CF_FOREVER, &result, NULL));
        cf_future_release(futures[i]);
    }
    double took_s = seconds(CLOCK_MONOTONIC) - start_s;
    free(futures);
    return took_s / (double)count;
}

static int by_value(const void *one, const void *other)
{
    double a = *(const double *)one, b = *(const double *)other;
    return (a > b) - (a < b);
}

static double median_trip(struct cf_executor *executor, size_t count,
                          useconds_t pause_us)
{
    double trips[TRIPS];

    for (size_t i = 0; i < count; i++) {
        if (pause_us > 0)
            usleep(pause_us);
        trips[i] = run(executor, nothing, NULL, 0, 1);
    }
    qsort(trips, count, sizeof trips[0], by_value);
    return trips[count / 2];
}

static double cpu_of(struct cf_executor *executor)
{
    struct cf_future *future;
    double cpu_s;

    must(cf_submit(executor, used, NULL, 0, &future));
    must(cf_result(future, CF_FOREVER, &cpu_s, sizeof cpu_s));
    cf_future_release(future);
    return cpu_s;
}

/* The share of a core that a rank takes which nobody gave anything for 100 ms.
 */
static double idle_share(void)
{
    struct cf_executor *executor;

    must(cf_executor_create(CF_MPI, &(struct cf_options){.max_workers = 1},
                            &executor));
    cpu_of(executor);
    usleep(100000);
    double before_s = cpu_of(executor), start_s = seconds(CLOCK_MONOTONIC);
    usleep(2000000);
    double share =
        (cpu_of(executor) - before_s) / (seconds(CLOCK_MONOTONIC) - start_s);
    cf_executor_destroy(executor);
    return share;
}

int main(void)
{
    size_t bytes = (size_t)1 << 20;
    struct cf_executor *executor;

    cf_worker_entry();
    void *payload = calloc(1, bytes);
    must(cf_executor_create(CF_MPI, &(struct cf_options){.start_all = true},
                            &executor));
    run(executor, nothing, NULL, 0, EMPTY / 10);
    printf("empty_task_s %.3e\n", run(executor, nothing, NULL, 0, EMPTY));
    printf("payload_1mib_s %.3e\n",
           run(executor, echo, payload, bytes, PAYLOADS));
    printf("round_trip_s %.3e\n", median_trip(executor, TRIPS, 0));
    printf("after_200ms_s %.3e\n", median_trip(executor, PAUSES, 200000));
    cf_executor_destroy(executor);
    printf("idle_cpu_share %.4f\n", idle_share());
    free(payload);
    return 0;
}
