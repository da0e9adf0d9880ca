/* SPDX-License-Identifier: MIT */
/* All figures of a record, into a folder that somebody keeps. */
#include "plots.h"

#include <stdio.h>

#include "draw.h"

struct subject subject_of(const struct details *details, size_t index)
{
    const struct record *record = details->record;
    double usable = facts_number(record->env, "cpu.usable", 0);

    return (struct subject){
        .record = record,
        .details = details,
        .workload = &record->workloads[index],
        .ordinal = index + 1,
        .usable_cpus = usable >= 1 && usable < 65536 ? (size_t)usable : 0,
        .cores = facts_number(record->env, "cpu.cores", 0),
        .quota_cpus = facts_number(record->env, "cpu.quota_cpus", 0),
        .advice =
            record_find_recommendation(record, record->workloads[index].id),
    };
}

/* Draws all figures of one workload; notes those it has. */
static bool draw_workload(struct drawer *drawer, const struct subject *subject,
                          bool has[FIGURES_MAX], size_t *count,
                          struct plots_error *error)
{
    char stem[STEM_BYTES];

    for (size_t i = 0; figures[i] != NULL; i++) {
        if (!drawer_draw(drawer, figures[i], subject, LAYOUT_WIDE, stem, error))
            return false;
        has[i] |= stem[0] != '\0';
        *count += stem[0] != '\0';
    }
    return true;
}

static enum plots_outcome draw_all(struct drawer *drawer,
                                   const struct details *details,
                                   struct plots_drawn *drawn,
                                   struct plots_error *error)
{
    bool has[FIGURES_MAX] = {false};

    for (size_t i = 0; i < details->record->workload_count; i++) {
        struct subject subject = subject_of(details, i);
        if (!draw_workload(drawer, &subject, has, &drawn->count, error)) {
            struct plots_error later;
            drawer_settle(drawer, &later);
            return PLOTS_FAILED;
        }
    }
    if (!drawer_settle(drawer, error))
        return PLOTS_FAILED;
    for (size_t i = 0; figures[i] != NULL; i++)
        if (!has[i] && figures[i]->needs != NULL)
            drawn->missing[drawn->missing_count++] = figures[i];
    if (drawer->has_gnuplot)
        return PLOTS_DRAWN;
    snprintf(error->text, sizeof error->text,
             "gnuplot: %s (scripts and data are written)", drawer->missing);
    return PLOTS_NO_GNUPLOT;
}

enum plots_outcome plots_draw(const struct details *details, const char *folder,
                              unsigned formats, bool force,
                              struct plots_drawn *drawn,
                              struct plots_error *error)
{
    enum plots_outcome outcome = PLOTS_FAILED;
    struct drawer drawer;

    *drawn = (struct plots_drawn){0};
    if (drawer_begin(&drawer, folder, formats, force, error))
        outcome = draw_all(&drawer, details, drawn, error);
    drawer_end(&drawer);
    return outcome;
}
