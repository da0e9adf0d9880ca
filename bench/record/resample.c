/* SPDX-License-Identifier: MIT */
/* The three ways of drawing; resample.h says when which. */
#include "resample.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>

enum resample_kind resample_kind(const struct points *points)
{
    if (points->block_count >= BLOCKS_TO_DRAW)
        return RESAMPLE_BLOCKS;
    return points->block_count == 0 && points->unit_count >= VALUES_TO_DRAW
               ? RESAMPLE_VALUES
               : RESAMPLE_RESIDUALS;
}

/* Student's quantile over the normal distribution's. */
static double beyond_normal(double df)
{
    return gsl_cdf_tdist_Pinv(0.975, df) / gsl_cdf_ugaussian_Pinv(0.975);
}

/*
 * Residuals of the units around their mean, made larger by what fitting the
 * parameters has taken from them, and by Student's quantile over the normal
 * one: of three to five residuals there are too few different draws to find it
 * further out among their percentiles.
 */
static bool keep_residuals(const struct fit *fit, const struct model_host *host,
                           struct resample *resample)
{
    const struct points *points = resample->points;
    double n = (double)points->unit_count, mean = 0;
    double growth =
        fit->df > 0 ? sqrt(n / fit->df) * beyond_normal(fit->df) : 1;

    resample->fitted = calloc(points->count + 1, sizeof *resample->fitted);
    resample->residuals =
        calloc(points->unit_count + 1, sizeof *resample->residuals);
    if (resample->fitted == NULL || resample->residuals == NULL)
        return false;
    for (size_t i = 0; i < points->count; i++)
        resample->fitted[i] =
            points_y(points, model_rate(fit->model, host, fit->parameters,
                                        points->points[i].workers));
    for (size_t i = 0; i < points->unit_count; i++) {
        const struct unit *unit = &points->units[i];
        resample->residuals[i] = unit->y - resample->fitted[unit->point];
        mean += resample->residuals[i] / n;
    }
    for (size_t i = 0; i < points->unit_count; i++)
        resample->residuals[i] = (resample->residuals[i] - mean) * growth;
    return true;
}

bool resample_create(const struct fit *fit, const struct model_host *host,
                     const struct points *points, struct resample *resample)
{
    bool is_done = true;

    *resample = (struct resample){.kind = resample_kind(points),
                                  .points = points,
                                  .df = (double)points->unit_count - 1};
    switch (resample->kind) {
    case RESAMPLE_BLOCKS:
        resample->df = (double)points->block_count - 1;
        resample->drawn =
            calloc(points->block_count + 1, sizeof *resample->drawn);
        is_done = resample->drawn != NULL;
        break;
    case RESAMPLE_VALUES:
        break;
    case RESAMPLE_RESIDUALS:
        resample->df = INFINITY; /* their growth has allowed for it */
        is_done = keep_residuals(fit, host, resample);
        if (points->block_count > 1)
            resample->level = sqrt(points_level_variance(points)) *
                              beyond_normal((double)points->block_count - 1);
        break;
    }
    if (!is_done)
        resample_finish(resample);
    return is_done;
}

void resample_finish(struct resample *resample)
{
    free(resample->drawn);
    free(resample->fitted);
    free(resample->residuals);
    *resample = (struct resample){0};
}

static void add(struct points *drawn, const struct unit *unit, double weight,
                double y)
{
    drawn->points[unit->point].weight += weight * unit->weight;
    drawn->points[unit->point].y += weight * unit->weight * y;
}

/* The drawn blocks' effects were taken out of all values; on average they come
 * back, since they move the level of the whole curve. */
static double draw_blocks(struct resample *resample, gsl_rng *random,
                          struct points *drawn)
{
    const struct points *points = resample->points;
    double level = 0;

    memset(resample->drawn, 0, points->block_count * sizeof *resample->drawn);
    for (size_t i = 0; i < points->block_count; i++) {
        size_t block = gsl_rng_uniform_int(random, points->block_count);
        resample->drawn[block] += 1;
        level += points->effects[block] / (double)points->block_count;
    }
    for (size_t i = 0; i < points->unit_count; i++) {
        const struct unit *unit = &points->units[i];
        add(drawn, unit, resample->drawn[unit->block], unit->y);
    }
    return level;
}

static void draw_values(const struct points *points, gsl_rng *random,
                        struct points *drawn)
{
    for (size_t i = 0; i < points->unit_count; i++) {
        const struct unit *unit =
            &points->units[gsl_rng_uniform_int(random, points->unit_count)];
        add(drawn, unit, 1, unit->y);
    }
}

/* Too few blocks to be drawn themselves: what they move is made up. */
static double draw_residuals(const struct resample *resample, gsl_rng *random,
                             struct points *drawn)
{
    const struct points *points = resample->points;

    for (size_t i = 0; i < points->unit_count; i++) {
        const struct unit *unit = &points->units[i];
        size_t other = gsl_rng_uniform_int(random, points->unit_count);
        add(drawn, unit, 1,
            resample->fitted[unit->point] + resample->residuals[other]);
    }
    return resample->level > 0 ? gsl_ran_gaussian(random, resample->level) : 0;
}

size_t resample_draw(struct resample *resample, gsl_rng *random,
                     struct points *drawn)
{
    double level = 0;
    size_t count = 0;

    for (size_t i = 0; i < drawn->count; i++)
        drawn->points[i].weight = drawn->points[i].y = 0;
    switch (resample->kind) {
    case RESAMPLE_BLOCKS:
        level = draw_blocks(resample, random, drawn);
        break;
    case RESAMPLE_VALUES:
        draw_values(resample->points, random, drawn);
        break;
    case RESAMPLE_RESIDUALS:
        level = draw_residuals(resample, random, drawn);
        break;
    }
    for (size_t i = 0; i < drawn->count; i++) {
        struct point *point = &drawn->points[i];
        if (point->weight == 0) {
            point->y = resample->points->points[i].y; /* counts for nothing */
            continue;
        }
        point->y /= point->weight;
        if (drawn->objective == OBJECTIVE_LOG)
            point->y += level;
        else
            point->y *= exp(level);
        count++;
    }
    return count;
}
