/* SPDX-License-Identifier: MIT */
/*
 * Throughput against workers: what one gets, in tasks a second, from zero.
 */
#include "figure.h"

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    struct panel *panel = &drawing->panels[0];

    panel->title = "Throughput, tasks per second";
    panel->quantity = QUANTITY_RATE;
    if (!panel_take(panel, subject, "throughput_per_s", BASE_NONE))
        return false;
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_throughput = {
    .name = "throughput",
    .question = "How many tasks get done in a second?",
    .about = "Tasks per second against the number of workers, a line for each "
             "backend, with 95 % intervals.",
    .compose = compose,
    .needs = "cfbench run -j auto",
};
