/* SPDX-License-Identifier: MIT */
#ifndef RECORD_RESIDUALS_H
#define RECORD_RESIDUALS_H

/* What is left of the points after a model: is it noise, or a pattern? */
#include <stdbool.h>
#include <stddef.h>

#include "model.h"

struct residuals {
    size_t runs;   /* of equal sign, along the worker counts */
    double runs_z; /* NAN below ten points, and where all have one sign */
    double durbin_watson; /* about 2 for noise, near 0 for waves */
};

/* False without memory. */
bool residuals_examine(const struct model *model, const struct model_host *host,
                       const double *parameters, const struct points *points,
                       struct residuals *found);

/* The upper tail of F = above / below. */
double residuals_f_tail(double above, double below, double above_df,
                        double below_df);

#endif
