/* SPDX-License-Identifier: MIT */
/*
 * OpenMP tasks: gcc's libgomp, and the same file by clang for LLVM's libomp.
 * A handle is a flag that the task sets. In "t4" the members of one team
 * produce, since others cannot.
 */
#include <omp.h>

#include "peer.h"

static void check_flags(unsigned char *done, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        peer_check(done[i], "a task has not run");
        done[i] = 0;
    }
}

static void t1(const struct peer_run *run)
{
    unsigned char *done = calloc(run->tasks, 1);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double elapsed_s = 0;
#pragma omp parallel num_threads((int)run->workers)
#pragma omp single
        {
            double begun_s = peer_now_s();
            for (size_t i = 0; i < run->tasks; i++)
#pragma omp task firstprivate(i)
                done[i] = 1;
#pragma omp taskwait
            elapsed_s = peer_now_s() - begun_s;
        }
        peer_say(pass, run->tasks, elapsed_s);
        check_flags(done, run->tasks);
    }
    free(done);
}

static void trip(void *context)
{
    unsigned char *done = context;
#pragma omp task
    *done = 1;
#pragma omp taskwait
}

static void t2(const struct peer_run *run)
{
    unsigned char done = 0;
#pragma omp parallel num_threads((int)run->workers)
#pragma omp single
    peer_trips(run, trip, &done);
}

static long fib(int n)
{
    long left, right;

    if (n < 2)
        return n;
#pragma omp task shared(left)
    left = fib(n - 1);
    right = fib(n - 2);
#pragma omp taskwait
    return left + right;
}

static void t3(const struct peer_run *run)
{
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double elapsed_s = 0;
        long sum = 0;
#pragma omp parallel num_threads((int)run->workers)
#pragma omp single
        {
            double begun_s = peer_now_s();
            sum = fib(PEER_FIB);
            elapsed_s = peer_now_s() - begun_s;
        }
        peer_say(pass, peer_fib_spawns(PEER_FIB), elapsed_s);
        peer_check(sum == peer_fib(PEER_FIB), "fib is wrong");
    }
}

static void t4(const struct peer_run *run)
{
    unsigned char *done = calloc(run->tasks, 1);
    size_t each = run->tasks / PEER_PRODUCERS;

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
#pragma omp parallel for schedule(static, 1) num_threads((int)run->workers)
        for (size_t producer = 0; producer < PEER_PRODUCERS; producer++) {
            for (size_t i = producer * each; i < (producer + 1) * each; i++)
#pragma omp task firstprivate(i)
                done[i] = 1;
#pragma omp taskwait
        }
        peer_say(pass, each * PEER_PRODUCERS, peer_now_s() - begun_s);
        check_flags(done, each * PEER_PRODUCERS);
    }
    free(done);
}

static void t5(const struct peer_run *run)
{
    double *items = malloc(run->tasks * sizeof *items);
    double *results = malloc(run->tasks * sizeof *results);

    for (size_t i = 0; i < run->tasks; i++)
        items[i] = (double)i;
    for (int pass = 0; pass < PEER_PASSES; pass++) {
        memset(results, 0, run->tasks * sizeof *results);
        double begun_s = peer_now_s();
#pragma omp parallel for num_threads((int)run->workers)
        for (size_t i = 0; i < run->tasks; i++)
            results[i] = items[i] * items[i];
        peer_say(pass, run->tasks, peer_now_s() - begun_s);
        for (size_t i = 0; i < run->tasks; i++)
            peer_check(results[i] == (double)i * (double)i,
                       "a square is wrong");
    }
    free(items);
    free(results);
}

static void t6(const struct peer_run *run)
{
    size_t sum = 0;
#pragma omp parallel for reduction(+ : sum) num_threads((int)run->workers)
    for (size_t i = 0; i < 1000; i++)
        sum += i;
    peer_check(sum == 499500, "the sum is wrong");
    peer_idle(run);
}

static const struct peer_case cases[] = {
    {"t1", t1}, {"t2", t2}, {"t3", t3}, {"t4", t4}, {"t5", t5}, {"t6", t6},
};

PEER_MAIN(cases)
