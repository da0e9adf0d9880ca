/* SPDX-License-Identifier: MIT */
/*
 * The granularity map: a row for each backend and worker count, a cell for
 * each measured length of a task, coloured by efficiency and with its number;
 * where half of the workers' time is well spent stands a mark (METG, grain.h).
 * Cells reach half-way to their neighbours; nothing between them is guessed.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caption.h"
#include "cells.h"
#include "grain.h"
#include "theme.h"

static unsigned shade_of(double efficiency)
{
    static const double from[] = {0.25, 0.5, 0.75, 0.9};
    unsigned shade = 0;

    while (shade < 4 && efficiency >= from[shade])
        shade++;
    return SHADE_SCALE + shade;
}

/* "83±2": the estimate and half of its interval. */
static void write_share(struct row_box *box, const struct grain_point *point)
{
    double half = 50 * (point->efficiency_ci95[1] - point->efficiency_ci95[0]);
    int used = snprintf(box->text, sizeof box->text, "%.0f",
                        fmin(100 * point->efficiency, 999));

    if (half >= 0 && used > 0)
        snprintf(box->text + used, sizeof box->text - (size_t)used, "±%.0f",
                 fmin(half, 999));
}

static bool add_lane(struct panel *panel, const struct grain_lane *lane)
{
    struct rows *rows = &panel->rows;
    struct cell_edges edges;
    struct row *row = rows_add(rows, lane->backend, lane->workers);

    if (row == NULL)
        return rows->count == ROWS_MAX;
    cells_begin(&edges, lane->count);
    for (size_t i = 0; i < lane->count; i++)
        edges.middles[i] = lane->points[i].task_s;
    for (size_t i = 0; i < edges.count; i++) {
        struct row_box box = cells_box(&edges, i);
        double share = lane->points[i].efficiency;
        box.shade = shade_of(share);
        write_share(&box, &lane->points[i]);
        panel_count_blocks(panel, lane->points[i].block_count);
        if (!row_add_box(row, box))
            return false;
    }
    cells_words(row, lane->metg_place, lane->metg_s);
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
    panel->title = "Efficiency in %, over the plain loop, per worker";
    panel->rows.style = ROW_BOXES;
    panel->rows.quantity = QUANTITY_SECONDS;
    panel->rows.is_log = true;
    panel->rows.x_title = "a task in the plain loop";
    panel->rows.mark_name = "50 % at";
    for (size_t i = 0; i < grain.lane_count && good; i++)
        good = add_lane(panel, &grain.lanes[i]);
    rows_sort(&panel->rows);
    drawing->panel_count = 1;
    caption_blocks(blocks, drawing);
    snprintf(drawing->note, sizeof drawing->note,
             "±: half of the 95 %% interval, %s. Mark, right: 50 %% (METG).",
             blocks);
    grain_finish(&grain);
    return good && panel->rows.count > 0;
}

const struct figure figure_granularity = {
    .name = "granularity",
    .question = "How long must a task be?",
    .about = "A row for each backend and number of workers, a cell for each "
             "length of a task: the efficiency there.",
    .compose = compose,
    .needs = "cfbench run --grain 10us,100us,1ms",
    .is_of_lengths = true,
};
