/* SPDX-License-Identifier: MIT */
#ifndef BENCH_OPEN_LOOP_H
#define BENCH_OPEN_LOOP_H

/*
 * Tasks that come when they come, whether or not a worker is free: each has an
 * intended start, and its latency is from there to its end, so that a stall
 * counts for every task that should have started meanwhile (a closed loop,
 * which waits for the answer before it asks again, omits them: G. Tene,
 * "coordinated omission"; wrk2).
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/cf.h>

enum arrivals {
    ARRIVALS_FIXED,   /* one after the other, equally far apart          */
    ARRIVALS_POISSON, /* each independent of the others, as users' are   */
};

/* "fixed", "poisson". */
const char *arrivals_name(enum arrivals arrivals);
bool arrivals_find(const char *name, enum arrivals *arrivals);

struct open_loop {
    double rate_per_s; /* 0: a closed loop, everything below is void */
    enum arrivals arrivals;
};

/* Fills when each task is to start, in ns after the first moment, ascending:
 * the first one gap after it, so that n tasks come in the time of n gaps. The
 * same seed gives the same. */
void open_loop_schedule(const struct open_loop *loop, uint64_t seed,
                        size_t tasks, int64_t *starts_ns);

/* What is submitted, and what came of it. */
struct open_loop_run {
    struct cf_executor *executor;
    cf_function *function;
    const char *items;
    size_t item_bytes;
    size_t tasks;
    const int64_t *starts_ns;
    struct cf_future **futures; /* filled */
    int64_t started_ns;         /* the first moment, set               */
    int64_t submit_ns;          /* in cf_submit(), set                 */
    int64_t late_max_ns;        /* how late tasks were submitted, set  */
    int64_t late_sum_ns;
};

/* Submits each task at its time and waits for the last result. */
enum cf_status open_loop_drive(struct open_loop_run *run);

#endif
