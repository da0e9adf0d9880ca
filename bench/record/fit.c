/* SPDX-License-Identifier: MIT */
/*
 * Fitting within a box. The best point of a box is the unbounded optimum of one
 * of its faces (the inside is one, each side, each corner): all of them are
 * searched, and the best one that lies in the box wins. This is the active set
 * method with the choice of set made by trying; with two bounded parameters
 * there are six sets, and no case can be missed.
 */
#include "fit.h"

#include <math.h>
#include <string.h>

#include "least_squares.h"
#include "residuals.h"

/* Residuals smaller than this, relative to the throughput, are rounding: so
 * that an exact curve is not a contest of the last digits. */
#define ROUNDING 1e-9

size_t fit_counts_needed(const struct model *model)
{
    size_t needed = model->parameter_count + 1;

    return needed < 3 ? 3 : needed;
}

enum side { INSIDE, AT_LOW, AT_HIGH, SIDES };

/* The i-th face: which side each parameter is on. False where there is no such
 * one: only ends that are finite and mean something are sides. Parameters that
 * are rates stay inside. */
static bool choose_face(const struct model *model, size_t i,
                        enum side sides[MODEL_PARAMETERS])
{
    bool is_face = true;

    for (size_t k = 0; k < model->parameter_count; k++) {
        sides[k] = (enum side)(i % SIDES);
        i /= SIDES;
        if (sides[k] != INSIDE && model->parameters[k].is_rate)
            is_face = false;
        if (sides[k] == AT_HIGH && !isfinite(model->parameters[k].high))
            is_face = false;
    }
    return is_face && i == 0;
}

static bool is_in_box(const struct model *model, const double *parameters)
{
    for (size_t k = 0; k < model->parameter_count; k++) {
        const struct model_parameter *one = &model->parameters[k];
        if (!(parameters[k] >= one->low && parameters[k] <= one->high) ||
            !isfinite(parameters[k]))
            return false;
    }
    return true;
}

/* Searches a face from `parameters`, moved onto it. */
static double search_face(struct least_squares *search, const enum side *sides,
                          double *parameters)
{
    for (size_t k = 0; k < search->model->parameter_count; k++) {
        const struct model_parameter *one = &search->model->parameters[k];
        search->is_free[k] = sides[k] == INSIDE;
        if (sides[k] != INSIDE)
            parameters[k] = sides[k] == AT_LOW ? one->low : one->high;
    }
    return least_squares_search(search, parameters);
}

/* Two starts: the model's own, and with little of everything but the rates. */
static double search_from_both(struct least_squares *search,
                               const enum side *sides, double *parameters)
{
    double own[MODEL_PARAMETERS] = {0}, modest[MODEL_PARAMETERS];
    double own_squares, modest_squares;

    search->model->start(search->points, search->host, own);
    for (size_t k = 0; k < search->model->parameter_count; k++) {
        const struct model_parameter *one = &search->model->parameters[k];
        modest[k] = one->is_rate ? own[k] : 0.01;
        if (!(own[k] >= one->low))
            own[k] = one->low;
    }
    own_squares = search_face(search, sides, own);
    modest_squares = search_face(search, sides, modest);
    memcpy(parameters, modest_squares < own_squares ? modest : own, sizeof own);
    return fmin(own_squares, modest_squares);
}

static void note_superlinear(struct fit *fit, const enum side *sides,
                             const double *parameters, double squares)
{
    for (size_t k = 0; k < fit->model->parameter_count; k++) {
        if (sides[k] != INSIDE)
            return;
        if (strcmp(fit->model->parameters[k].name, "alpha") == 0 &&
            parameters[k] < -1e-6) {
            fit->is_superlinear = true;
            fit->superlinear_squares = squares;
        }
    }
}

static void keep(struct fit *fit, const enum side *sides,
                 const double *parameters, double squares)
{
    fit->squares = squares;
    for (size_t k = 0; k < fit->model->parameter_count; k++) {
        fit->parameters[k] = parameters[k];
        fit->is_free[k] = sides[k] == INSIDE;
    }
}

static void search_faces(struct least_squares *search, struct fit *fit)
{
    enum side sides[MODEL_PARAMETERS];

    for (size_t i = 0; i < 27; i++) { /* SIDES to the MODEL_PARAMETERS */
        double parameters[MODEL_PARAMETERS] = {0}, squares;
        if (!choose_face(fit->model, i, sides))
            continue;
        squares = search_from_both(search, sides, parameters);
        if (isfinite(squares))
            note_superlinear(fit, sides, parameters, squares);
        if (is_in_box(fit->model, parameters) && squares < fit->squares)
            keep(fit, sides, parameters, squares);
    }
}

static void solve(struct least_squares *search, struct fit *fit)
{
    static const enum side inside[MODEL_PARAMETERS] = {INSIDE, INSIDE, INSIDE};
    double parameters[MODEL_PARAMETERS] = {0};

    if (fit->model->solve(search->points, parameters) &&
        is_in_box(fit->model, parameters))
        keep(fit, inside, parameters, least_squares_at(search, parameters));
}

/* Hurvich & Tsai (Biometrika 1989); k counts the variance. */
static double aicc(const struct fit *fit, const struct points *points)
{
    double n = points->free_values;
    double k = (double)fit->model->parameter_count + 1;
    double squares = fmax(fit->squares, n * ROUNDING * ROUNDING);

    if (n - k - 1 <= 0)
        return NAN;
    return n * log(squares / n) + 2 * k + 2 * k * (k + 1) / (n - k - 1);
}

