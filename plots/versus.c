/* SPDX-License-Identifier: MIT */
/*
 * The paired-ratio forest of a record of two sides, drawn for its new one: what
 * each case of it takes over the same case of the old one, with the record's
 * interval and verdict.
 */
#include "figure.h"

#include <stdio.h>
#include <string.h>

#include "sides.h"

static bool is_shown(const struct record *record,
                     const struct record_comparison *one)
{
    return one->verdict != NULL && sides_are(record, one) &&
           panel_is_drawable(one->ratio) && panel_is_drawable(one->ci95[0]) &&
           panel_is_drawable(one->ci95[1]);
}

static bool add(struct rows *rows, const struct record *record,
                const struct record_comparison *one)
{
    const struct record_case *new_case = &record->cases[one->a];
    struct row *row = rows_add(rows, new_case->backend, new_case->workers);

    if (row == NULL)
        return false;
    row->estimate = one->ratio;
    row->low = one->ci95[0];
    row->high = one->ci95[1];
    row->verdict = one->verdict;
    return true;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record *record = subject->record;
    struct panel *panel = &drawing->panels[0];
    struct sides sides;

    if (!sides_find(record, &sides) ||
        strcmp(sides.new_id, subject->workload->id) != 0)
        return false;
    panel->shape = SHAPE_ROWS;
    panel->title = "Time of the new over that of the old";
    panel->rows.style = ROW_INTERVAL;
    panel->rows.quantity = QUANTITY_RATIO;
    panel->rows.level = 1;
    panel->rows.band_low = 1 / (1 + sides.delta);
    panel->rows.band_high = 1 + sides.delta;
    for (size_t i = 0; i < record->comparison_count; i++)
        if (is_shown(record, &record->comparisons[i]) &&
            !add(&panel->rows, record, &record->comparisons[i]))
            break;
    if (panel->rows.count == 0)
        return false;
    snprintf(
        drawing->note, sizeof drawing->note,
        "Bars: 95 %% for all rows together, paired by block. Shaded: within "
        "%.3g %%.",
        100 * sides.delta);
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_versus = {
    .name = "versus",
    .question = "Is the new one slower or faster than the old?",
    .about = "A row for each backend and worker count: the time of the new "
             "side over that of the old, with the interval and the verdict.",
    .compose = compose,
};
