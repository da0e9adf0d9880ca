/* SPDX-License-Identifier: MIT */
#ifndef RECORD_BOOTSTRAP_H
#define RECORD_BOOTSTRAP_H

/*
 * Intervals of everything that a model says, by fitting it again to 2000
 * resamples (resample.h). An end may be INFINITY. The seed is fixed: the same
 * data have the same intervals.
 */
#include <stdbool.h>

#include "fit.h"
#include "resample.h"

#define BOOTSTRAP_DRAWS 2000

/* Where the curve is asked for. */
struct curve_point {
    double workers;
    double rate; /* of the fit; like all rates here in units of scale */
    double low;  /* its interval */
    double high;
};

struct intervals {
    enum resample_kind kind;
    double parameters[MODEL_PARAMETERS][2];
    double peak[2];            /* NAN for a model without */
    double peak_rate[2];       /* INFINITY where it grows without end */
    struct curve_point *curve; /* the caller's */
    size_t curve_count;
};

/* Fills `intervals`, all of it NAN where resamples cannot be fitted. False
 * without memory. */
bool bootstrap_fit(const struct fit *fit, const struct model_host *host,
                   const struct points *points, struct intervals *intervals);

#endif
