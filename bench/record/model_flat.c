/* SPDX-License-Identifier: MIT */
/* Flat: workers change nothing. What a lock around everything, or CPython's
 * threads on Python code, look like. */
#include <math.h>

#include "model.h"

static double flat_rate(const struct model_host *host, const double *p,
                        double workers, double *gradient)
{
    (void)host;
    (void)workers;
    gradient[0] = 1;
    return p[0];
}

static void flat_start(const struct points *points,
                       const struct model_host *host, double *p)
{
    (void)host;
    p[0] = points_rate(points, 0);
}

static double flat_limit(const struct model_host *host, const double *p)
{
    (void)host;
    return p[0];
}

const struct model model_flat = {
    .name = "flat",
    .formula = "X(N) = gamma",
    .parameter_count = 1,
    .parameters = {{"gamma", "throughput of any count", 0, INFINITY, true}},
    .rate = flat_rate,
    .start = flat_start,
    .limit = flat_limit,
};
