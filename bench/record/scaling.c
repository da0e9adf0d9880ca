/* SPDX-License-Identifier: MIT */
/*
 * From values to a model in words and numbers.
 *
 *      values -> points -> every candidate fitted -> the one with the best
 *      AICc among those that the pure error does not refute -> intervals,
 *      tests, prediction of the last count -> record_model
 *
 * AICc weighs how well a model fits against how many parameters it took
 * (Burnham & Anderson, Model Selection and Multimodel Inference, 2002, 2.4).
 * Of few values it asks too much, of fewer it does not exist: then a model gives
 * way to one of more parameters that is surely nearer.
 * Where every candidate is refuted the best still stands there, as a misfit:
 * what was measured is to be believed then, and not the curve.
 */
#include "scaling.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "bootstrap.h"
#include "record_memory.h"
#include "scaling_words.h"

enum { CURVE_INSIDE = 37, CURVE_BEYOND = 8 };

/* A model's place in the contest. */
struct contest {
    struct fit best;
    bool has_one;
    bool is_superlinear; /* by one of them, whichever wins */
};

/* Is `a`, which comes later in the list of models, to be preferred? Where there
 * are too few values for AICc, the model with fewer parameters, then the one
 * that is nearer. */
static bool is_preferred(const struct fit *a, const struct fit *b)
{
    if (fit_lacks_fit(a) != fit_lacks_fit(b))
        return fit_lacks_fit(b);
    if (fit_is_surely_nearer(a, b))
        return true;
    if (!isnan(a->aicc) && !isnan(b->aicc))
        return a->aicc < b->aicc;
    if (isnan(a->aicc) != isnan(b->aicc))
        return isnan(b->aicc);
    if (a->model->parameter_count != b->model->parameter_count)
        return a->model->parameter_count < b->model->parameter_count;
    return a->squares < b->squares;
}

static bool note_candidate(struct record_model *model, const struct fit *fit)
{
    struct record_candidate *candidate = record_add_candidate(model);

    if (candidate == NULL)
        return false;
    candidate->model = strdup(fit->model->name);
    candidate->aicc = fit->aicc;
    candidate->lack_of_fit_p = fit->lack_of_fit_p;
    return candidate->model != NULL;
}

static bool enter(struct contest *contest, const struct model *model,
                  const struct model_host *host, const struct points *points,
                  struct record_model *out)
{
    struct fit fit;

    if (!fit_model(model, host, points, &fit))
        return true;
    if (!fit_judge(&fit, host, points) || !note_candidate(out, &fit))
        return false;
    if (!contest->has_one || is_preferred(&fit, &contest->best))
        contest->best = fit;
    contest->has_one = true;
    contest->is_superlinear |= fit_is_surely_superlinear(&fit, points);
    return true;
}

/* The curve: evenly spaced on logs through the range, then to twice of it. */
static bool make_curve(const struct points *points, struct intervals *intervals)
{
    double first = points->range[0], last = points->range[1];

    intervals->curve_count = CURVE_INSIDE + CURVE_BEYOND;
    intervals->curve = calloc(intervals->curve_count, sizeof *intervals->curve);
    for (size_t i = 0; intervals->curve != NULL && i < CURVE_INSIDE; i++)
        intervals->curve[i].workers =
            first * pow(last / first, (double)i / (CURVE_INSIDE - 1));
    for (size_t i = 0; intervals->curve != NULL && i < CURVE_BEYOND; i++)
        intervals->curve[CURVE_INSIDE + i].workers =
            last * pow(2, (double)(i + 1) / CURVE_BEYOND);
    if (intervals->curve != NULL)
        intervals->curve[CURVE_INSIDE - 1].workers = last;
    return intervals->curve != NULL;
}

