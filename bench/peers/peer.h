/* SPDX-License-Identifier: MIT */
#ifndef PEER_H
#define PEER_H

/*
 * What every driver of a peer shares, in C and in C++.
 *
 *      driver CASE TASKS WORKERS [PEER]
 *
 * runs the case's passes in this one process and prints a line per pass, words
 * of the form key=value: pass, tasks, elapsed_s and what else was measured.
 * Exit 3: this peer has no such case; 1: a result was wrong.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define PEER_PASSES    2
#define PEER_PRODUCERS 4
#define PEER_FIB       26 /* 196,417 spawns; see peer_fib_spawns() */

struct peer_run {
    const char *name;
    size_t tasks;
    size_t workers;
    const char *variant; /* "" unless the driver stands for several peers */
};

struct peer_case {
    const char *name;
    void (*run)(const struct peer_run *run);
};

static inline double peer_clock_s(clockid_t clock)
{
    struct timespec time;
    clock_gettime(clock, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static inline double peer_now_s(void)
{
    return peer_clock_s(CLOCK_MONOTONIC);
}

static inline void peer_check(int is_right, const char *what)
{
    if (is_right)
        return;
    fprintf(stderr, "%s\n", what);
    exit(1);
}

static inline void peer_say(int pass, size_t tasks, double elapsed_s)
{
    printf("pass=%d tasks=%zu elapsed_s=%.9f\n", pass, tasks, elapsed_s);
}

static inline int peer_compare(const void *left, const void *right)
{
    double a = *(const double *)left, b = *(const double *)right;
    return (a > b) - (a < b);
}

/* Round trips: `seconds` is sorted. */
static inline void peer_say_trips(int pass, double *seconds, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += seconds[i];
    qsort(seconds, count, sizeof *seconds, peer_compare);
    printf("pass=%d tasks=%zu elapsed_s=%.9f p50_s=%.9f p99_s=%.9f "
           "max_s=%.9f\n",
           pass, count, sum, seconds[count / 2], seconds[count * 99 / 100],
           seconds[count - 1]);
}

/* The case "t2" for whoever can do one round trip. */
static inline void peer_trips(const struct peer_run *run,
                              void (*trip)(void *context), void *context)
{
    double *seconds = (double *)malloc(run->tasks * sizeof *seconds);

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        for (size_t i = 0; i < run->tasks; i++) {
            double begun_s = peer_now_s();
            trip(context);
            seconds[i] = peer_now_s() - begun_s;
        }
        peer_say_trips(pass, seconds, run->tasks);
    }
    free(seconds);
}

/* The case "t6": CPU time of this process while nothing is to be done, for
 * `tasks` milliseconds. The pool has just done something. */
static inline void peer_idle(const struct peer_run *run)
{
    struct timespec pause = {(time_t)(run->tasks / 1000),
                             (long)(run->tasks % 1000) * 1000000};

    for (int pass = 0; pass < PEER_PASSES; pass++) {
        double begun_s = peer_now_s();
        double cpu_s = peer_clock_s(CLOCK_PROCESS_CPUTIME_ID);
        nanosleep(&pause, NULL);
        cpu_s = peer_clock_s(CLOCK_PROCESS_CPUTIME_ID) - cpu_s;
        printf("pass=%d tasks=1 elapsed_s=%.9f cpu_s=%.9f\n", pass,
               peer_now_s() - begun_s, cpu_s);
    }
}

/* fib(n) where each call that has something to add spawns fib(n - 1) and
 * computes fib(n - 2) itself. */
static inline long peer_fib(int n)
{
    return n < 2 ? n : peer_fib(n - 1) + peer_fib(n - 2);
}

static inline size_t peer_fib_spawns(int n)
{
    return n < 2 ? 0 : 1 + peer_fib_spawns(n - 1) + peer_fib_spawns(n - 2);
}

static inline int peer_main(int argc, char **argv,
                            const struct peer_case *cases, size_t count)
{
    if (argc < 4) {
        fprintf(stderr, "usage: %s CASE TASKS WORKERS [PEER]\n", argv[0]);
        return 2;
    }
    struct peer_run run = {argv[1], (size_t)strtoul(argv[2], NULL, 10),
                           (size_t)strtoul(argv[3], NULL, 10),
                           argc > 4 ? argv[4] : ""};
    if (run.tasks == 0 || run.workers == 0)
        return 2;
    for (size_t i = 0; i < count; i++) {
        if (strcmp(cases[i].name, run.name) == 0) {
            cases[i].run(&run);
            return 0;
        }
    }
    return 3;
}

#define PEER_MAIN(cases)                                                       \
    int main(int argc, char **argv)                                            \
    {                                                                          \
        return peer_main(argc, argv, cases, sizeof(cases) / sizeof(cases)[0]); \
    }

#endif
