/* SPDX-License-Identifier: MIT */
/*
 * The crossover map: threads against processes. A row for each worker count, a
 * cell for each length of a task with the ratio of the times; the line is where
 * they are equal. What its interval does not tell apart has no colour.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caption.h"
#include "cells.h"
#include "grain.h"
#include "theme.h"

static unsigned shade_of(const struct grain_ratio *ratio)
{
    static const double from[] = {0.5, 0.8, 0.95, 1 / 0.95, 1 / 0.8, 2};
    unsigned shade = 0;

    if (ratio->ci95[0] <= 1 && ratio->ci95[1] >= 1)
        return SHADE_SCALE + THEME_SHARES + THEME_SIDES / 2;
    while (shade < THEME_SIDES - 1 && ratio->ratio >= from[shade])
        shade++;
    return SHADE_SCALE + THEME_SHARES + shade;
}

static bool add_crossing(struct panel *panel,
                         const struct grain_crossing *crossing)
{
    struct rows *rows = &panel->rows;
    struct cell_edges edges;
    struct row *row = rows_add(rows, "workers", crossing->workers);

    if (row == NULL)
        return rows->count == ROWS_MAX;
    cells_begin(&edges, crossing->count);
    for (size_t i = 0; i < crossing->count; i++)
        edges.middles[i] = crossing->ratios[i].task_s;
    for (size_t i = 0; i < edges.count; i++) {
        const struct grain_ratio *ratio = &crossing->ratios[i];
        struct row_box box = cells_box(&edges, i);
        box.shade = shade_of(ratio);
        snprintf(box.text, sizeof box.text, "%.2f", fmin(ratio->ratio, 99));
        panel_count_blocks(panel, ratio->block_count);
        if (!row_add_box(row, box))
            return false;
    }
    cells_words(row, crossing->place, crossing->crossing_s);
    return true;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    struct panel *panel = &drawing->panels[0];
    struct grain grain;
    char blocks[BLOCKS_BYTES];
    bool good = true;

    if (!grain_collect(subject->details, subject->ordinal - 1, &grain))
        return false;
    panel->shape = SHAPE_ROWS;
    panel->title = "Time with threads over time with processes";
    panel->rows.style = ROW_BOXES;
    panel->rows.quantity = QUANTITY_SECONDS;
    panel->rows.is_log = true;
    panel->rows.is_joined = true;
    panel->rows.x_title = "a task in the plain loop";
    panel->rows.mark_name = "equal at";
    for (size_t i = 0; i < grain.crossing_count && good; i++)
        good = add_crossing(panel, &grain.crossings[i]);
    rows_sort(&panel->rows);
    drawing->panel_count = 1;
    caption_blocks(blocks, drawing);
    snprintf(drawing->note, sizeof drawing->note,
             "White: not told apart at 95 %%, %s. Line: equal.", blocks);
    grain_finish(&grain);
    return good && panel->rows.count > 0;
}

const struct figure figure_crossover = {
    .name = "crossover",
    .question = "When are processes as fast as threads?",
    .about = "A row for each number of workers, a cell for each length of a "
             "task: the time with threads over that with processes.",
    .compose = compose,
    .needs = "cfbench run -b serial,thread,process --grain 10us,100us,1ms",
    .is_of_lengths = true,
};
