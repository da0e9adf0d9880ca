/* SPDX-License-Identifier: MIT */
#ifndef RECORD_BCA_H
#define RECORD_BCA_H

/*
 * The bootstrap's interval, corrected for bias and for an error that grows
 * with the value (BCa: Efron, JASA 82, 1987), of any statistic of block values.
 * It needs no normal distribution, but enough blocks: from BLOCKS_FOR_BCA on
 * it is used, below it Student's t on logs serves. So it does
 * above BLOCKS_FOR_BCA_MOST: the mean of so many is normal, and resampling them
 * takes minutes.
 */
#include <stdbool.h>
#include <stddef.h>

#include "statistics.h"

#define BLOCKS_FOR_BCA      20
#define BLOCKS_FOR_BCA_MOST 1000

typedef double bca_statistic(const double *values, size_t n);

/* What the interval's ends were corrected by. */
struct bca {
    struct estimate estimate;
    double bias;         /* z0: the share of resamples below, as a quantile */
    double acceleration; /* a: from leaving out one block after the other   */
};

/*
 * The statistic of n values with its interval at `level`: 10,000 resamples of
 * whole blocks with a fixed seed, fewer (at least 2,000) above 40 blocks. A
 * statistic that does not move has an interval of no width. False without
 * memory.
 */
bool bca_interval(const double *values, size_t n, double level,
                  bca_statistic *statistic, struct bca *result);

/* The same of the geometric mean of positive values, and as much wider as
 * Student's interval is than the normal one. */
bool bca_geometric_mean(const double *values, size_t n, double level,
                        struct estimate *estimate);

#endif
