/* SPDX-License-Identifier: MIT */
/*
 * The bootstrap percentile interval, expanded for few blocks: plain percentiles
 * are too narrow by sqrt((n-1)/n) and use the normal quantile where Student's
 * belongs. Both are put right by taking more extreme percentiles (Hesterberg,
 * What Teachers Should Know About the Bootstrap, The American Statistician
 * 2015, 3.2 and 5.3).
 */
#include "bootstrap.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>

#include "least_squares.h"

#define SEED 20260101

/* Work for all draws together: values to be drawn or fitted. */
#define EFFORT_AT_MOST 20000000.0
#define DRAWS_AT_LEAST 200

/* A resample with too few counts for the model is drawn anew, so often. */
#define TRIES_PER_DRAW 20

/* Parameters, peak, peak rate, then the curve. */
enum { PEAK = MODEL_PARAMETERS, PEAK_RATE, CURVE };

struct bootstrap {
    const struct fit *fit;
    const struct model_host *host;
    struct resample resample;
    struct points drawn;
    struct least_squares search;
    const struct intervals *intervals;
    size_t draws;
    size_t columns;
    double *results; /* a column for each quantity */
    size_t done;
};

static void note(struct bootstrap *now, const double *parameters)
{
    const struct model *model = now->fit->model;
    double *row = now->results + now->done++;
    size_t stride = now->draws;

    for (size_t k = 0; k < model->parameter_count; k++)
        row[k * stride] = parameters[k];
    row[PEAK * stride] =
        model->peak == NULL ? NAN : model->peak(now->host, parameters);
    row[PEAK_RATE * stride] = model->limit(now->host, parameters);
    for (size_t i = 0; i < now->intervals->curve_count; i++)
        row[(CURVE + i) * stride] = model_rate(
            model, now->host, parameters, now->intervals->curve[i].workers);
}

static void draw_all(struct bootstrap *now, gsl_rng *random)
{
    size_t needed = fit_counts_needed(now->fit->model);
    size_t tries = now->draws * TRIES_PER_DRAW;

    while (now->done < now->draws && tries-- > 0) {
        double parameters[MODEL_PARAMETERS] = {0};
        if (resample_draw(&now->resample, random, &now->drawn) >= needed &&
            fit_again(&now->search, now->fit, parameters))
            note(now, parameters);
    }
}

/* How much of the draws is cut off on each side. */
static double tail(const struct resample *resample)
{
    double n = resample->df + 1;

    if (isinf(n))
        return 0.025;
    if (!(resample->df > 0))
        return 0;
    return gsl_cdf_ugaussian_Q(gsl_cdf_tdist_Pinv(0.975, resample->df) *
                               sqrt(n / (n - 1)));
}

static void take_interval(struct bootstrap *now, size_t column,
                          double interval[2])
{
    double *draws = now->results + column * now->draws;
    size_t out = (size_t)(tail(&now->resample) * (double)now->done);

    interval[0] = interval[1] = NAN;
    if (now->done < now->draws || isnan(draws[0]))
        return;
    gsl_sort(draws, 1, now->done);
    interval[0] = draws[out];
    interval[1] = draws[now->done - 1 - out];
}

static void take_intervals(struct bootstrap *now, struct intervals *intervals)
{
    intervals->kind = now->resample.kind;
    for (size_t k = 0; k < MODEL_PARAMETERS; k++) {
        intervals->parameters[k][0] = intervals->parameters[k][1] = NAN;
        if (k < now->fit->model->parameter_count)
            take_interval(now, k, intervals->parameters[k]);
    }
    take_interval(now, PEAK, intervals->peak);
    take_interval(now, PEAK_RATE, intervals->peak_rate);
    for (size_t i = 0; i < intervals->curve_count; i++) {
        double interval[2];
        take_interval(now, CURVE + i, interval);
        intervals->curve[i].low = interval[0];
        intervals->curve[i].high = interval[1];
    }
}

/* The draws that fit into the effort. */
static size_t draws_for(const struct points *points)
{
    double each = (double)points->unit_count + 10 * (double)points->count;
    double draws = fmin(BOOTSTRAP_DRAWS, EFFORT_AT_MOST / each);

    return (size_t)fmax(DRAWS_AT_LEAST, draws);
}

static bool set_up(struct bootstrap *now, const struct points *points)
{
    now->draws = draws_for(points);
    now->columns = CURVE + now->intervals->curve_count;
    now->results = calloc(now->draws * now->columns, sizeof *now->results);
    now->drawn = *points;
    now->drawn.points = calloc(points->count + 1, sizeof *points->points);
    if (now->results == NULL || now->drawn.points == NULL)
        return false;
    memcpy(now->drawn.points, points->points,
           points->count * sizeof *points->points);
    now->search = (struct least_squares){
        .model = now->fit->model, .host = now->host, .points = &now->drawn};
    return resample_create(now->fit, now->host, points, &now->resample);
}

bool bootstrap_fit(const struct fit *fit, const struct model_host *host,
                   const struct points *points, struct intervals *intervals)
{
    struct bootstrap now = {.fit = fit, .host = host, .intervals = intervals};
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    bool is_done = random != NULL && set_up(&now, points);

    if (is_done) {
        gsl_rng_set(random, SEED);
        draw_all(&now, random);
        take_intervals(&now, intervals);
    }
    least_squares_finish(&now.search);
    resample_finish(&now.resample);
    free(now.drawn.points);
    free(now.results);
    if (random != NULL)
        gsl_rng_free(random);
    return is_done;
}
