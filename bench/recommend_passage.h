/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RECOMMEND_PASSAGE_H
#define BENCH_RECOMMEND_PASSAGE_H

/* What the files of a recommendation's course share: one workload's way to its
 * answer (recommend_course.c), the time that it has (recommend_budget.c), what is
 * asked of the advice (recommend_request.c), and the answer put down
 * (recommend_answer.c). */
#include "advice.h"
#include "recommend_course.h"
#include "runner.h"
#include "worker_limits.h"

struct passage {
    struct course *course;
    size_t workload;
    size_t lanes[ADVICE_LANES]; /* a case of each, with one worker */
    size_t lane_count;
    struct runner_setup setup;
    struct runner *runner;
    struct limits limits;
    struct advice *advice;
    int64_t begun_ns; /* the race's start */
    double until_s;   /* since the command's start; INFINITY: no budget */
};

/* Until when the workload may take, since the command's start: each has its
 * part of what is left when it begins. */
double budget_until_s(const struct course *course, size_t workload);

/* Would another block of that length be too long? */
bool budget_is_over(const struct passage *passage, double block_s);

/* How long the first sample may take: where it outlasts the budget, no time is
 * left for an answer. At least a second. */
double budget_pilot_limit_s(const struct passage *passage);

/* The name of a lane's backend. */
const char *passage_backend(const struct passage *passage, size_t lane);

/* Has the case no worker count to choose? */
bool passage_is_single(const struct plan_case *one);

/* The most workers to look at, as the options have it; 0: not said. */
size_t passage_cap(const struct options *options);

/* The fewest tasks of a sample in any lane, since more workers than tasks would
 * be idle; those that a command starts have work of their own. */
size_t passage_tasks(const struct passage *passage);

/* Once the limits are known. */
struct advice_request passage_request(const struct passage *passage);

/* CPython's default number of workers on this machine, of its pool of threads
 * or of processes. */
size_t passage_python_default(const struct passage *passage, bool is_thread);

/* Concludes, and adds the recommendation to the record. False without memory. */
bool passage_answer(struct passage *passage);

#endif
