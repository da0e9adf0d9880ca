/* SPDX-License-Identifier: MIT */
/*
 * What an advice rests on: how much each measured count loses against the best,
 * the loss that the goal allows, if any (shaded), the count chosen, and the
 * counts that may be the true answer (the bar on the axis).
 * `bench/record/regret.h` says how the losses come about.
 *
 * Where tasks come at their own rate, whatever the workers do, all counts that
 * keep up do as much, and the advice is about nothing but how long tasks take:
 * so their times are shown, and the time that was asked for.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "caption.h"
#include "findings.h"
#include "percentiles.h"
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

static void mark_set(struct panel *panel,
                     const struct record_recommendation *advice)
{
    if (!panel_is_drawable(advice->confidence_set[0]) ||
        !panel_is_drawable(advice->confidence_set[1]))
        return;
    panel->set[0] = advice->confidence_set[0];
    panel->set[1] = advice->confidence_set[1];
}

static bool fill_losses(struct drawing *drawing, const struct subject *subject)
{
    const struct record_recommendation *advice = subject->advice;
    const struct goal *goal = goal_of(advice->goal);
    struct panel *panel = &drawing->panels[0];
    char blocks[BLOCKS_BYTES];

    panel->title = goal->title;
    panel->quantity = QUANTITY_PERCENT;
    panel->has_intervals = true;
    if (!fill(panel, subject))
        return false;
    if (goal->allows && panel_is_drawable(advice->within_ratio))
        panel->band_high = fmin(advice->within_ratio, 1);
    drawing->panel_count = 1;
    caption_blocks(blocks, drawing);
    snprintf(drawing->note, sizeof drawing->note,
             "Bars: 95 %%, %s; %zu samples, %sconfirmed. Thick: may be right.",
             blocks, advice->run_count, advice->confirmed ? "" : "not ");
    return true;
}

static bool fill_times(struct drawing *drawing, const struct subject *subject)
{
    const struct record_recommendation *advice = subject->advice;
    const struct percentile *percentile =
        percentiles_find(advice->slo_percentile);
    struct panel *panel = &drawing->panels[0];

    if (percentile == NULL || !percentiles_take(panel, subject, percentile))
        return false;
    drawing->panel_count = 1;
    snprintf(drawing->note, sizeof drawing->note,
             "Bars: 95 %% (none: few tasks); %zu samples, "
             "%sconfirmed. Thick: may be right.",
             advice->run_count, advice->confirmed ? "" : "not ");
    return true;
}

static bool is_about_times(const struct subject *subject)
{
    return strcmp(subject->advice->goal, "latency") == 0 &&
           findings_rate(subject->record) > 0;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    const struct record_recommendation *advice = subject->advice;

    if (advice == NULL || !(advice->workers >= 1) ||
        !(is_about_times(subject) ? fill_times(drawing, subject)
                                  : fill_losses(drawing, subject)))
        return false;
    mark_set(&drawing->panels[0], advice);
    return true;
}

const struct figure figure_recommendation = {
    .name = "recommendation",
    .question = "What would another number of workers cost?",
    .about = "What the advice is about for each number of workers, with 95 % "
             "intervals: the throughput lost against the best count, or where "
             "tasks come at a rate the time that they take.",
    .compose = compose,
    .needs = "cfbench recommend",
};
