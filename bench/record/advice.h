/* SPDX-License-Identifier: MIT */
#ifndef RECORD_ADVICE_H
#define RECORD_ADVICE_H

/*
 * How many workers? A decision from samples to the next cases to measure, and
 * at the end to an answer with its uncertainty. It has no clock and starts
 * nothing: whoever drives it measures, or makes samples up (tests/advice does).
 *
 *      advice_create(request)
 *      while (advice_next(advice, &step))     one block: each case once, in
 *          advice_add(...) for each case      any order, in fresh processes
 *      advice_conclude(advice, &answer)
 *
 * Lanes are what compete (backends); each goes from one worker to its own most.
 */
#include <stdbool.h>
#include <stddef.h>

enum advice_goal {
    ADVICE_KNEE,       /* the fewest within `within` of the best           */
    ADVICE_THROUGHPUT, /* the best                                         */
    ADVICE_LATENCY,    /* the best that keeps `slo_s`                      */
    ADVICE_EFFICIENCY, /* the most that keep `min_efficiency`              */
    ADVICE_CPU_COST,   /* the least CPU a task, within 20 % of the best    */
};

enum { ADVICE_LANES = 8, ADVICE_MARKS = 8, ADVICE_POINTS = 160 };

struct advice_request {
    enum advice_goal goal;
    double within;         /* 0.05: not more than 5 % slower is as good */
    double min_efficiency; /* of ADVICE_EFFICIENCY                      */
    double slo_s;          /* of ADVICE_LATENCY                         */
    bool is_open_loop;     /* and then: tasks come at one rate whatever is
                              there, so the fewest that keep it          */
    size_t most[ADVICE_LANES];
    size_t tasks[ADVICE_LANES]; /* of a sample, the same at every count; 0:
                                   as many to each worker                  */
    size_t lane_count;
    size_t marks[ADVICE_MARKS]; /* counts to look at: cores, CPUs, ...  */
    size_t mark_count;
    size_t nproc;     /* measured again in the end; 0: unknown           */
    size_t most_runs; /* samples, confirmation included; 0: the standard */
};

struct advice_case {
    size_t lane;
    size_t workers;
};

enum advice_phase { ADVICE_GRID, ADVICE_RACE, ADVICE_CONFIRM };

/* A block to measure. */
struct advice_step {
    enum advice_phase phase;
    size_t block; /* from 0 */
    struct advice_case cases[ADVICE_POINTS];
    size_t count;
};

struct advice_sample {
    struct advice_case what;
    double per_s;     /* throughput: positive, finite                  */
    double latency_s; /* the percentile of the goal; NAN: not measured */
    double cpu_s;     /* CPU time a task; NAN: not known               */
};

struct advice_answer {
    bool exists; /* some count meets the goal; if not, why says it */
    const char *why;
    struct advice_case chosen;
    struct advice_case best; /* the highest throughput measured */
    size_t confidence[2];    /* first and last count that may be the truth */
    size_t good[2];          /* that are shown to be as good; 0: not even it */
    double per_s;            /* of the chosen                              */
    double regret;           /* 1 - throughput over the best's, ...        */
    double regret_ci95[2];   /* ... from fresh samples where confirmed     */
    bool is_confirmed;       /* fresh samples say so, too                  */
    bool is_shown;           /* the goal is met beyond the error           */
    bool is_flat;            /* the good set spans more than a factor of 4 */
    bool is_at_end;          /* the best is the most that was measured     */
    size_t point_count, runs;
};

struct advice;

/* NULL without memory. A lane's most is at least 1. */
struct advice *advice_create(const struct advice_request *request);
void advice_destroy(struct advice *advice);

/* The next block; false: enough is known. */
bool advice_next(struct advice *advice, struct advice_step *step);

/* There is no time for more: what comes is the confirmation. */
void advice_hurry(struct advice *advice);

/* A sample of the last step's block. False without memory. */
bool advice_add(struct advice *advice, const struct advice_sample *sample);

/* So many workers do not work here. Nor do more, which this lane will not be
 * asked for; but where a sample of more comes, before or after it in the same
 * block, it is this count alone. */
void advice_fail(struct advice *advice, const struct advice_case *what);

/* What is known now. False without memory. */
bool advice_conclude(struct advice *advice, struct advice_answer *answer);

/* Throughput of a measured count over that of the best, its estimate; NAN
 * where it was not measured. For naming what alternatives would have cost. */
double advice_ratio_to_best(struct advice *advice,
                            const struct advice_case *what);

#endif
