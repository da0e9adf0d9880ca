/* SPDX-License-Identifier: MIT */
#ifndef RECORD_ADVICE_IMPL_H
#define RECORD_ADVICE_IMPL_H

/* What the files of the advice share: what is known (advice.c), what it shows
 * (advice_judge.c, advice_sets.c), where to look next (advice_search.c), what is
 * answered in the end (advice_answer.c). */
#include "advice.h"
#include "layout.h"

/* Values of one point that are not compared within blocks. */
struct advice_tally {
    double sum; /* of logs */
    double squares;
    size_t count;
};

/* A count of a lane that is or was measured. */
struct advice_point {
    struct advice_case what;
    size_t samples;
    bool is_out;    /* measured no more                  */
    bool is_failed; /* does not work, has no part in it  */
    struct advice_tally latency;
    struct advice_tally cpu;
    struct advice_tally fresh_latency; /* of the confirmation */
};

struct advice_values {
    struct layout_value *list;
    size_t count;
};

struct advice {
    struct advice_request request;
    struct advice_point points[ADVICE_POINTS];
    size_t point_count;
    struct advice_values race;
    struct advice_values fresh; /* of the confirmation */
    struct layout layout;       /* of `race`, when has_layout */
    bool has_layout;
    enum advice_phase phase;
    size_t block;    /* of the step that is being measured, +1 */
    bool is_used_up; /* the race ended for want of runs or time */
    bool is_hurried; /* no more of the race */
    size_t confirm_end;
    size_t extra; /* points that were added to the grid */
    size_t runs;
    struct advice_case confirm[4];
    size_t confirm_count;
};

#define NO_POINT ((size_t)-1)

/* --- advice.c --- */

size_t advice_find(const struct advice *advice, const struct advice_case *what);
/* M tasks on N workers take ceil(M / N) rounds, so their throughput has steps:
 * the first count of that of `workers`, and how many workers do as much with no
 * one idle in the last round. Both are `workers` where each has as many. */
size_t advice_step(const struct advice *advice, size_t lane, size_t workers);
double advice_busy(const struct advice *advice, size_t lane, size_t workers);

/* Makes one if there is none; NO_POINT where there is no room. */
size_t advice_point_for(struct advice *advice, const struct advice_case *what);
/* The next smaller or larger measured count of the same lane. */
size_t advice_below(const struct advice *advice, size_t point);
size_t advice_above(const struct advice *advice, size_t point);
/* Does the point have a value to compare? */
bool advice_is_known(const struct advice *advice, size_t point);
size_t advice_active_count(const struct advice *advice);
/* Brings `layout` up to date. False without memory. */
bool advice_refit(struct advice *advice);

/* --- advice_judge.c: `layout` is up to date --- */

/* The slowest that counts as good as the best, as a log ratio below 0. */
double advice_threshold(const struct advice *advice);
/* The difference of two points in log throughput, and its one-sided bounds. */
double advice_difference(const struct advice *advice, size_t a, size_t b);
double advice_lower(const struct advice *advice, size_t a, size_t b);
double advice_upper(const struct advice *advice, size_t a, size_t b);
/* Is the point one that others are compared with? */
bool advice_is_rival(const struct advice *advice, size_t point);
/* Is it one that makes slower ones no answer? Under a condition it is not enough
 * that it may meet it. */
bool advice_is_measure(const struct advice *advice, size_t point);
/* The highest throughput; NO_POINT: nothing is known. Where the goal has a
 * condition, of those that may meet it. */
size_t advice_best(const struct advice *advice);
/* Shown to be slower than some other by more than `threshold` (below 0). */
bool advice_is_slower(const struct advice *advice, size_t point,
                      double threshold);
/* The same so clearly that it may leave the race. */
bool advice_is_beaten(const struct advice *advice, size_t point,
                      double threshold);
/* Shown to be no slower than any other by more than that. */
bool advice_is_as_good(const struct advice *advice, size_t point,
                       double threshold);
/* The goal's condition (latency, efficiency): shown to hold, shown to fail. */
bool advice_meets(const struct advice *advice, size_t point);
bool advice_misses(const struct advice *advice, size_t point);
/* What would be answered now. `is_shown`: beyond the error. */
size_t advice_choice(const struct advice *advice, bool *is_shown);
/* Is the answer the fewest that meet a condition, whatever else they do? */
bool advice_wants_fewest(const struct advice *advice);
/* The fewest workers shown to be as good; NO_POINT: none are. */
size_t advice_smallest_as_good(const struct advice *advice);

/* --- advice_sets.c: the same --- */

/* The counts that may be the true answer. */
void advice_confidence(const struct advice *advice, size_t chosen,
                       size_t range[2]);
void advice_good(const struct advice *advice, size_t chosen, size_t range[2]);
/* Is it known well enough? */
bool advice_is_decided(const struct advice *advice);

/* --- advice_search.c --- */

void advice_make_grid(struct advice *advice);
/* Has the next block a sample of this count, which is in the race? `chosen` is
 * what would be answered now. */
bool advice_is_due(const struct advice *advice, size_t point, size_t chosen);
/* Marks what cannot become the answer any more. */
void advice_drop(struct advice *advice);
/* Adds the counts that are worth a look. False: none is. */
bool advice_refine(struct advice *advice);

#endif
