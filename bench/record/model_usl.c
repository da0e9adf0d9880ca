/* SPDX-License-Identifier: MIT */
/* The Universal Scalability Law as a model; usl.h has the formulas. */
#include <math.h>

#include "model.h"
#include "usl.h"

static struct usl usl_of(const double *p)
{
    return (struct usl){p[0], p[1], p[2]};
}

static double law_rate(const struct model_host *host, const double *p,
                       double workers, double *gradient)
{
    double others = workers - 1;
    double divisor = 1 + p[1] * others + p[2] * workers * others;
    double rate = p[0] * workers / divisor;

    (void)host;
    if (divisor <= 0)
        return NAN;
    gradient[0] = workers / divisor;
    gradient[1] = -rate * others / divisor;
    gradient[2] = -rate * workers * others / divisor;
    return rate;
}

static void law_start(const struct points *points,
                      const struct model_host *host, double *p)
{
    struct usl usl = usl_linearised(points, true);

    (void)host;
    p[0] = usl.gamma;
    p[1] = usl.alpha;
    p[2] = usl.beta;
}

static double law_peak(const struct model_host *host, const double *p)
{
    struct usl usl = usl_of(p);

    (void)host;
    return usl_peak(&usl);
}

static double law_limit(const struct model_host *host, const double *p)
{
    struct usl usl = usl_of(p);

    (void)host;
    return usl_limit(&usl);
}

const struct model model_usl = {
    .name = "usl",
    .formula = "X(N) = gamma N / (1 + alpha (N-1) + beta N (N-1))",
    .parameter_count = 3,
    .parameters = {{"gamma", "throughput of one worker", 0, INFINITY, true},
                   {"alpha", "contention, the serial fraction", 0, 1, false},
                   {"beta", "coherency, the cost of a pair", 0, INFINITY,
                    false}},
    .rate = law_rate,
    .start = law_start,
    .peak = law_peak,
    .limit = law_limit,
};
