/* SPDX-License-Identifier: MIT */
/*
 * PELT: the best segmentation up to t is the best one up to some s before it,
 * plus the segment from s to t, plus the penalty. An s that is worse by more
 * than the penalty than what t has found can never be best again and is dropped
 * (the paper's inequality 4 with K = 0), but only once t itself may be a start:
 * a segment has two values at least.
 *
 *      cost of m values of variance v (maximum likelihood)   m (ln v + 1)
 *
 * A single slow iteration is no change, so outliers are brought to the median
 * for the search: those beyond the median +- 3 (P90 - P10) of a window of 200
 * (the paper's). They count again where the first iterations are cut.
 */
#include "changepoints.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

enum { LEAST_LENGTH = 2, WINDOW = 200 };

/* Sums up to each index, so that any segment costs the same to judge. */
struct search {
    size_t n;
    double *sums;
    double *squares;
    double least_variance;
    double penalty;
    double *best;      /* of the series up to each index */
    size_t *last;      /* where its last segment begins  */
    size_t *beaten_at; /* when a start could win no more; 0: it may */
    size_t *alive;     /* the starts not yet dropped     */
    size_t alive_count;
};

static double segment_cost(const struct search *search, size_t from, size_t to)
{
    double m = (double)(to - from);
    double mean = (search->sums[to] - search->sums[from]) / m;
    double variance =
        (search->squares[to] - search->squares[from]) / m - mean * mean;

    return m * (log(fmax(variance, search->least_variance)) + 1);
}

static void finish(struct search *search)
{
    free(search->sums);
    free(search->squares);
    free(search->best);
    free(search->last);
    free(search->beaten_at);
    free(search->alive);
}

/* Values are taken relative to their mean, so that squares do not cancel. Less
 * than 0.01 % is no difference: times that are all the same have no variance. */
static bool begin(const double *values, size_t n, struct search *search)
{
    const double no_difference = 1e-4;
    double mean = gsl_stats_mean(values, 1, n);

    *search = (struct search){
        .n = n,
        .sums = calloc(n + 1, sizeof(double)),
        .squares = calloc(n + 1, sizeof(double)),
        .best = calloc(n + 1, sizeof(double)),
        .last = calloc(n + 1, sizeof(size_t)),
        .beaten_at = calloc(n + 1, sizeof(size_t)),
        .alive = calloc(n + 1, sizeof(size_t)),
        .least_variance = pow(no_difference * fmax(fabs(mean), 1e-300), 2),
        .penalty = 15 * log((double)n)};
    if (search->sums == NULL || search->squares == NULL ||
        search->best == NULL || search->last == NULL ||
        search->beaten_at == NULL || search->alive == NULL)
        return false;
    for (size_t i = 0; i < n; i++) {
        double apart = values[i] - mean;

        search->sums[i + 1] = search->sums[i] + apart;
        search->squares[i + 1] = search->squares[i] + apart * apart;
    }
    return true;
}

/* The best end at `to`, and which starts can still be of use. */
static void step(struct search *search, size_t to)
{
    size_t kept = 0;

    search->best[to] = INFINITY;
    for (size_t i = 0; i < search->alive_count; i++) {
        size_t from = search->alive[i];
        double cost = search->best[from] + segment_cost(search, from, to) +
                      search->penalty;

        if (cost < search->best[to]) {
            search->best[to] = cost;
            search->last[to] = from;
        }
    }
    for (size_t i = 0; i < search->alive_count; i++) {
        size_t from = search->alive[i];

        if (search->beaten_at[from] == 0 &&
            search->best[from] + segment_cost(search, from, to) >
                search->best[to])
            search->beaten_at[from] = to;
        if (search->beaten_at[from] == 0 ||
            to < search->beaten_at[from] + LEAST_LENGTH - 1)
            search->alive[kept++] = from;
    }
    search->alive_count = kept;
}

static void run(struct search *search)
{
    search->best[0] = -search->penalty; /* the first segment is free */
    for (size_t to = 1; to < LEAST_LENGTH && to <= search->n; to++)
        search->best[to] = INFINITY;
    for (size_t to = LEAST_LENGTH; to <= search->n; to++) {
        if (isfinite(search->best[to - LEAST_LENGTH]))
            search->alive[search->alive_count++] = to - LEAST_LENGTH;
        step(search, to);
    }
}

size_t changepoints_find(const double *values, size_t n, size_t *starts,
                         size_t room)
{
    struct search search;
    size_t count = 0, at = n;

    if (n < 2 * LEAST_LENGTH)
        return 0;
    if (!begin(values, n, &search)) {
        finish(&search);
        return SIZE_MAX;
    }
    run(&search);
    for (; search.last[at] > 0; at = search.last[at])
        count++;
    if (count > room)
        count = room;
    at = n;
    for (size_t i = count; i > 0; i--)
        starts[i - 1] = at = search.last[at];
    finish(&search);
    return count;
}

/* --- the steady state --- */

