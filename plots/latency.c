/* SPDX-License-Identifier: MIT */
/*
 * Latency percentiles against workers, one panel for each percentile that the
 * number of tasks carries. It is service time: from a task's start to its end
 * in its worker, so waiting for a turn is not in it; in an open loop it is
 * response time, from when the task was to start.
 */
#include "figure.h"

#include "percentiles.h"

_Static_assert((size_t)PERCENTILES <= (size_t)PANELS_MAX, "a panel for each");

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    for (size_t i = 0; i < PERCENTILES; i++) {
        struct panel *panel = &drawing->panels[drawing->panel_count];
        if (percentiles_take(panel, subject, &percentiles[i]))
            drawing->panel_count++;
        else
            panel_finish(panel);
    }
    if (drawing->panel_count > 0)
        percentiles_note(drawing);
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
