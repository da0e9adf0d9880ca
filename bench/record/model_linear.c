/* SPDX-License-Identifier: MIT */
/* Linear: each worker adds as much as the first. */
#include <math.h>

#include "model.h"

static double linear_rate(const struct model_host *host, const double *p,
                          double workers, double *gradient)
{
    (void)host;
    gradient[0] = workers;
    return p[0] * workers;
}

static void linear_start(const struct points *points,
                         const struct model_host *host, double *p)
{
    (void)host;
    p[0] = points_rate(points, 0) / points->points[0].workers;
}

static double linear_peak(const struct model_host *host, const double *p)
{
    (void)host;
    (void)p;
    return INFINITY;
}

const struct model model_linear = {
    .name = "linear",
    .formula = "X(N) = gamma N",
    .parameter_count = 1,
    .parameters = {{"gamma", "throughput of one worker", 0, INFINITY, true}},
    .rate = linear_rate,
    .start = linear_start,
    .peak = linear_peak,
    .limit = linear_peak,
};
