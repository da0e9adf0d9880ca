/* SPDX-License-Identifier: MIT */
/*
 * How much blocks differ: the whole distribution of the best case of each
 * backend, and every value of every case beside its case's median.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "findings.h"

enum { STEPS_MAX = 400, DOTS_MAX = 100 };

static bool add_curve(struct curves *curves, const struct subject *subject,
                      size_t case_index)
{
    const struct record_case *one = &subject->record->cases[case_index];
    struct details_step steps[STEPS_MAX];
    size_t count =
        details_blocks(subject->details, case_index, steps, STEPS_MAX);
    struct curve *curve = NULL;

    for (size_t i = 0; i < count; i++) {
        if (!panel_is_drawable(steps[i].value_s))
            continue;
        if (curve == NULL)
            curve = curves_add(curves, one->backend, one->workers);
        if (curve == NULL ||
            !curve_add(curve, (struct curve_point){.x = steps[i].value_s,
                                                   .y = steps[i].fraction,
                                                   .low = NAN,
                                                   .high = NAN}))
            return false;
    }
    return true;
}

static void add_row(struct rows *rows, const struct subject *subject,
                    size_t case_index)
{
    const struct record_case *one = &subject->record->cases[case_index];
    struct details_step steps[DOTS_MAX];
    double median = subject->details->medians[case_index];
    size_t count =
        details_blocks(subject->details, case_index, steps, DOTS_MAX);
    struct row *row = NULL;

    for (size_t i = 0; i < count; i++) {
        double relative = steps[i].value_s / median;
        if (!panel_is_drawable(relative))
            continue;
        if (row == NULL)
            row = rows_add(rows, one->backend, one->workers);
        if (row == NULL || !row_add_dot(row, relative))
            return;
    }
}

static void begin(struct drawing *drawing)
{
    struct panel *whole = &drawing->panels[0], *strip = &drawing->panels[1];

    whole->shape = SHAPE_CURVES;
    whole->title = "Share of blocks with a batch within that time";
    whole->quantity = QUANTITY_PERCENT;
    whole->curves.style = CURVE_STEPS;
    whole->curves.x_quantity = QUANTITY_SECONDS;
    whole->curves.x_title = "time of a batch";
    whole->curves.is_from_zero = true;
    strip->shape = SHAPE_ROWS;
    strip->title = "Each block, of the median of its case";
    strip->rows.style = ROW_DOTS;
    strip->rows.quantity = QUANTITY_PERCENT;
    strip->rows.level = 1;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record *record = subject->record;
    struct curves *curves = &drawing->panels[0].curves;
    struct rows *rows = &drawing->panels[1].rows;
    const char *id = subject->workload->id;

    begin(drawing);
    for (size_t i = 0; i < record->case_count; i++) {
        if (strcmp(record->cases[i].workload, id) != 0)
            continue;
        add_row(rows, subject, i);
        if (findings_knee(record, id, record->cases[i].backend) == i &&
            !add_curve(curves, subject, i))
            return false;
    }
    if (curves->count == 0 || rows->count == 0)
        return false;
    curves_sort(curves);
    rows_sort(rows);
    strcpy(drawing->note, "All blocks that count. Left: the best case of each "
                          "backend.");
    drawing->panel_count = 2;
    return true;
}

const struct figure figure_distribution = {
    .name = "distribution",
    .question = "How much do the blocks differ?",
    .about = "Left the share of blocks within a time, for the best case of "
             "each backend; right every block as a part of its case's median.",
    .compose = compose,
    .needs = "cfbench run --blocks 10",
};