bool fit_model(const struct model *model, const struct model_host *host,
               const struct points *points, struct fit *fit)
{
    struct least_squares search = {
        .model = model, .host = host, .points = points};
    size_t free = 0;

    *fit = (struct fit){.model = model, .squares = INFINITY};
    if (points->count < fit_counts_needed(model) ||
        (model->is_offered != NULL && !model->is_offered(host, points)))
        return false;
    if (model->solve != NULL)
        solve(&search, fit);
    else
        search_faces(&search, fit);
    least_squares_finish(&search);
    if (!isfinite(fit->squares))
        return false;
    for (size_t k = 0; k < model->parameter_count; k++)
        free += fit->is_free[k];
    fit->squares += points->pure_error;
    fit->superlinear_squares += points->pure_error;
    fit->free_values = points->free_values;
    fit->df = points->free_values - (double)free;
    fit->aicc = aicc(fit, points);
    return true;
}

bool fit_again(struct least_squares *search, const struct fit *near,
               double *parameters)
{
    enum side sides[MODEL_PARAMETERS];
    double best = INFINITY;

    if (near->model->solve != NULL)
        return near->model->solve(search->points, parameters) &&
               is_in_box(near->model, parameters);
    for (size_t i = 0; i < 27; i++) {
        double now[MODEL_PARAMETERS], squares;
        if (!choose_face(near->model, i, sides))
            continue;
        memcpy(now, near->parameters, sizeof now);
        squares = search_face(search, sides, now);
        if (!is_in_box(near->model, now) || !(squares < best))
            continue;
        best = squares;
        memcpy(parameters, now, sizeof now);
        if (i == 0)
            break; /* no face can be better than the inside */
    }
    return isfinite(best);
}

double fit_value(const struct fit *fit, const struct points *points, size_t i,
                 double value)
{
    return fit->model->parameters[i].is_rate ? value * points->scale : value;
}

/* Pure error against what the model adds to it (Draper & Smith, Applied
 * Regression Analysis, 2.1); assumes errors of one variance, about normal. */
static double lack_of_fit(const struct fit *fit, const struct points *points)
{
    double model_df = fit->df - points->error_df;
    double model_squares = fmax(0, fit->squares - points->pure_error);

    if (!(points->error_df > 0) || !(model_df > 0))
        return NAN;
    if (points->pure_error / points->value_count < ROUNDING * ROUNDING)
        return model_squares / points->value_count < 1e-12 ? 1 : 0;
    return residuals_f_tail(model_squares / model_df,
                            points->pure_error / points->error_df, model_df,
                            points->error_df);
}

static double standard_error(const struct fit *fit, const struct points *points,
                             size_t k, double covariance)
{
    double value = fit->parameters[k];
    double level = fit->model->parameters[k].is_rate
                       ? value * value * points_level_variance(points)
                       : 0;

    return sqrt(covariance * fit->squares / fit->df + level);
}

bool fit_judge(struct fit *fit, const struct model_host *host,
               const struct points *points)
{
    struct least_squares search = {
        .model = fit->model, .host = host, .points = points};
    double covariance[MODEL_PARAMETERS][MODEL_PARAMETERS];
    struct residuals residuals;
    bool is_told;

    memcpy(search.is_free, fit->is_free, sizeof search.is_free);
    is_told = fit->df > 0 &&
              least_squares_covariance(&search, fit->parameters, covariance);
    least_squares_finish(&search);
    for (size_t k = 0; k < MODEL_PARAMETERS; k++)
        fit->standard_error[k] =
            is_told && fit->is_free[k]
                ? standard_error(fit, points, k, covariance[k][k])
                : NAN;
    fit->lack_of_fit_p = lack_of_fit(fit, points);
    if (!residuals_examine(fit->model, host, fit->parameters, points,
                           &residuals))
        return false;
    fit->runs = residuals.runs;
    fit->runs_z = residuals.runs_z;
    fit->durbin_watson = residuals.durbin_watson;
    return true;
}

/* The likelihood ratio of one parameter (Wilks 1938), at 95 %. */
bool fit_is_surely_superlinear(const struct fit *fit,
                               const struct points *points)
{
    double n = points->free_values;
    double least = n * ROUNDING * ROUNDING;

    return fit->is_superlinear &&
           n * log(fmax(fit->squares, least) /
                   fmax(fit->superlinear_squares, least)) >
               3.841;
}

/* The F test on the extra sum of squares of nested models (Bates & Watts,
 * Nonlinear Regression Analysis, 1988, chapter 3), at 1 %. Where `b` is no
 * special case of `a` it is a convention; where `a` stands at an end of its
 * box, which counts as free here, it is cautious. */
bool fit_is_surely_nearer(const struct fit *a, const struct fit *b)
{
    double more =
        (double)a->model->parameter_count - (double)b->model->parameter_count;
    double df = a->free_values - (double)a->model->parameter_count;
    double least = a->free_values * ROUNDING * ROUNDING;
    double of_a = fmax(a->squares, least), of_b = fmax(b->squares, least);

    return more > 0 && df > 0 && of_b > of_a &&
           residuals_f_tail((of_b - of_a) / more, of_a / df, more, df) < 0.01;
}

bool fit_lacks_fit(const struct fit *fit)
{
    return fit->lack_of_fit_p < 0.01;
}

bool fit_is_misfit(const struct fit *fit)
{
    return fit_lacks_fit(fit) || fabs(fit->runs_z) > 2;
}
