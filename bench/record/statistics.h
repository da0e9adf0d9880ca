/* SPDX-License-Identifier: MIT */
#ifndef RECORD_STATISTICS_H
#define RECORD_STATISTICS_H

/*
 * Estimates with their intervals, from block values: one positive number a
 * block, blocks being independent of each other (each case runs once in each,
 * in a fresh process, in random order). What cannot be known is NAN.
 */
#include <stddef.h>

struct estimate {
    double value;
    double low; /* of the interval at the level asked for */
    double high;
};

/* Blocks that the interval of a mean takes, and that of a median: 6 at 95 %,
 * 7 at 97 %. */
#define BLOCKS_FOR_MEAN 2
size_t statistics_blocks_for_median(double level);

/* Mean and standard error of the logs; NAN below one value, and two. */
void statistics_log_moments(const double *values, size_t n, double *mean,
                            double *standard_error);

/*
 * The geometric mean, and the t interval on logs carried back: timing noise is
 * multiplicative, so that logs are nearer to normal than times, and so are the
 * logs of paired ratios, which this is for as well. Needs two values for the
 * interval. Values that are all the same have an interval of no width.
 */
struct estimate statistics_geometric_mean(const double *values, size_t n,
                                          double level);

/*
 * The median of sorted values, and the narrowest symmetric pair of them that
 * covers the true median with at least `level`, whatever the distribution: at
 * 95 % this takes six values, and with six is the smallest and the largest
 * (96.9 %).
 */
struct estimate statistics_median(const double *sorted, size_t n, double level);

/* The two-sided p-value of "the geometric mean is 1"; NAN below two values. */
double statistics_p_of_ratio(const double *ratios, size_t n);

/* Adjusts p-values of one family for their number, in place (Holm). NAN takes
 * no part. False without memory. */
int statistics_holm(double *p, size_t n);

/* The verdict on a ratio of times a/b and its interval. */
struct verdict {
    const char *word;     /* faster, slower, equivalent, inconclusive */
    double blocks_needed; /* about, for one of the others; NAN: unknown */
    const char *reason;   /* why it is unknown, else NULL */
};

/* `delta` is the smallest difference that counts; `blocks` how many there are
 * now. */
struct verdict statistics_verdict(const struct estimate *ratio, double delta,
                                  size_t blocks);

#endif