static const char *const names[] = {
    [STEADY_NOT_EXAMINED] = "not-examined",
    [STEADY_FLAT] = "flat",
    [STEADY_AFTER_WARMUP] = "warm-up",
    [STEADY_AFTER_SLOWDOWN] = "slow-down",
    [STEADY_NEVER] = "no-steady-state",
};

const char *steadiness_name(enum steadiness steadiness)
{
    return names[steadiness];
}

struct series {
    const double *times;
    double *calm; /* the same without outliers */
    bool *is_outlier;
    double *room;
    size_t n;
};

/* The window around each value, as far as there is one. */
static void calm_down(struct series *series)
{
    for (size_t i = 0; i < series->n; i++) {
        size_t from = i > WINDOW / 2 ? i - WINDOW / 2 : 0;
        size_t to = from + WINDOW < series->n ? from + WINDOW : series->n;
        size_t length = to - from;
        double median, spread;

        for (size_t k = 0; k < length; k++)
            series->room[k] = series->times[from + k];
        gsl_sort(series->room, 1, length);
        median = gsl_stats_median_from_sorted_data(series->room, 1, length);
        spread =
            gsl_stats_quantile_from_sorted_data(series->room, 1, length, 0.9) -
            gsl_stats_quantile_from_sorted_data(series->room, 1, length, 0.1);
        series->is_outlier[i] = fabs(series->times[i] - median) > 3 * spread;
        series->calm[i] = series->is_outlier[i] ? median : series->times[i];
    }
}

struct segment {
    size_t from;
    double mean;
    double variance;
};

static struct segment segment_of(const struct series *series, size_t from,
                                 size_t to)
{
    return (struct segment){
        .from = from,
        .mean = gsl_stats_mean(series->calm + from, 1, to - from),
        .variance = gsl_stats_variance(series->calm + from, 1, to - from)};
}

/* Do mean +- max(variance, 1 %) overlap? (The paper's rule, with 1 % of the
 * mean in place of its 1 ms: batches here take from 20 ms to minutes.) */
static bool is_like(const struct segment *a, const struct segment *b)
{
    double reach =
        fmax(a->variance, 0.01 * a->mean) + fmax(b->variance, 0.01 * b->mean);

    return fabs(a->mean - b->mean) <= reach;
}

/* From segments to the verdict. `starts` has each segment's and, behind them,
 * the end. */
static struct warmup judge(const struct series *series, const size_t *starts,
                           size_t count)
{
    struct segment last = segment_of(series, starts[count - 1], starts[count]);
    struct warmup warmup = {STEADY_FLAT, 0};
    bool is_steady = true, was_faster = false;

    if (4 * last.from > 3 * series->n)
        return (struct warmup){STEADY_NEVER, 1};
    for (size_t i = count - 1; i > 0; i--) {
        struct segment one = segment_of(series, starts[i - 1], starts[i]);

        if (is_like(&one, &last))
            continue;
        was_faster |= one.mean < last.mean;
        if (is_steady)
            warmup.iterations = starts[i];
        is_steady = false;
    }
    if (!is_steady)
        warmup.steadiness =
            was_faster ? STEADY_AFTER_SLOWDOWN : STEADY_AFTER_WARMUP;
    return warmup;
}

/* The search does not see single slow iterations; at the start they are
 * warm-up all the same (a first call, a cold cache). */
static void cut_outliers(const struct series *series, struct warmup *warmup)
{
    while (warmup->iterations < series->n / 4 &&
           series->is_outlier[warmup->iterations] &&
           series->times[warmup->iterations] >
               series->calm[warmup->iterations]) {
        warmup->iterations++;
        if (warmup->steadiness == STEADY_FLAT)
            warmup->steadiness = STEADY_AFTER_WARMUP;
    }
}

static bool examine(struct series *series, struct warmup *warmup)
{
    size_t *starts = calloc(series->n + 2, sizeof *starts);
    size_t count;

    if (starts == NULL)
        return false;
    calm_down(series);
    count = changepoints_find(series->calm, series->n, starts + 1, series->n);
    if (count != SIZE_MAX) {
        starts[count + 1] = series->n;
        *warmup = judge(series, starts, count + 1);
        cut_outliers(series, warmup);
    }
    free(starts);
    return count != SIZE_MAX;
}

bool warmup_judge(const double *times, size_t n, struct warmup *warmup)
{
    struct series series = {.times = times, .n = n};
    bool is_done;

    *warmup = (struct warmup){STEADY_NOT_EXAMINED, 1};
    if (n < ITERATIONS_FOR_WARMUP)
        return true;
    series.calm = calloc(n, sizeof *series.calm);
    series.room = calloc(n, sizeof *series.room);
    series.is_outlier = calloc(n, sizeof *series.is_outlier);
    is_done = series.calm != NULL && series.room != NULL &&
              series.is_outlier != NULL && examine(&series, warmup);
    free(series.calm);
    free(series.room);
    free(series.is_outlier);
    return is_done;
}
