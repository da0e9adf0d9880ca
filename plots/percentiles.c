/* SPDX-License-Identifier: MIT */
#include "percentiles.h"

#include <math.h>
#include <stdio.h>

const struct percentile percentiles[PERCENTILES] = {
    {"latency_p50_s", "Half of the tasks take at most", 0.5},
    {"latency_p90_s", "90 % of the tasks take at most", 0.9},
    {"latency_p99_s", "99 % of the tasks take at most", 0.99},
    {"latency_p999_s", "99.9 % of the tasks take at most", 0.999},
};

static bool is_of(const struct percentile *percentile, double share)
{
    return fabs(percentile->percentile - share) < 1e-9;
}

const struct percentile *percentiles_find(double share)
{
    for (size_t i = 0; i < PERCENTILES; i++)
        if (is_of(&percentiles[i], share))
            return &percentiles[i];
    return NULL;
}

/* The time that the advice was to keep, where it is of this percentile. */
static double limit_of(const struct subject *subject,
                       const struct percentile *percentile)
{
    const struct record_recommendation *advice = subject->advice;

    return advice != NULL && panel_is_drawable(advice->slo_s) &&
                   is_of(percentile, advice->slo_percentile)
               ? advice->slo_s
               : 0;
}

bool percentiles_take(struct panel *panel, const struct subject *subject,
                      const struct percentile *percentile)
{
    panel->title = percentile->title;
    panel->quantity = QUANTITY_SECONDS;
    panel->is_log = true;
    panel->limit = limit_of(subject, percentile);
    return panel_take(panel, subject, percentile->metric, BASE_NONE);
}

/* Where a block has too few tasks for a percentile of its own, nothing says how
 * much it varies from block to block: its tasks are not independent. */
void percentiles_note(struct drawing *drawing)
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
