/* SPDX-License-Identifier: MIT */
#ifndef RECORD_PROPORTION_H
#define RECORD_PROPORTION_H

/* So many of so many trials: what that says about the rate, and what a promised
 * rate says about the count. */
#include <stddef.h>

#include "statistics.h"

/* Clopper and Pearson's exact interval (Biometrika 26, 1934). */
struct estimate proportion_of(size_t hits, size_t trials, double level);

/* The counts that a true `rate` gives but for `miss` of the cases at each end:
 * [low, high]. */
void proportion_range(double rate, size_t trials, double miss, size_t *low,
                      size_t *high);

#endif
