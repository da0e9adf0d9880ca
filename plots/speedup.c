/* SPDX-License-Identifier: MIT */
/*
 * Speed-up against workers: over the serial loop, so that the lanes share one
 * base and an executor's own cost shows; over one worker of the same backend
 * where nothing serial was measured. Waiting work gains by dozens, so its axis
 * counts doublings.
 */
#include "figure.h"

enum { DOUBLINGS_FROM = 8 };

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    struct panel *panel = &drawing->panels[0];
    bool serial = panel_has_serial_base(subject);

    panel->title = serial ? "Speed-up over the serial loop"
                          : "Speed-up over one worker of the same backend";
    panel->quantity = QUANTITY_RATIO;
    if (!panel_take_ratio(panel, subject, "speedup_ratio",
                          serial ? BASE_SERIAL : BASE_ONE_WORKER))
        return false;
    panel_add_bound(panel, subject);
    if (panel_passes_bound(panel))
        panel_drop_bound(panel);
    panel->is_log = panel_top(panel) >= DOUBLINGS_FROM;
    drawing->panel_count = 1;
    return true;
}

const struct figure figure_speedup = {
    .name = "speedup",
    .question = "How much faster with more workers?",
    .about = "Speed-up against the number of workers, a line for each backend, "
             "with 95 % intervals.",
    .compose = compose,
    .needs = "cfbench run -b serial,thread,process -j auto",
};
