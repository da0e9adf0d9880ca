/* SPDX-License-Identifier: MIT */
/*
 * The table of figures: a new one is a file and a line here.
 */
#include "figure.h"

const struct figure *const figures[] = {
    &figure_gil,
    &figure_speedup,
    &figure_throughput,
    &figure_efficiency,
    &figure_forest,
    &figure_latency,
    &figure_latency_throughput,
    &figure_spectrum,
    &figure_time_split,
    &figure_distribution,
    &figure_run_order,
    NULL,
};

_Static_assert(sizeof figures / sizeof *figures <= FIGURES_MAX,
               "the table of figures has outgrown FIGURES_MAX");

void drawing_finish(struct drawing *drawing)
{
    for (size_t i = 0; i < PANELS_MAX; i++)
        panel_finish(&drawing->panels[i]);
    drawing->panel_count = 0;
}
