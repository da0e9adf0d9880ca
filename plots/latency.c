/* SPDX-License-Identifier: MIT */
/*
 * Latency percentiles against workers, one panel for each percentile that the
 * number of tasks carries. It is service time: from a task's start to its end
 * in its worker, so waiting for a turn is not in it; in an open loop it is
 * response time, from when the task was to start.
 */
#include "figure.h"

static const struct {
    const char *metric;
    const char *title;
} percentiles[] = {
    {"latency_p50_s", "Half of the tasks take at most"},
    {"latency_p90_s", "90 % of the tasks take at most"},
    {"latency_p99_s", "99 % of the tasks take at most"},
};

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        struct panel *panel = &drawing->panels[drawing->panel_count];
        panel->title = percentiles[i].title;
        panel->quantity = QUANTITY_SECONDS;
        panel->is_log = true;
        if (panel_take(panel, subject, percentiles[i].metric, BASE_NONE))
            drawing->panel_count++;
        else
            panel_finish(panel);
    }
    return drawing->panel_count > 0;
}

const struct figure figure_latency = {
    .name = "latency",
    .question = "How long does one task take?",
    .about = "Percentiles of the time from a task's start to its end against "
             "the number of workers, a line for each backend.",
    .compose = compose,
    .needs = "cfbench run --tasks 1000",
};
