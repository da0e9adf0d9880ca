/* SPDX-License-Identifier: MIT */
#ifndef RECORD_LAYOUT_H
#define RECORD_LAYOUT_H

/*
 * Values of several points in several blocks, not every point in every block:
 * how much do two points differ, and how sure is that? The model is
 *
 *      y(point, block) = point effect + block effect + error
 *
 * fitted by least squares (the intrablock analysis of an incomplete block
 * design; Cochran & Cox, Experimental Designs, chapter 9). It assumes errors of
 * about the same spread everywhere, which is why y are logs of throughput:
 * timing noise is multiplicative. With all points in all blocks a difference is
 * that of the paired means.
 */
#include <stdbool.h>
#include <stddef.h>

struct layout_value {
    size_t point; /* below the number of points */
    size_t block; /* below the number of blocks */
    double y;
};

struct layout {
    double *effect;     /* of each point; NAN where it has no value */
    double *covariance; /* in units of the error variance           */
    size_t points;
    double variance; /* of one value; NAN with no degree of freedom */
    double df;
};

/* False without memory. Points that no chain of common blocks ties to the
 * first one that has a value are treated as if they had none. */
bool layout_fit(const struct layout_value *values, size_t count, size_t points,
                size_t blocks, struct layout *layout);
void layout_finish(struct layout *layout);

/* The difference of two points' effects, and its standard error. NAN where
 * either is unknown. */
double layout_difference(const struct layout *layout, size_t a, size_t b);
double layout_standard_error(const struct layout *layout, size_t a, size_t b);

#endif
