/* SPDX-License-Identifier: MIT */
/* Amdahl (AFIPS 1967) as throughput: a fraction alpha of the work is done by
 * one worker at a time. */
#include <math.h>

#include "model.h"
#include "usl.h"

static double amdahl_rate(const struct model_host *host, const double *p,
                          double workers, double *gradient)
{
    double divisor = 1 + p[1] * (workers - 1);
    double rate = p[0] * workers / divisor;

    (void)host;
    if (divisor <= 0)
        return NAN;
    gradient[0] = workers / divisor;
    gradient[1] = -rate * (workers - 1) / divisor;
    return rate;
}

static void amdahl_start(const struct points *points,
                         const struct model_host *host, double *p)
{
    struct usl usl = usl_linearised(points, false);

    (void)host;
    p[0] = usl.gamma;
    p[1] = usl.alpha;
}

static double amdahl_peak(const struct model_host *host, const double *p)
{
    (void)host;
    return p[1] >= 1 ? 1 : INFINITY;
}

static double amdahl_limit(const struct model_host *host, const double *p)
{
    struct usl usl = {p[0], p[1], 0};

    (void)host;
    return usl_limit(&usl);
}

const struct model model_amdahl = {
    .name = "amdahl",
    .formula = "X(N) = gamma N / (1 + alpha (N-1))",
    .parameter_count = 2,
    .parameters = {{"gamma", "throughput of one worker", 0, INFINITY, true},
                   {"alpha", "contention, the serial fraction", 0, 1, false}},
    .rate = amdahl_rate,
    .start = amdahl_start,
    .peak = amdahl_peak,
    .limit = amdahl_limit,
};
