/* SPDX-License-Identifier: MIT */
#ifndef RECORD_RESAMPLE_H
#define RECORD_RESAMPLE_H

/*
 * Points as another run might have had them. Which way is open depends on what
 * was measured:
 *
 *      blocks      whole blocks are drawn, with all their cases: what moves a
 *                  block moves them together (from BLOCKS_TO_DRAW on)
 *      values      values are drawn, with their worker counts (from
 *                  VALUES_TO_DRAW on, where they are of no blocks)
 *      residuals   counts stay, what the model left over is drawn anew: with
 *                  few values, whole counts would vanish from resamples. What
 *                  moves a block is drawn from a normal distribution
 *
 * Efron & Tibshirani, An Introduction to the Bootstrap (1993), 8 and 9.
 */
#include <stdbool.h>

#include <gsl/gsl_rng.h>

#include "fit.h"

#define BLOCKS_TO_DRAW 6
#define VALUES_TO_DRAW 20

enum resample_kind { RESAMPLE_BLOCKS, RESAMPLE_VALUES, RESAMPLE_RESIDUALS };

struct resample {
    enum resample_kind kind;
    const struct points *points;
    double *drawn;     /* blocks: how often each is drawn                  */
    double *fitted;    /* residuals: the model's y at each point           */
    double *residuals; /* residuals: of each unit, of the right variance   */
    double level;      /* residuals: how far blocks move the level, as
                          standard deviation of its mean on logs           */
    double df;         /* that an interval's width is to allow for, still  */
};

enum resample_kind resample_kind(const struct points *points);

/* False without memory. */
bool resample_create(const struct fit *fit, const struct model_host *host,
                     const struct points *points, struct resample *resample);
void resample_finish(struct resample *resample);

/* Draws into the weights and y of `drawn`, which has the same counts. Returns
 * how many of them have values. */
size_t resample_draw(struct resample *resample, gsl_rng *random,
                     struct points *drawn);

#endif
