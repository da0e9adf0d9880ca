/* SPDX-License-Identifier: MIT */
/*
 * Overhead of a task against its length, on one worker and on as many as can
 * compute at a time: what each backend adds, which hardly depends on how long
 * the task is. Where it is as long as the task, half of the time is lost.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caption.h"
#include "grain.h"

/* The most workers of any lane that the CPUs can run at a time; 1: no more. */
static size_t most_workers(const struct grain *grain, size_t usable)
{
    size_t most = 1;

    for (size_t i = 0; i < grain->lane_count; i++) {
        size_t workers = grain->lanes[i].workers;
        if (workers > most && workers <= usable)
            most = workers;
    }
    return most;
}

static bool add_lane(struct panel *panel, const struct grain_lane *lane)
{
    struct curves *curves = &panel->curves;
    struct curve *curve = NULL;

    for (size_t i = 0; i < lane->count; i++) {
        const struct grain_point *point = &lane->points[i];
        if (!panel_is_drawable(point->overhead_s))
            continue; /* within the noise of the loop itself */
        if (curve == NULL)
            curve = curves_add(curves, lane->backend, lane->workers);
        double low = fmax(point->overhead_ci95[0], point->overhead_s / 30);
        if (curve == NULL ||
            !curve_add(curve,
                       (struct curve_point){.x = point->task_s,
                                            .y = point->overhead_s,
                                            .low = low,
                                            .high = point->overhead_ci95[1]}))
            return false;
        panel_count_blocks(panel, point->block_count);
    }
    return true;
}

static bool fill(struct panel *panel, const struct grain *grain, size_t workers)
{
    struct curves *curves = &panel->curves;

    panel->shape = SHAPE_CURVES;
    panel->quantity = QUANTITY_SECONDS;
    panel->is_log = true;
    curves->style = CURVE_JOINED;
    curves->is_interval_y = true;
    curves->x_quantity = QUANTITY_SECONDS;
    curves->x_title = "a task in the plain loop";
    curves->equality = "dotted: equal";
    for (size_t i = 0; i < grain->lane_count; i++)
        if (grain->lanes[i].workers == workers &&
            !add_lane(panel, &grain->lanes[i]))
            return false;
    curves_sort(curves);
    return true;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    struct grain grain;
    char blocks[BLOCKS_BYTES];
    size_t most;
    bool good;

    if (!grain_collect(subject->details, subject->ordinal - 1, &grain))
        return false;
    most = most_workers(&grain, subject->usable_cpus);
    good = fill(&drawing->panels[0], &grain, 1);
    drawing->panels[0].title = "Added to each task, one worker";
    if (good && drawing->panels[0].curves.count > 0)
        drawing->panel_count = 1;
    if (good && most > 1) {
        struct panel *panel = &drawing->panels[drawing->panel_count];
        good = fill(panel, &grain, most);
        panel->title = "Each worker's, a worker for each usable CPU";
        if (most < subject->usable_cpus)
            panel->title = "Each worker's, several workers";
        drawing->panel_count += panel->curves.count > 0;
    }
    caption_blocks(blocks, drawing);
    snprintf(
        drawing->note, sizeof drawing->note,
        "Bars: 95 %% interval of the mean, %s. What is not above 0 is left "
        "out.",
        blocks);
    grain_finish(&grain);
    return good && drawing->panel_count > 0;
}

const struct figure figure_overhead = {
    .name = "overhead",
    .question = "What does an executor add to each task?",
    .about = "The time spent on a task beyond its length against its length, a "
             "line for each backend.",
    .compose = compose,
    .needs = "cfbench run --grain 10us,100us,1ms",
    .is_of_lengths = true,
};
