/* SPDX-License-Identifier: MIT */
/*
 * The latency spectrum: the axis runs towards 100 % in decades of what is left,
 * so that the slowest tasks take as much room as the others. One curve for each
 * backend, at the workers that its answer names.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"

/* A percentile stands where ten tasks or more lie beyond it. */
static const double beyond = 10;

static bool add_curve(struct curves *curves, const struct subject *subject,
                      size_t case_index)
{
    const struct record_case *one = &subject->record->cases[case_index];
    struct details_step *steps;
    double tasks;
    size_t count = details_tasks(subject->details, case_index, &steps, &tasks);
    struct curve *curve = NULL;
    bool good = true;

    if (count > 0)
        curve = curves_add(curves, one->backend, one->workers);
    for (size_t i = 0; i < count && curve != NULL && good; i++) {
        /* The largest of all stands at one task in all. */
        double tail = fmin(1 / (1 - steps[i].fraction), tasks);
        if (!panel_is_drawable(steps[i].value_s))
            continue;
        if (curve->firm == SIZE_MAX && tail > tasks / beyond)
            curve->firm = curve->count;
        good = curve_add(curve, (struct curve_point){.x = tail,
                                                     .y = steps[i].value_s,
                                                     .low = NAN,
                                                     .high = NAN});
    }
    if (curve != NULL && curve->count == 0)
        curves->count--;
    free(steps);
    return good;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record *record = subject->record;
    struct panel *panel = &drawing->panels[0];

    panel->shape = SHAPE_CURVES;
    panel->title = "That many of the tasks take at most";
    panel->quantity = QUANTITY_SECONDS;
    panel->curves.style = CURVE_LINES;
    panel->curves.x_axis = AXIS_TAIL;
    panel->curves.x_title = "of the tasks";
    for (size_t i = 0; i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, subject->workload->id) == 0 &&
            findings_knee(record, subject->workload->id,
                          record->cases[i].backend) == i &&
            !add_curve(&panel->curves, subject, i))
            return false;
    if (panel->curves.count == 0)
        return false;
    curves_sort(&panel->curves);
    snprintf(drawing->note, sizeof drawing->note,
             "%s, all blocks pooled. Dotted: fewer than ten tasks beyond.",
             findings_rate(record) > 0 ? "From the intended start"
                                       : "Time in the worker");
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_spectrum = {
    .name = "spectrum",
    .question = "How slow are the slowest tasks?",
    .about = "The time of a task against its percentile, towards the slowest; "
             "a line for each backend.",
    .compose = compose,
    .needs = "cfbench run --tasks 1000",
};
