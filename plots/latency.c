/* SPDX-License-Identifier: MIT */
/*
 * Latency percentiles against workers, one panel for each percentile that the
 * number of tasks carries. It is service time: from a task's start to its end
 * in its worker, so waiting for a turn is not in it; in an open loop it is
 * response time, from when the task was to start.
 */
#include "figure.h"

#include <math.h>
#include <stdio.h>

static const struct {
    const char *metric;
    const char *title;
    double percentile;
} percentiles[] = {
    {"latency_p50_s", "Half of the tasks take at most", 0.5},
    {"latency_p90_s", "90 % of the tasks take at most", 0.9},
    {"latency_p99_s", "99 % of the tasks take at most", 0.99},
    {"latency_p999_s", "99.9 % of the tasks take at most", 0.999},
};

_Static_assert(sizeof percentiles / sizeof percentiles[0] <= PANELS_MAX,
               "a panel for each");

/* The time that the advice was to keep, where it is of this percentile. */
static double limit_of(const struct subject *subject, double percentile)
{
    const struct record_recommendation *advice = subject->advice;

    return advice != NULL && panel_is_drawable(advice->slo_s) &&
                   fabs(advice->slo_percentile - percentile) < 1e-9
               ? advice->slo_s
               : 0;
}

/* Where a block has too few tasks for a percentile of its own, nothing says how
 * much it varies from block to block: its tasks are not independent. */
static void write_note(struct drawing *drawing)
{
    const struct panel *first = &drawing->panels[0];
    bool has_medians = false, is_mixed = false;

    for (size_t i = 0; i < drawing->panel_count; i++) {
        has_medians |= drawing->panels[i].has_medians;
        is_mixed |= !drawing->panels[i].has_medians;
    }
    if (!has_medians)
        return;
    snprintf(drawing->note, sizeof drawing->note,
             "Bars: 95 %% of the median over %zu%s blocks%s.",
             first->blocks_least,
             first->blocks_most > first->blocks_least ? "+" : "",
             is_mixed ? "; none: too few tasks or blocks" : "");
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        struct panel *panel = &drawing->panels[drawing->panel_count];
        panel->title = percentiles[i].title;
        panel->quantity = QUANTITY_SECONDS;
        panel->is_log = true;
        panel->limit = limit_of(subject, percentiles[i].percentile);
        if (panel_take(panel, subject, percentiles[i].metric, BASE_NONE))
            drawing->panel_count++;
        else
            panel_finish(panel);
    }
    if (drawing->panel_count > 0)
        write_note(drawing);
    return drawing->panel_count > 0;
}

const struct figure figure_latency = {
    .name = "latency",
    .question = "How long does one task take?",
    .about = "Percentiles of the tasks' times against the number of workers, a "
             "line for each backend.",
    .compose = compose,
    .needs = "cfbench run --tasks 1000",
};
