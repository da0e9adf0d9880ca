/* SPDX-License-Identifier: MIT */
/*
 * Tests on residuals in the order of worker counts. Too few runs of one sign
 * mean that the curve has a shape that the model has not (Wald & Wolfowitz,
 * Ann. Math. Stat. 1940; normal approximation); so does a Durbin-Watson
 * statistic (Biometrika 1950) far below 2.
 */
#include "residuals.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>

#define POINTS_FOR_RUNS 10
#define ROUNDING        1e-9

double residuals_f_tail(double above, double below, double above_df,
                        double below_df)
{
    return gsl_cdf_fdist_Q(above / below, above_df, below_df);
}

static void count_runs(const double *rest, size_t n, struct residuals *found)
{
    double above = 0, below = 0, expected, variance;
    int before = 0;

    for (size_t i = 0; i < n; i++) {
        int sign = (rest[i] > 0) - (rest[i] < 0);
        if (sign == 0)
            continue;
        found->runs += sign != before;
        before = sign;
        above += sign > 0;
        below += sign < 0;
    }
    found->runs_z = NAN;
    if (above + below < POINTS_FOR_RUNS || above == 0 || below == 0)
        return;
    n = (size_t)(above + below);
    expected = 1 + 2 * above * below / (double)n;
    variance = (expected - 1) * (expected - 2) / ((double)n - 1);
    found->runs_z = ((double)found->runs - expected) / sqrt(variance);
}

static double durbin_watson(const double *rest, size_t n)
{
    double steps = 0, squares = 0;

    for (size_t i = 0; i < n; i++) {
        double step = i == 0 ? 0 : rest[i] - rest[i - 1];
        steps += step * step;
        squares += rest[i] * rest[i];
    }
    return squares > 0 ? steps / squares : NAN;
}

bool residuals_examine(const struct model *model, const struct model_host *host,
                       const double *parameters, const struct points *points,
                       struct residuals *found)
{
    double *rest = calloc(points->count + 1, sizeof *rest);

    *found = (struct residuals){.runs_z = NAN};
    if (rest == NULL)
        return false;
    for (size_t i = 0; i < points->count; i++) {
        double rate =
            model_rate(model, host, parameters, points->points[i].workers);
        rest[i] = points->points[i].y - points_y(points, rate);
        if (fabs(rest[i]) < ROUNDING)
            rest[i] = 0;
    }
    count_runs(rest, points->count, found);
    found->durbin_watson = durbin_watson(rest, points->count);
    free(rest);
    return true;
}
