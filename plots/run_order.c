/* SPDX-License-Identifier: MIT */
/*
 * Every sample where it stands in the run: what drifts, jumps or comes in
 * bursts shows here and nowhere else. Samples of different cases meet on one
 * axis as parts of their cases' medians.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

enum { POINTS_MAX = 3000 };

/* The curve of a backend, or that of all set-aside samples. */
static struct curve *curve_of(struct curves *curves, const char *backend,
                              enum curve_mark mark)
{
    for (size_t i = 0; i < curves->count; i++) {
        struct curve *curve = &curves->list[i];
        if (curve->mark == mark &&
            (mark != MARK_BACKEND || strcmp(curve->backend, backend) == 0))
            return curve;
    }
    struct curve *curve =
        curves_add(curves, mark == MARK_BACKEND ? backend : NULL, 0);
    if (curve != NULL)
        curve->mark = mark;
    return curve;
}

static enum curve_mark mark_of(const struct record_sample *sample)
{
    if (sample->excluded_by != NULL)
        return MARK_EXCLUDED;
    return sample->warmup ? MARK_WARMUP : MARK_BACKEND;
}

static bool is_of(const struct subject *subject,
                  const struct record_sample *sample)
{
    return strcmp(subject->record->cases[sample->case_index].workload,
                  subject->workload->id) == 0;
}

/* Adds every `stride`-th sample; those set aside all the same. */
static bool add_samples(struct curves *curves, const struct subject *subject,
                        size_t stride)
{
    const struct record *record = subject->record;
    size_t seen = 0;

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];
        enum curve_mark mark = mark_of(sample);
        if (!is_of(subject, sample) ||
            (seen++ % stride != 0 && mark != MARK_EXCLUDED))
            continue;
        double relative = details_relative(subject->details, sample);
        if (!panel_is_drawable(relative) ||
            !(sample->started_s == 0 || panel_is_drawable(sample->started_s)))
            continue;
        struct curve *curve =
            curve_of(curves, record->cases[sample->case_index].backend, mark);
        if (curve == NULL ||
            (curve->count < POINTS_MAX &&
             !curve_add(curve, (struct curve_point){.x = sample->started_s,
                                                    .y = relative,
                                                    .low = NAN,
                                                    .high = NAN})))
            return false;
    }
    return curves->count > 0;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record *record = subject->record;
    struct panel *panel = &drawing->panels[0];
    size_t samples = 0;

    panel->shape = SHAPE_CURVES;
    panel->title = "Time of a sample, of the median of its case";
    panel->quantity = QUANTITY_PERCENT;
    panel->curves.style = CURVE_MARKS;
    panel->curves.x_axis = AXIS_RUN;
    panel->curves.x_quantity = QUANTITY_SECONDS;
    panel->curves.x_title = "since the run's start";
    panel->curves.level = 1;
    for (size_t i = 0; i < record->sample_count; i++)
        samples += is_of(subject, &record->samples[i]);
    size_t stride = samples / POINTS_MAX + 1;
    if (!add_samples(&panel->curves, subject, stride))
        return false;
    curves_sort(&panel->curves);
    if (stride == 1)
        snprintf(drawing->note, sizeof drawing->note,
                 "Every sample of this workload: %zu.", samples);
    else
        snprintf(drawing->note, sizeof drawing->note,
                 "One of every %zu samples of this workload: %zu.", stride,
                 samples);
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_run_order = {
    .name = "run_order",
    .question = "Did anything drift during the run?",
    .about = "Every sample's time as a part of its case's median, against the "
             "time it was taken at; warm-up and excluded samples are marked.",
    .compose = compose,
    .needs = "cfbench run --blocks 10",
};
