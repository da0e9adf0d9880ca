/* SPDX-License-Identifier: MIT */
#ifndef RECORD_LEAST_SQUARES_H
#define RECORD_LEAST_SQUARES_H

/*
 * Nonlinear least squares of one model over points, some parameters held fast:
 * Levenberg and Marquardt's method as GSL has it, with the model's own
 * derivatives. Workspaces are kept from search to search.
 */
#include <stdbool.h>

#include "model.h"

struct least_squares {
    const struct model *model;
    const struct model_host *host;
    const struct points *points;
    bool is_free[MODEL_PARAMETERS];
    void *workspaces[MODEL_PARAMETERS + 1]; /* by how many are free */
};

/* Releases the workspaces. */
void least_squares_finish(struct least_squares *search);

/*
 * Moves the free ones of `parameters` to the nearest least sum of squares,
 * which it returns; INFINITY where there is none to be found.
 */
double least_squares_search(struct least_squares *search, double *parameters);

/* The sum of weighted squares as the parameters stand. */
double least_squares_at(const struct least_squares *search,
                        const double *parameters);

/* The free parameters' covariance at their optimum for residuals of variance
 * 1 (delta method: the inverse of J'WJ); zeroes for the others. False where
 * some of them cannot be told apart. */
bool least_squares_covariance(
    struct least_squares *search, const double *parameters,
    double covariance[MODEL_PARAMETERS][MODEL_PARAMETERS]);

#endif
