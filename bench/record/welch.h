/* SPDX-License-Identifier: MIT */
#ifndef RECORD_WELCH_H
#define RECORD_WELCH_H

/*
 * Values that share no blocks: two groups, each independent of the other.
 */
#include <stddef.h>

#include "statistics.h"

/* Welch's comparison of log means (Biometrika 34, 1947): exp of the difference
 * a - b with its interval, the standard error of its log, and the degrees of
 * freedom by Satterthwaite. NAN below two values on either side, but for the
 * ratio itself, which needs one of each. */
struct estimate welch_ratio(const double *a, size_t a_count, const double *b,
                            size_t b_count, double level,
                            double *standard_error, double *df);

#endif
