/* SPDX-License-Identifier: MIT */
/*
 * Throughput against workers: what one gets, in tasks a second, from zero. And,
 * where a model was fitted, the backend that is recommended, else the best one,
 * by itself: measured, by the model, and at most.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "caption.h"
#include "model_draw.h"

static const struct record_model *model_of(const struct subject *subject,
                                           const char *backend)
{
    const struct record *record = subject->record;

    for (size_t i = 0; i < record->model_count; i++) {
        const struct record_model *model = &record->models[i];
        if (model->workload != NULL && model->backend != NULL &&
            strcmp(model->workload, subject->workload->id) == 0 &&
            strcmp(model->backend, backend) == 0 && model->curve_count > 1)
            return model;
    }
    return NULL;
}

/* The lane that reaches highest; NULL: none is over workers. */
static const struct panel_lane *best_of(const struct panel *panel)
{
    const struct panel_lane *best = NULL;
    double most = 0;

    for (size_t i = 0; i < panel->lane_count; i++)
        for (size_t k = 0; k < panel->lanes[i].count; k++)
            if (!panel_lane_is_level(&panel->lanes[i]) &&
                panel->lanes[i].points[k].estimate > most) {
                most = panel->lanes[i].points[k].estimate;
                best = &panel->lanes[i];
            }
    return best;
}

/* What one worker does, by which the bound is scaled. */
static double of_one(const struct panel_lane *lane)
{
    return lane->points[0].workers == 1 ? lane->points[0].estimate : NAN;
}

/* Makes the second panel; it stays away where there is no model. */
static bool add_model(struct drawing *drawing, const struct subject *subject)
{
    struct panel *panel = &drawing->panels[1];
    const struct panel_lane *best = best_of(&drawing->panels[0]);
    const char *backend = subject->advice != NULL ? subject->advice->backend
                          : best != NULL          ? best->backend
                                                  : NULL;

    if (backend == NULL || (panel->model = model_of(subject, backend)) == NULL)
        return true;
    panel->title = subject->advice != NULL
                       ? "The recommended backend and its model"
                       : "The best backend and its model";
    panel->quantity = QUANTITY_RATE;
    if (!panel_take(panel, subject, "throughput_per_s", BASE_NONE))
        return false;
    panel_keep(panel, backend);
    if (panel->lane_count == 0) {
        panel_finish(panel);
        return true;
    }
    panel_add_bound(panel, subject);
    if (isfinite(of_one(&panel->lanes[0])))
        panel_scale_bound(panel, of_one(&panel->lanes[0]));
    if (!isfinite(of_one(&panel->lanes[0])) || panel_passes_bound(panel))
        panel_drop_bound(panel);
    drawing->panel_count = 2;
    char of[48 + BLOCKS_BYTES] = "Of one block, without interval";
    char blocks[BLOCKS_BYTES];
    caption_blocks(blocks, drawing);
    if (panel->has_intervals || panel->blocks_most > 1)
        snprintf(of, sizeof of,
                 "Bars and bands: 95 %% intervals of the mean, %s", blocks);
    snprintf(drawing->note, sizeof drawing->note,
             "%s. Model: %s%s; dotted: not measured%s.", of,
             model_word(panel->model),
             panel->model->misfit ? ", which does not fit" : "",
             panel->model->peak.identified ? "; cross: its peak" : "");
    return true;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    struct panel *panel = &drawing->panels[0];

    panel->title = "Throughput, tasks per second";
    panel->quantity = QUANTITY_RATE;
    if (!panel_take(panel, subject, "throughput_per_s", BASE_NONE))
        return false;
    drawing->panel_count = 1;
    return add_model(drawing, subject);
}

const struct figure figure_throughput = {
    .name = "throughput",
    .question = "How many tasks get done in a second?",
    .about = "Tasks per second against the number of workers, a line for each "
             "backend, with 95 % intervals.",
    .compose = compose,
    .needs = "cfbench run -j auto",
};
