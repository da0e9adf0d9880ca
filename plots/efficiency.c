/* SPDX-License-Identifier: MIT */
/*
 * Efficiency against workers: speed-up divided by workers, so that what each
 * further worker brings can be read off. 100 % is the bound.
 */
#include "figure.h"

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    struct panel *panel = &drawing->panels[0];
    bool has_limit = subject->advice != NULL &&
                     panel_is_drawable(subject->advice->min_efficiency_ratio);
    /* what was asked for is meant over one worker of the same backend */
    bool serial = !has_limit && panel_has_serial_base(subject);

    panel->title = serial ? "Speed-up per worker, over the serial loop"
                          : "Speed-up per worker, over one of the same backend";
    panel->quantity = QUANTITY_PERCENT;
    panel->full = 1;
    if (has_limit)
        panel->limit = subject->advice->min_efficiency_ratio;
    if (!panel_take_ratio(panel, subject, "efficiency_ratio",
                          serial ? BASE_SERIAL : BASE_ONE_WORKER))
        return false;
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_efficiency = {
    .name = "efficiency",
    .question = "How much does each worker bring?",
    .about = "Speed-up divided by the number of workers, a line for each "
             "backend, with 95 % intervals; 100 % is full use.",
    .compose = compose,
    .needs = "cfbench run -b serial,thread,process -j auto",
};
