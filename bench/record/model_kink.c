/* SPDX-License-Identifier: MIT */
/*
 * Two slopes: up to the physical cores each worker adds gamma, from there to
 * the hardware threads smt_ratio of it (two threads of a core share its units),
 * past those nothing. Only where the machine has such threads and counts on
 * both sides were measured.
 */
#include <math.h>

#include "model.h"

/* How many workers' worth the count is, and how many of them count by the
 * second slope. */
static double kink_shape(const struct model_host *host, double ratio,
                         double workers, double *beyond)
{
    double cores = fmin(host->cores, workers);

    *beyond = fmax(0, fmin(workers, host->threads) - host->cores);
    return cores + ratio * *beyond;
}

static double kink_rate(const struct model_host *host, const double *p,
                        double workers, double *gradient)
{
    double beyond;
    double shape = kink_shape(host, p[1], workers, &beyond);

    gradient[0] = shape;
    gradient[1] = p[0] * beyond;
    return p[0] * shape;
}

static void kink_start(const struct points *points,
                       const struct model_host *host, double *p)
{
    (void)host;
    p[0] = points_rate(points, 0) / points->points[0].workers;
    p[1] = 0.3;
}

static bool kink_is_offered(const struct model_host *host,
                            const struct points *points)
{
    return host->cores > 0 && host->threads > host->cores &&
           points->points[1].workers <= host->cores &&
           points->points[points->count - 1].workers > host->cores;
}

static double kink_peak(const struct model_host *host, const double *p)
{
    return p[1] > 0 ? host->threads : host->cores;
}

static double kink_limit(const struct model_host *host, const double *p)
{
    double beyond;

    return p[0] * kink_shape(host, p[1], host->threads, &beyond);
}

const struct model model_kink = {
    .name = "smt",
    .formula = "X(N) = gamma (min(N, cores) + smt_ratio (threads past them))",
    .parameter_count = 2,
    .parameters = {{"gamma", "throughput of one worker", 0, INFINITY, true},
                   {"smt_ratio", "what a second thread of a core adds", 0, 1,
                    false}},
    .rate = kink_rate,
    .start = kink_start,
    .is_offered = kink_is_offered,
    .peak = kink_peak,
    .limit = kink_limit,
};
