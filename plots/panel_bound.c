/* SPDX-License-Identifier: MIT */
/*
 * What no speed-up can beat: as many tasks as there are share out over so many
 * workers, and computing over no more than the usable CPUs.
 */
#include "panel.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static bool shares_tasks(const struct subject *subject)
{
    const struct record *record = subject->record;

    for (size_t i = 0; i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, subject->workload->id) == 0 &&
            !record_shares_tasks(record, &record->cases[i]))
            return false;
    return true;
}

/* The tasks of the case that has most; `*is_same`: all have as many as the
 * workload. */
static double most_tasks(const struct subject *subject, bool *is_same)
{
    const struct record *record = subject->record;
    size_t most = subject->workload->tasks;

    *is_same = true;
    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        if (strcmp(one->workload, subject->workload->id) != 0)
            continue;
        *is_same &= one->tasks == subject->workload->tasks;
        most = one->tasks > most ? one->tasks : most;
    }
    return (double)most;
}

/* Tasks of different length may share out evenly by chance; and where a count
 * has as many tasks as it can deal out evenly, they do. */
static double most_speedup(double tasks, bool is_uneven, double workers)
{
    return is_uneven ? tasks / ceil(tasks / workers) : fmin(tasks, workers);
}

void panel_add_bound(struct panel *panel, const struct subject *subject)
{
    bool computes = record_is_computing(subject->workload);
    bool is_same;
    double tasks = most_tasks(subject, &is_same);
    bool is_uneven = is_same && record_has_equal_tasks(subject->workload);
    double least, most;

    panel_worker_range(panel, &least, &most);
    if (subject->workload->tasks < 1 || most > BOUND_POINTS_MAX ||
        (computes && subject->usable_cpus == 0) || !shares_tasks(subject))
        return;
    panel->bound.points =
        calloc((size_t)(most - least) + 1, sizeof *panel->bound.points);
    if (panel->bound.points == NULL)
        return;
    for (double workers = least; workers <= most; workers++) {
        double bound = most_speedup(tasks, is_uneven, workers);
        if (computes)
            bound = fmin(bound, (double)subject->usable_cpus);
        panel->bound.points[panel->bound.count++] =
            (struct panel_point){workers, bound, NAN, NAN};
    }
    panel->bound_name = "upper bound";
}

void panel_scale_bound(struct panel *panel, double of_one)
{
    for (size_t i = 0; i < panel->bound.count; i++)
        panel->bound.points[i].estimate *= of_one;
}

bool panel_passes_bound(const struct panel *panel)
{
    static const double little = 1.05;

    for (size_t i = 0; i < panel->lane_count; i++)
        for (size_t k = 0; k < panel->lanes[i].count; k++) {
            const struct panel_point *point = &panel->lanes[i].points[k];
            for (size_t b = 0; b < panel->bound.count; b++)
                if (panel->bound.points[b].workers == point->workers &&
                    point->workers > 1 &&
                    point->estimate > little * panel->bound.points[b].estimate)
                    return true;
        }
    return false;
}

void panel_drop_bound(struct panel *panel)
{
    free(panel->bound.points);
    panel->bound = (struct panel_lane){0};
    panel->bound_name = NULL;
}
