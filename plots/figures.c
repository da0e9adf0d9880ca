/* SPDX-License-Identifier: MIT */
/*
 * The table of figures: a new one is a file and a line here.
 */
#include "figure.h"

#include "grain.h"

const struct figure *const figures[] = {
    &figure_versus,       &figure_gil,        &figure_speedup,
    &figure_efficiency,   &figure_throughput, &figure_recommendation,
    &figure_forest,       &figure_latency,    &figure_latency_throughput,
    &figure_spectrum,     &figure_time_split, &figure_timeline,
    &figure_granularity,  &figure_crossover,  &figure_overhead,
    &figure_distribution, &figure_run_order,  NULL,
};

_Static_assert(sizeof figures / sizeof *figures <= FIGURES_MAX,
               "the table of figures has outgrown FIGURES_MAX");

bool figure_is_about(const struct figure *figure, const struct subject *subject)
{
    const struct record *record = subject->record;
    size_t workload = subject->ordinal - 1;
    bool is_of_lengths = grain_is_of_lengths(record, workload);

    return figure->is_of_lengths == is_of_lengths &&
           !grain_is_later(record, workload);
}

bool figure_compose(const struct figure *figure, struct drawing *drawing,
                    const struct subject *subject)
{
    return figure_is_about(figure, subject) &&
           figure->compose(drawing, subject);
}

void drawing_finish(struct drawing *drawing)
{
    for (size_t i = 0; i < PANELS_MAX; i++)
        panel_finish(&drawing->panels[i]);
    drawing->panel_count = 0;
}
