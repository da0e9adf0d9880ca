/* SPDX-License-Identifier: MIT */
/* The formulas of the USL, and its linearised fit. */
#include "usl.h"

#include <math.h>

#include <gsl/gsl_multifit.h>

double usl_rate(const struct usl *usl, double workers)
{
    return usl->gamma * workers /
           (1 + usl->alpha * (workers - 1) +
            usl->beta * workers * (workers - 1));
}

double usl_latency(const struct usl *usl, double workers)
{
    return workers / usl_rate(usl, workers);
}

/*
 * gamma R = 1 + alpha (N-1) + beta N (N-1) solved for N. With beta = 0 it is a
 * line, and with alpha = 0 as well latency is the same for every N.
 */
double usl_workers_at_latency(const struct usl *usl, double latency_s)
{
    double a = usl->alpha, b = usl->beta;
    double load = usl->gamma * latency_s;

    if (load < 1)
        return NAN;
    if (b == 0)
        return a == 0 ? NAN : 1 + (load - 1) / a;
    return (b - a + sqrt(a * a + b * b + 2 * b * (2 * load + a - 2))) / (2 * b);
}

double usl_rate_at_latency(const struct usl *usl, double latency_s)
{
    return usl_workers_at_latency(usl, latency_s) / latency_s;
}

double usl_peak(const struct usl *usl)
{
    if (usl->beta > 0)
        return fmax(1, sqrt(fmax(0, 1 - usl->alpha) / usl->beta));
    return usl->alpha >= 1 ? 1 : INFINITY;
}

double usl_whole_peak(const struct usl *usl)
{
    double below = floor(usl_peak(usl));

    return usl_rate(usl, below + 1) > usl_rate(usl, below) ? below + 1 : below;
}

double usl_limit(const struct usl *usl)
{
    double peak = usl_peak(usl);

    if (isfinite(peak))
        return usl_rate(usl, peak);
    return usl->alpha > 0 ? usl->gamma / usl->alpha : INFINITY;
}

static struct usl from_coefficients(const gsl_vector *c)
{
    double a = gsl_vector_get(c, 0);

    return (struct usl){
        .gamma = 1 / a,
        .alpha = gsl_vector_get(c, 1) / a,
        .beta = c->size > 2 ? gsl_vector_get(c, 2) / a : 0,
    };
}

/* From the slowest worker on, in case the line has no positive start. */
static struct usl rough(const struct points *points)
{
    struct usl usl = {.gamma = 0, .alpha = 0.01, .beta = 1e-4};

    for (size_t i = 0; i < points->count; i++)
        usl.gamma =
            fmax(usl.gamma, points_rate(points, i) / points->points[i].workers);
    return usl;
}

struct usl usl_linearised(const struct points *points, bool with_beta)
{
    size_t n = points->count, p = with_beta ? 3 : 2;
    struct usl usl = rough(points);
    gsl_multifit_linear_workspace *work;
    gsl_matrix *x, *covariance;
    gsl_vector *y, *weights, *c;
    double residual;

    if (n < p)
        return usl;
    work = gsl_multifit_linear_alloc(n, p);
    x = gsl_matrix_alloc(n, p);
    covariance = gsl_matrix_alloc(p, p);
    y = gsl_vector_alloc(n);
    weights = gsl_vector_alloc(n);
    c = gsl_vector_alloc(p);
    if (!work || !x || !covariance || !y || !weights || !c)
        goto free_all;
    for (size_t i = 0; i < n; i++) {
        double workers = points->points[i].workers;
        double each = workers / points_rate(points, i);
        gsl_matrix_set(x, i, 0, 1);
        gsl_matrix_set(x, i, 1, workers - 1);
        if (with_beta)
            gsl_matrix_set(x, i, 2, workers * (workers - 1));
        gsl_vector_set(y, i, each);
        gsl_vector_set(weights, i, points->points[i].weight / (each * each));
    }
    if (gsl_multifit_wlinear(x, weights, y, c, covariance, &residual, work) ==
            0 &&
        gsl_vector_get(c, 0) > 0)
        usl = from_coefficients(c);

free_all:
    gsl_multifit_linear_free(work);
    gsl_matrix_free(x);
    gsl_matrix_free(covariance);
    gsl_vector_free(y);
    gsl_vector_free(weights);
    gsl_vector_free(c);
    return usl;
}
