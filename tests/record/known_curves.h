/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RECORD_KNOWN_CURVES_H
#define TESTS_RECORD_KNOWN_CURVES_H

/* Published measurements with published fits. */
#include "points.h"

/* Baron Schwartz, Practical Scalability Analysis with the Universal Scalability
 * Law: throughput at 1 to 32 clients. */
static const double cisco[32] = {
    955.16,   1878.91,  2688.01,  3548.68,  4315.54,  5130.43,  5931.37,
    6531.08,  7219.8,   7867.61,  8278.71,  8646.7,   9047.84,  9426.55,
    9645.37,  9897.24,  10097.6,  10240.5,  10532.39, 10798.52, 11151.43,
    11518.63, 11806,    12089.37, 12075.41, 12177.29, 12211.41, 12158.93,
    12155.27, 12118.04, 12140.4,  12074.39};

/* SPEC SDM91 on a Sun SPARCcenter 2000, from the R package usl. */
static const double specsdm91_workers[7] = {1, 18, 36, 72, 108, 144, 216};
static const double specsdm91[7] = {64.9,   995.9,  1652.4, 1853.2,
                                    1828.9, 1775.0, 1702.2};

/* The first `count` of them; returns `count`. */
static inline size_t cisco_values(struct scaling_value *values, size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (struct scaling_value){(double)i + 1, cisco[i], NO_BLOCK};
    return count;
}

static inline size_t specsdm91_values(struct scaling_value *values,
                                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        values[i] = (struct scaling_value){specsdm91_workers[i], specsdm91[i],
                                           NO_BLOCK};
    return count;
}

#endif
