/* SPDX-License-Identifier: MIT */
/*
 * Latency against throughput: what more workers buy and what they cost each
 * task, in one look. A curve bends upwards where only waiting is added. The
 * numbers beside the points are workers.
 */
#include "figure.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct {
    const char *metric;
    const char *title;
} percentiles[] = {
    {"latency_p50_s", "Half of the tasks take at most"},
    {"latency_p99_s", "99 % of the tasks take at most"},
};

static struct curve *curve_of(struct curves *curves, const char *backend)
{
    for (size_t i = 0; i < curves->count; i++)
        if (strcmp(curves->list[i].backend, backend) == 0)
            return &curves->list[i];
    return curves_add(curves, backend, 0);
}

static bool add_case(struct curves *curves, const struct record *record,
                     size_t case_index, const char *metric)
{
    const struct record_case *one = &record->cases[case_index];
    const struct record_summary *latency =
        record_find_summary(record, case_index, metric, NO_CASE);
    const struct record_summary *rate =
        record_find_summary(record, case_index, "throughput_per_s", NO_CASE);

    if (latency == NULL || rate == NULL ||
        !panel_is_drawable(latency->estimate) ||
        !panel_is_drawable(rate->estimate))
        return true;
    bool known =
        panel_is_drawable(rate->ci95[0]) && panel_is_drawable(rate->ci95[1]);
    struct curve *curve = curve_of(curves, one->backend);
    return curve != NULL &&
           curve_add(curve,
                     (struct curve_point){.x = rate->estimate,
                                          .y = latency->estimate,
                                          .low = known ? rate->ci95[0] : NAN,
                                          .high = known ? rate->ci95[1] : NAN,
                                          .workers = one->workers});
}

static int by_workers(const void *left, const void *right)
{
    const struct curve_point *a = left, *b = right;

    return (a->workers > b->workers) - (a->workers < b->workers);
}

static bool fill(struct panel *panel, const struct subject *subject,
                 const char *metric)
{
    const struct record *record = subject->record;
    struct curves *curves = &panel->curves;

    for (size_t i = 0; i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, subject->workload->id) == 0 &&
            !add_case(curves, record, i, metric))
            return false;
    for (size_t i = 0; i < curves->count; i++)
        qsort(curves->list[i].points, curves->list[i].count,
              sizeof *curves->list[i].points, by_workers);
    curves_sort(curves);
    return curves->count > 0;
}

static bool compose(struct drawing *drawing, const struct subject *subject)
{
    for (size_t i = 0; i < sizeof percentiles / sizeof percentiles[0]; i++) {
        struct panel *panel = &drawing->panels[drawing->panel_count];
        panel->shape = SHAPE_CURVES;
        panel->title = percentiles[i].title;
        panel->quantity = QUANTITY_SECONDS;
        panel->is_log = true;
        panel->curves.style = CURVE_JOINED;
        panel->curves.x_quantity = QUANTITY_RATE;
        panel->curves.x_title = "tasks per second";
        if (fill(panel, subject, percentiles[i].metric))
            drawing->panel_count++;
        else
            panel_finish(panel);
    }
    strcpy(drawing->note, "Numbers: workers. Bars: 95 % interval of the mean "
                          "throughput.");
    return drawing->panel_count > 0;
}

const struct figure figure_latency_throughput = {
    .name = "latency_throughput",
    .question = "What does more throughput cost each task?",
    .about = "Percentiles of the tasks' times against throughput, a line for "
             "each backend from few workers to many.",
    .compose = compose,
    .needs = "cfbench run -j auto --tasks 1000",
};
