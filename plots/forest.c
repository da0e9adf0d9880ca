/* SPDX-License-Identifier: MIT */
/*
 * The paired-ratio forest: the best case of the workload and, below it, what
 * the best case of each other backend takes over it, with the interval that
 * holds for all of them together and the record's verdict, turned round: the
 * record judges the best against the other, a reader asks about the other.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "sides.h"

static const char *turned(const char *verdict)
{
    if (strcmp(verdict, "faster") == 0)
        return "slower";
    return strcmp(verdict, "slower") == 0 ? "faster" : verdict;
}

static bool is_shown(const struct record_comparison *one,
                     const struct subject *subject)
{
    const struct record *record = subject->record;

    return one->verdict != NULL && strcmp(one->metric, "elapsed_s") == 0 &&
           !sides_are(record, one) &&
           strcmp(record->cases[one->a].workload, subject->workload->id) == 0 &&
           panel_is_drawable(one->ratio) && panel_is_drawable(one->ci95[0]) &&
           panel_is_drawable(one->ci95[1]);
}

static bool add(struct rows *rows, const struct record *record,
                const struct record_comparison *one)
{
    const struct record_case *best = &record->cases[one->a];
    const struct record_case *other = &record->cases[one->b];
    struct row *row;

    if (rows->count == 0) {
        row = rows_add(rows, best->backend, best->workers);
        if (row == NULL)
            return false;
        row->estimate = 1;
        row->verdict = "best";
        rows->band_low = 1 / (1 + one->delta_ratio);
        rows->band_high = 1 + one->delta_ratio;
    }
    row = rows_add(rows, other->backend, other->workers);
    if (row == NULL)
        return false;
    row->estimate = 1 / one->ratio;
    row->low = 1 / one->ci95[1];
    row->high = 1 / one->ci95[0];
    row->verdict = turned(one->verdict);
    return true;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record *record = subject->record;
    struct panel *panel = &drawing->panels[0];
    double delta = 0;

    panel->shape = SHAPE_ROWS;
    panel->title = "Time over that of the best case";
    panel->rows.style = ROW_INTERVAL;
    panel->rows.quantity = QUANTITY_RATIO;
    panel->rows.level = 1;
    for (size_t i = 0; i < record->comparison_count; i++) {
        const struct record_comparison *one = &record->comparisons[i];
        if (!is_shown(one, subject))
            continue;
        delta = one->delta_ratio;
        if (!add(&panel->rows, record, one))
            break;
    }
    if (panel->rows.count < 2)
        return false;
    snprintf(drawing->note, sizeof drawing->note,
             "Bars: 95 %% for all rows together, paired by block. Shaded: "
             "within %.3g %%.",
             100 * fmin(delta, 10));
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_forest = {
    .name = "forest",
    .question = "Which backend is the fastest, and how sure is it?",
    .about = "A row for the best case of each backend: its time over that of "
             "the fastest, with the interval and the verdict.",
    .compose = compose,
    .needs = "cfbench run -b serial,thread,process --blocks 6",
};