static bool take_curve(const struct fit *fit, const struct model_host *host,
                       const struct points *points,
                       const struct intervals *intervals,
                       struct record_model *out)
{
    out->curve = calloc(intervals->curve_count, sizeof *out->curve);
    if (out->curve == NULL)
        return false;
    out->curve_count = intervals->curve_count;
    for (size_t i = 0; i < out->curve_count; i++) {
        const struct curve_point *from = &intervals->curve[i];
        out->curve[i] = (struct record_curve_point){
            .workers = from->workers,
            .throughput_per_s =
                points->scale *
                model_rate(fit->model, host, fit->parameters, from->workers),
            .ci95 = {from->low * points->scale, from->high * points->scale},
        };
    }
    return true;
}

/* Student's interval by the delta method, cut off at the ends of the box; the
 * degrees of freedom are values less parameters, or for a level that blocks move
 * the blocks less one. */
static void take_t_interval(const struct fit *fit, const struct points *points,
                            size_t k, struct record_model_parameter *to)
{
    const struct model_parameter *box = &fit->model->parameters[k];
    double df = box->is_rate && points->block_count > 1
                    ? fmin(fit->df, (double)points->block_count - 1)
                    : fit->df;
    double half = isnan(to->standard_error)
                      ? NAN
                      : gsl_cdf_tdist_Pinv(0.975, df) * to->standard_error;

    to->t_ci95[0] = isnan(half) ? NAN : fmax(box->low, to->value - half);
    to->t_ci95[1] = isnan(half) ? NAN : fmin(box->high, to->value + half);
}

static bool take_parameters(const struct fit *fit, const struct points *points,
                            const struct intervals *intervals,
                            struct record_model *out)
{
    for (size_t k = 0; k < fit->model->parameter_count; k++) {
        struct record_model_parameter *to = &out->parameters[k];
        const double *ends = intervals->parameters[k];

        to->name = strdup(fit->model->parameters[k].name);
        to->value = fit_value(fit, points, k, fit->parameters[k]);
        to->standard_error = fit_value(fit, points, k, fit->standard_error[k]);
        to->ci95[0] = fit_value(fit, points, k, ends[0]);
        to->ci95[1] = fit_value(fit, points, k, ends[1]);
        take_t_interval(fit, points, k, to);
        out->parameter_count++;
        if (to->name == NULL)
            return false;
    }
    return true;
}

/* The whole number beside `peak` that is best. Where that is one more than a
 * whole number it hardly differs from, it is the latter: no one starts a fourth
 * worker because a corner at three came out as 3.01. */
static double whole_peak(const struct fit *fit, const struct model_host *host,
                         double peak)
{
    const double hardly = 0.01;
    double below = fmax(1, floor(peak));

    if (fabs(peak - round(peak)) < hardly * peak)
        return round(peak);
    return model_rate(fit->model, host, fit->parameters, below + 1) >
                   model_rate(fit->model, host, fit->parameters, below)
               ? below + 1
               : below;
}

/* An interval that begins at infinity says nothing. */
static void take_ends(const double from[2], double scale, double ends[2])
{
    for (size_t i = 0; i < 2; i++)
        ends[i] = isfinite(from[0]) ? scale * from[i] : NAN;
}

static void take_peak(const struct fit *fit, const struct model_host *host,
                      const struct points *points,
                      const struct intervals *intervals,
                      struct record_peak *peak)
{
    double workers = fit->model->peak == NULL
                         ? NAN
                         : fit->model->peak(host, fit->parameters);

    peak->workers = isfinite(workers) ? workers : NAN;
    peak->whole_workers =
        isfinite(workers) ? whole_peak(fit, host, workers) : NAN;
    peak->throughput_per_s =
        points->scale * fit->model->limit(host, fit->parameters);
    take_ends(intervals->peak, 1, peak->ci95);
    take_ends(intervals->peak_rate, points->scale, peak->throughput_ci95);
}

/* What the model, fitted without the largest count, says about it, and how
 * wrong that is. NAN where there are too few counts. */
