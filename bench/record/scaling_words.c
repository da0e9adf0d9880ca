/* SPDX-License-Identifier: MIT */
/*
 * Verdicts on a model, in words. A peak is spoken of only where the data show
 * it: where the parameter that makes it is surely not zero, and where at least
 * two counts beyond it were measured.
 */
#include "scaling_words.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_memory.h"

#define COUNTS_FOR_TRUST 6
#define COUNTS_BEYOND    2
#define FLAT_RATIO       0.1

static size_t counts_beyond(const struct points *points, double workers)
{
    size_t count = 0;

    for (size_t i = 0; i < points->count; i++)
        count += points->points[i].workers > workers;
    return count;
}

/* Does any count lie further from the level than one calls as good? */
static bool is_uneven(const struct fit *fit, const struct points *points)
{
    for (size_t i = 0; i < points->count; i++) {
        double ratio = points_rate(points, i) / fit->parameters[0];
        if (ratio > 1 + FLAT_RATIO || ratio < 1 / (1 + FLAT_RATIO))
            return true;
    }
    return false;
}

/* Why the peak is not identified; NULL: it is. */
static const char *doubt(const struct fit *fit, const struct points *points,
                         const struct record_model *model)
{
    const struct record_peak *peak = &model->peak;

    if (fit->model == &model_flat)
        return is_uneven(fit, points)
                   ? "flat, as no other model is shown to be nearer; but "
                     "counts lie over 10 % off it"
                   : "flat: to this model every count is as good";
    if (isnan(model->aicc) && isfinite(peak->workers))
        return "too few values to be sure of a peak";
    if (fit->model == &model_usl &&
        !(model->parameters[2].ci95[0] > 0 && isfinite(peak->ci95[1])))
        return "beta may be 0, so there may be no peak";
    if (isnan(peak->workers))
        return "this model has no peak: more workers never hurt it";
    if (counts_beyond(points, peak->workers) < COUNTS_BEYOND)
        return "fewer than two counts beyond it were measured";
    return NULL;
}

/* What the misfit shows in; false where there is none. */
static bool name_misfit(const struct fit *fit, const struct points *points,
                        char *text, size_t bytes)
{
    if (fit_lacks_fit(fit))
        snprintf(text, bytes,
                 "the curve misses the means by more than the values scatter "
                 "(lack of fit, p = %.2g)",
                 fit->lack_of_fit_p);
    else if (fit_is_misfit(fit))
        snprintf(text, bytes,
                 "the residuals have a pattern: %zu runs of one sign over %zu "
                 "counts (z = %.1f, Durbin-Watson %.2f)",
                 fit->runs, points->count, fit->runs_z, fit->durbin_watson);
    return fit_is_misfit(fit);
}

/* Models that could be fitted but not weighed, since AICc takes more values. */
static bool warn_of_left_out(struct record_model *model)
{
    char text[200] = "too few values to weigh: ";
    size_t used = strlen(text), start = used;

    for (size_t i = 0; i < model->candidate_count; i++) {
        const struct record_candidate *one = &model->candidates[i];
        if (isnan(one->aicc) && model->candidate_count > 1 &&
            strcmp(one->model, model->model) != 0)
            used += (size_t)snprintf(text + used, sizeof text - used, "%s%s",
                                     used > start ? ", " : "", one->model);
    }
    if (used == start)
        return true;
    snprintf(text + used, sizeof text - used, "; a simpler one was taken");
    return record_add_warning(model, text);
}

/* The one taken could not be weighed either, but is surely nearer. */
static bool warn_of_unweighed(struct record_model *model)
{
    char text[200];

    if (!isnan(model->aicc) || model->candidate_count < 2 ||
        model->parameter_count < 2)
        return true;
    snprintf(text, sizeof text,
             "too few values to weigh %s, which was taken since simpler ones "
             "leave surely more (F test, 1 %%)",
             model->model);
    return record_add_warning(model, text);
}

static bool add_warnings(const struct fit *fit, struct record_model *model)
{
    char text[128];

    if (model->count_count < COUNTS_FOR_TRUST) {
        snprintf(text, sizeof text,
                 "only %zu worker counts: a model takes %d to be trusted",
                 model->count_count, COUNTS_FOR_TRUST);
        if (!record_add_warning(model, text))
            return false;
    }
    if (!warn_of_left_out(model) || !warn_of_unweighed(model))
        return false;
    return !fit->is_superlinear ||
           record_add_warning(model,
                              "superlinear: several workers do more than so "
                              "many times one; a cache that comes to fit, or "
                              "a slow base");
}

bool scaling_put_into_words(const struct fit *fit, const struct points *points,
                            struct record_model *model)
{
    const char *why = doubt(fit, points, model);
    char text[160];

    model->peak.identified = why == NULL;
    if (why != NULL) {
        model->peak.reason = strdup(why);
        if (model->peak.reason == NULL)
            return false;
    }
    if (name_misfit(fit, points, text, sizeof text)) {
        model->reason = strdup(text);
        if (model->reason == NULL)
            return false;
    }
    return add_warnings(fit, model);
}
