/* SPDX-License-Identifier: MIT */
#ifndef RECORD_USL_H
#define RECORD_USL_H

/*
 * The Universal Scalability Law (Gunther, Guerrilla Capacity Planning, 2007,
 * with a third parameter):
 *
 *      X(N) = gamma N / (1 + alpha (N-1) + beta N (N-1))
 *
 * gamma is the throughput of one worker, alpha contention (waiting for each
 * other), beta coherency (talking to each other). With Little's law N = X R it
 * ties workers N, throughput X and latency R together.
 */
#include <stdbool.h>

#include "points.h"

struct usl {
    double gamma;
    double alpha;
    double beta;
};

double usl_rate(const struct usl *usl, double workers);
double usl_latency(const struct usl *usl, double workers);
/* How many workers are in it when a task takes that long, and the throughput
 * then. NAN below the latency of one, and where latency does not tell. */
double usl_workers_at_latency(const struct usl *usl, double latency_s);
double usl_rate_at_latency(const struct usl *usl, double latency_s);
/* The worker count of the highest throughput; INFINITY: there is none. */
double usl_peak(const struct usl *usl);
/* The whole number with the highest throughput next to a peak. */
double usl_whole_peak(const struct usl *usl);
/* What throughput approaches, or peaks at. */
double usl_limit(const struct usl *usl);

/*
 * The linearised fit: N/X = a + b (N-1) + c N (N-1), by least squares with
 * weights that undo the reciprocal. A start for the search, no more. Without
 * `with_beta` c is 0. The parameters may lie outside their box.
 */
struct usl usl_linearised(const struct points *points, bool with_beta);

#endif
