/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_FIGURE_H
#define PLOTS_FIGURE_H

/*
 * A figure answers one question about one workload. Each is one file, which
 * chooses what its panels show; drawing.h knows how that looks.
 */
#include <stdbool.h>
#include <stddef.h>

#include "panel.h"

enum { PANELS_MAX = 4 };

struct drawing {
    struct panel panels[PANELS_MAX];
    size_t panel_count;
    char note[200];  /* ours: what the marks mean; empty: intervals of means */
    bool is_stacked; /* below each other on any paper, on one axis */
};

struct figure {
    const char *name;     /* of its files: "speedup" */
    const char *question; /* its title */
    const char *about;    /* one sentence for those who cannot see it */

    /* Fills the panels. False where the record has nothing to answer with;
     * then `needs` says what would have measured it. NULL: nobody misses it. */
    bool (*compose)(struct drawing *drawing, const struct subject *subject);
    const char *needs;
    bool is_of_lengths; /* about workloads that differ in their tasks' length */
};

/* Fills the panels where the figure is about such a workload. Of several that
 * differ in their tasks' length the first stands for all. */
bool figure_compose(const struct figure *figure, struct drawing *drawing,
                    const struct subject *subject);
bool figure_is_about(const struct figure *figure,
                     const struct subject *subject);

extern const struct figure figure_speedup;
extern const struct figure figure_throughput;
extern const struct figure figure_efficiency;
extern const struct figure figure_latency;
extern const struct figure figure_gil;
extern const struct figure figure_forest;
extern const struct figure figure_latency_throughput;
extern const struct figure figure_spectrum;
extern const struct figure figure_time_split;
extern const struct figure figure_distribution;
extern const struct figure figure_run_order;
extern const struct figure figure_timeline;
extern const struct figure figure_granularity;
extern const struct figure figure_crossover;
extern const struct figure figure_overhead;
extern const struct figure figure_recommendation;
extern const struct figure figure_versus;

enum { FIGURES_MAX = 24 };

/* All figures, in the order in which a reader wants them; NULL ends it. */
extern const struct figure *const figures[];

void drawing_finish(struct drawing *drawing);

#endif
