/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FIT_H
#define RECORD_FIT_H

/* One model fitted to points: its parameters within their box, how sure they
 * are, and whether the model is right at all. */
#include <stdbool.h>

#include "model.h"

struct fit {
    const struct model *model;
    double parameters[MODEL_PARAMETERS]; /* rates in units of points->scale */
    bool is_free[MODEL_PARAMETERS];      /* not at an end of its box */
    bool is_superlinear;        /* the best unbounded alpha is below 0 */
    double superlinear_squares; /* that fit's, pure error included */
    double squares;             /* left over, pure error included */
    double free_values;         /* that it was fitted to */
    double df;                  /* its degrees of freedom */
    double aicc;                /* NAN where there are too few values for it */

    /* --- set by fit_judge() --- */
    double standard_error[MODEL_PARAMETERS]; /* NAN: unknown, or not free */
    double lack_of_fit_p; /* against pure error; NAN: there is none */
    double runs_z;        /* of the residuals' signs along N; NAN: too few */
    size_t runs;
    double durbin_watson;
};

/* The distinct worker counts that a model takes. */
size_t fit_counts_needed(const struct model *model);

/* Fits from scratch: every face of the box, the best is kept. False where
 * nothing could be fitted. */
bool fit_model(const struct model *model, const struct model_host *host,
               const struct points *points, struct fit *fit);

/* The same model over other points of the same counts (of a resample), starting
 * from `near`; `search` is kept over many of these. */
struct least_squares;
bool fit_again(struct least_squares *search, const struct fit *near,
               double *parameters);

/* Fills in the rest. False without memory. */
bool fit_judge(struct fit *fit, const struct model_host *host,
               const struct points *points);

/* Is the fit with alpha below 0 surely better, and not by noise? */
bool fit_is_surely_superlinear(const struct fit *fit,
                               const struct points *points);

/* Does `a` leave so much less than `b`, which has fewer parameters, that chance
 * would not? */
bool fit_is_surely_nearer(const struct fit *a, const struct fit *b);

/* The residuals show a pattern, or exceed the pure error. */
bool fit_is_misfit(const struct fit *fit);
bool fit_lacks_fit(const struct fit *fit);

/* A parameter in its own units. */
double fit_value(const struct fit *fit, const struct points *points, size_t i,
                 double value);

#endif
