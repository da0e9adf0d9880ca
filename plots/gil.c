/* SPDX-License-Identifier: MIT */
/*
 * The GIL panel: the same code on free threads, on processes and on threads
 * that share one lock by CPython's rule; what it gains and what it gets done,
 * side by side, for a speed-up hides how fast its base was.
 */
#include "figure.h"

#include <string.h>

static bool has_backend(const struct panel *panel, const char *backend)
{
    for (size_t i = 0; i < panel->lane_count; i++)
        if (strcmp(panel->lanes[i].backend, backend) == 0)
            return true;
    return false;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    if (!figure_speedup.compose(drawing, subject))
        return false;

    struct panel *rate = &drawing->panels[1];
    rate->title = "Throughput, tasks per second";
    rate->quantity = QUANTITY_RATE;
    if (!panel_take(rate, subject, "throughput_per_s", BASE_NONE))
        return false;
    drawing->panel_count = 2;
    return has_backend(rate, "gil") && rate->lane_count > 1;
}

const struct figure figure_gil = {
    .name = "gil",
    .question = "What does a GIL cost?",
    .about = "Speed-up and throughput against the number of workers, side by "
             "side: threads, processes and OpenMP, and the same threads under "
             "one global lock by CPython's rule.",
    .compose = compose,
    .needs = "cfbench run -b serial,thread,process,openmp,gil",
};
