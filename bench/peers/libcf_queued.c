/* SPDX-License-Identifier: MIT */
/*
 * libcf: tasks that are queued while its workers are held. What memory they
 * take, and how long each stage of t1 takes with no other beside it.
 */
#include "libcf.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

/* Holds its worker until the gate is opened. */
static enum cf_status hold(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    pthread_mutex_t *gate = *(pthread_mutex_t *const *)arg;

    (void)arg_bytes;
    pthread_mutex_lock(gate);
    pthread_mutex_unlock(gate);
    return cf_return(task, NULL, 0);
}

/* t1 one stage after the other: all are queued while the workers are held, then
 * run while the caller sleeps, then read. */
void libcf_stages(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, false);
    struct cf_future **futures = malloc(run->tasks * sizeof *futures);
    struct cf_future **holders = malloc(run->workers * sizeof *holders);
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER, *at = &gate;

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        pthread_mutex_lock(&gate);
        for (size_t i = 0; i < run->workers; i++) {
            holders[i] = libcf_submit(executor, hold, &at, sizeof at);
            while (!cf_running(holders[i]))
                sched_yield();
        }
        double begun_s = peer_now_s();
        libcf_submit_empty(run, executor, futures, run->tasks);
        double queued_s = peer_now_s();
        double cpu_s = peer_clock_s(CLOCK_PROCESS_CPUTIME_ID);
        pthread_mutex_unlock(&gate);
        if (strcmp(run->variant, "join") == 0)
            libcf_must(cf_join(executor, CF_FOREVER));
        else
            libcf_must(cf_result(futures[run->tasks - 1], CF_FOREVER, NULL, 0));
        double run_s = peer_now_s();
        cpu_s = peer_clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s;
        libcf_collect(futures, run->tasks);
        double read_s = peer_now_s();
        libcf_collect(holders, run->workers);
        printf("pass=%d tasks=%zu elapsed_s=%.9f submit_s=%.9f run_s=%.9f "
               "run_cpu_s=%.9f read_s=%.9f\n",
               pass, run->tasks, read_s - begun_s, queued_s - begun_s,
               run_s - queued_s, cpu_s, read_s - run_s);
    }
    free(holders);
    free(futures);
    cf_executor_destroy(executor);
}

static double resident_bytes(void)
{
    unsigned long all = 0, resident = 0;
    FILE *file = fopen("/proc/self/statm", "r");

    peer_check(file != NULL && fscanf(file, "%lu %lu", &all, &resident) == 2,
               "no /proc/self/statm");
    fclose(file);
    return (double)resident * (double)sysconf(_SC_PAGESIZE);
}

/* How much memory a task that waits takes. */
void libcf_memory(const struct peer_run *run)
{
    struct cf_executor *executor = libcf_start(run, false);
    struct cf_future **futures = malloc(run->tasks * sizeof *futures);
    struct cf_future *holders[64];
    pthread_mutex_t gate = PTHREAD_MUTEX_INITIALIZER, *at = &gate;
    size_t workers = run->workers < 64 ? run->workers : 64;

    memset(futures, 0, run->tasks * sizeof *futures); /* has its pages */
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        pthread_mutex_lock(&gate);
        for (size_t i = 0; i < workers; i++)
            holders[i] = libcf_submit(executor, hold, &at, sizeof at);
        double before = resident_bytes(), begun_s = peer_now_s();
        libcf_submit_empty(run, executor, futures, run->tasks);
        double bytes = resident_bytes() - before;
        pthread_mutex_unlock(&gate);
        libcf_collect(holders, workers);
        libcf_collect(futures, run->tasks);
        printf("pass=%d tasks=%zu elapsed_s=%.9f bytes_per_task=%.1f\n", pass,
               run->tasks, peer_now_s() - begun_s, bytes / (double)run->tasks);
    }
    free(futures);
    cf_executor_destroy(executor);
}
