/* SPDX-License-Identifier: MIT */
/*
 * What an advice rests on: how much each measured count loses against the best,
 * the loss that the goal allows, if any (shaded), the count chosen, and the
 * counts that may be the true answer (the bar on the axis).
 * `bench/record/regret.h` says how the losses come about.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caption.h"
#include "regret.h"

static bool add_point(struct panel *panel, const struct record_case *one,
                      const struct regret_point *point)
{
    return panel_add_point(panel, one->backend,
                           (struct panel_point){.workers = (double)one->workers,
                                                .estimate = point->regret,
                                                .low = fmax(point->ci95[0], 0),
                                                .high = point->ci95[1]});
}

static bool fill(struct panel *panel, const struct subject *subject)
{
    const struct record *record = subject->record;
    struct regret regret;
    bool good = true;

    if (!regret_collect(record, subject->workload->id, &regret))
        return false;
    for (size_t i = 0; i < regret.count && good; i++) {
        const struct regret_point *point = &regret.points[i];
        if (isfinite(point->regret))
            good = add_point(panel, &record->cases[point->case_index], point);
        panel_count_blocks(panel, point->block_count);
    }
    regret_finish(&regret);
    panel_sort(panel);
    return good && panel->lane_count > 0;
}

/* A title for each goal: a loss is allowed by these two alone. */
static const struct goal {
    const char *name;
    bool allows;
    const char *title;
} goals[] = {
    {"knee", true, "Throughput lost against the best (shaded: allowed)"},
    {"throughput", true, "Throughput lost against the best (shaded: as good)"},
    {"latency", false, "Throughput lost against the best (goal: a latency)"},
    {"efficiency", false,
     "Throughput lost against the best (goal: efficiency)"},
    {"cpu-cost", false, "Throughput lost against the best (goal: CPU time)"},
};

/* That of a goal; of one that a later version has, which may allow none. */
static const struct goal *goal_of(const char *name)
{
    static const struct goal other = {"", false,
                                      "Throughput lost against the best"};

    for (size_t i = 0; i < sizeof goals / sizeof goals[0]; i++)
        if (strcmp(goals[i].name, name) == 0)
            return &goals[i];
    return &other;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record_recommendation *advice = subject->advice;
    struct panel *panel = &drawing->panels[0];
    const struct goal *goal;
    char blocks[BLOCKS_BYTES];

    if (advice == NULL || !(advice->workers >= 1))
        return false;
    goal = goal_of(advice->goal);
    panel->title = goal->title;
    panel->quantity = QUANTITY_PERCENT;
    panel->has_intervals = true;
    if (!fill(panel, subject))
        return false;
    if (goal->allows && panel_is_drawable(advice->within_ratio))
        panel->band_high = fmin(advice->within_ratio, 1);
    if (panel_is_drawable(advice->confidence_set[0]) &&
        panel_is_drawable(advice->confidence_set[1])) {
        panel->set[0] = advice->confidence_set[0];
        panel->set[1] = advice->confidence_set[1];
    }
    drawing->panel_count = 1;
    caption_blocks(blocks, drawing);
    snprintf(drawing->note, sizeof drawing->note,
             "Bars: 95 %%, %s; %zu samples, %sconfirmed. Thick: may be right.",
             blocks, advice->run_count, advice->confirmed ? "" : "not ");
    return true;
}

const struct figure figure_recommendation = {
    .name = "recommendation",
    .question = "What would another number of workers cost?",
    .about = "The throughput lost against the best count for each number of "
             "workers, with 95 % intervals.",
    .compose = compose,
    .needs = "cfbench recommend",
};