static double last_error(const struct model *model,
                         const struct model_host *host,
                         const struct points *points)
{
    struct points without;
    struct fit fit;
    double workers = points->points[points->count - 1].workers;
    double error = NAN;

    if (!points_without_last(points, &without))
        return NAN;
    if (fit_model(model, host, &without, &fit))
        error = model_rate(model, host, fit.parameters, workers) /
                    points_rate(points, points->count - 1) -
                1;
    points_finish(&without);
    return error;
}

static bool copy_names(const struct fit *fit, enum objective objective,
                       enum resample_kind kind, struct record_model *out)
{
    static const char *const methods[] = {
        [RESAMPLE_BLOCKS] = "bootstrap-blocks",
        [RESAMPLE_VALUES] = "bootstrap-values",
        [RESAMPLE_RESIDUALS] = "bootstrap-residuals",
    };

    out->model = strdup(fit->model->name);
    out->formula = strdup(fit->model->formula);
    out->objective = strdup(objective == OBJECTIVE_LOG ? "log" : "ols");
    out->method = strdup(methods[kind]);
    return out->model != NULL && out->formula != NULL &&
           out->objective != NULL && out->method != NULL;
}

static void take_numbers(const struct fit *fit, const struct points *points,
                         struct record_model *out)
{
    double unit = points->objective == OBJECTIVE_LOG ? 1 : points->scale;

    out->range[0] = points->range[0];
    out->range[1] = points->range[1];
    out->value_count = (size_t)points->value_count;
    out->count_count = points->distinct;
    out->block_count = points->block_count;
    out->df = fit->df;
    out->residual_error =
        fit->df > 0 ? unit * sqrt(fit->squares / fit->df) : NAN;
    out->aicc = fit->aicc;
    out->lack_of_fit_p = fit->lack_of_fit_p;
    out->runs_z = fit->runs_z;
    out->durbin_watson = fit->durbin_watson;
    out->misfit = fit_is_misfit(fit);
}

static bool describe(const struct fit *fit, const struct model_host *host,
                     const struct points *points, struct record_model *out)
{
    struct intervals intervals = {0};
    bool is_done = make_curve(points, &intervals) &&
                   bootstrap_fit(fit, host, points, &intervals) &&
                   copy_names(fit, points->objective, intervals.kind, out) &&
                   take_parameters(fit, points, &intervals, out) &&
                   take_curve(fit, host, points, &intervals, out);

    if (is_done) {
        take_numbers(fit, points, out);
        take_peak(fit, host, points, &intervals, &out->peak);
        out->last_error_ratio = last_error(fit->model, host, points);
        is_done = scaling_put_into_words(fit, points, out);
    }
    free(intervals.curve);
    return is_done;
}

static enum scaling_outcome fit_points(const struct points *points,
                                       const struct model *only,
                                       const struct model_host *host,
                                       struct record_model *out)
{
    struct contest contest = {0};

    out->count_count = points->distinct;
    for (size_t i = 0; models[i] != NULL; i++) {
        if ((only == NULL || only == models[i]) &&
            !enter(&contest, models[i], host, points, out))
            return SCALING_NO_MEMORY;
    }
    contest.best.is_superlinear |= contest.is_superlinear;
    if (contest.has_one)
        return describe(&contest.best, host, points, out) ? SCALING_FITTED
                                                          : SCALING_NO_MEMORY;
    return only != NULL && points->count >= fit_counts_needed(only)
               ? SCALING_UNKNOWN
               : SCALING_TOO_FEW;
}

enum scaling_outcome scaling_fit(const struct scaling_value *values,
                                 size_t count,
                                 const struct scaling_request *request,
                                 struct record_model *model)
{
    struct model_host host = {request->cores, request->threads};
    const struct model *only = NULL;
    struct points points;
    enum scaling_outcome outcome;

    if (request->model != NULL) {
        only = model_find(request->model);
        if (only == NULL)
            return SCALING_UNKNOWN;
    }
    if (!points_create(values, count, request->objective, &points))
        return SCALING_NO_MEMORY;
    outcome = points.count == 0 ? SCALING_TOO_FEW
                                : fit_points(&points, only, &host, model);
    points_finish(&points);
    return outcome;
}
