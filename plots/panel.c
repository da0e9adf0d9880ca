/* SPDX-License-Identifier: MIT */
/*
 * A record lists its cases in any order; a panel wants them by backend, in the
 * theme's order, and by workers. The serial case has no workers to speak of:
 * its lane has one point and is drawn as a level line.
 */
#include "panel.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "findings.h"
#include "theme.h"

size_t panel_base_case(const struct record *record, const char *workload,
                       const char *backend, enum panel_base base)
{
    switch (base) {
    case BASE_SERIAL:
        return record_serial_case(record, workload, backend);
    case BASE_ONE_WORKER:
        return record_find_case(record, workload, backend, 1);
    case BASE_NONE:
        break;
    }
    return NO_CASE;
}

bool panel_has_serial_base(const struct subject *subject)
{
    const struct record *record = subject->record;
    size_t serial =
        record_find_case(record, subject->workload->id, "serial", 1);

    for (size_t i = 0; serial != NO_CASE && i < record->summary_count; i++)
        if (record->summaries[i].base == serial &&
            strcmp(record->summaries[i].metric, "speedup_ratio") == 0)
            return true;
    return false;
}

static struct panel_lane *lane_of(struct panel *panel, const char *backend)
{
    for (size_t i = 0; i < panel->lane_count; i++)
        if (strcmp(panel->lanes[i].backend, backend) == 0)
            return &panel->lanes[i];

    struct panel_lane *lanes =
        realloc(panel->lanes, (panel->lane_count + 1) * sizeof *lanes);
    if (lanes == NULL)
        return NULL;
    panel->lanes = lanes;
    lanes += panel->lane_count++;
    *lanes = (struct panel_lane){.backend = backend};
    return lanes;
}

static bool add_point(struct panel_lane *lane, struct panel_point point)
{
    struct panel_point *points =
        realloc(lane->points, (lane->count + 1) * sizeof *points);

    if (points == NULL)
        return false;
    lane->points = points;
    points[lane->count++] = point;
    return true;
}

bool panel_add_point(struct panel *panel, const char *backend,
                     struct panel_point point)
{
    struct panel_lane *lane = lane_of(panel, backend);

    return lane != NULL && add_point(lane, point);
}

void panel_count_blocks(struct panel *panel, size_t blocks)
{
    if (blocks == 0)
        return; /* not known */
    if (panel->blocks_least == 0 || blocks < panel->blocks_least)
        panel->blocks_least = blocks;
    if (blocks > panel->blocks_most)
        panel->blocks_most = blocks;
}

bool panel_is_drawable(double value)
{
    return value >= 1e-100 && value <= 1e100;
}

static bool is_drawable_pair(const double ends[2])
{
    return panel_is_drawable(ends[0]) && panel_is_drawable(ends[1]);
}

/* The mean with its interval; where the mean has none but the median over
 * blocks has (a percentile of tasks), that. */
static void take_estimate(struct panel *panel,
                          const struct record_summary *summary,
                          struct panel_point *point)
{
    bool has_mean = is_drawable_pair(summary->ci95);
    bool has_median = !has_mean && is_drawable_pair(summary->median_ci95) &&
                      panel_is_drawable(summary->median);
    const double *ends = has_mean ? summary->ci95 : summary->median_ci95;

    panel->has_intervals |= has_mean || has_median;
    panel->has_medians |= has_median;
    point->estimate = has_median ? summary->median : summary->estimate;
    point->low = has_mean || has_median ? ends[0] : NAN;
    point->high = has_mean || has_median ? ends[1] : NAN;
}

/* Adds a case's point; a case without the summary has none. */
static bool add_case(struct panel *panel, const struct subject *subject,
                     size_t case_index, const char *metric,
                     enum panel_base base)
{
    const struct record *record = subject->record;
    const struct record_case *measured = &record->cases[case_index];
    bool is_other_loop = record_is_loop(measured->backend) &&
                         strcmp(measured->backend, "serial") != 0;
    size_t base_case =
        panel_base_case(record, measured->workload, measured->backend, base);
    const struct record_summary *summary =
        record_find_summary(record, case_index, metric, base_case);

    if (base == BASE_SERIAL && is_other_loop)
        return true; /* the 1x of its own language, not a share of another's */
    if ((base != BASE_NONE && base_case == NO_CASE) || summary == NULL ||
        !panel_is_drawable(summary->estimate))
        return true;
    struct panel_point point = {.workers = (double)measured->workers};

    panel->has_gains |= case_index != base_case;
    panel_count_blocks(panel, summary->block_count);
    take_estimate(panel, summary, &point);
    return panel_add_point(panel, measured->backend, point);
}

static int by_workers(const void *left, const void *right)
{
    const struct panel_point *a = left, *b = right;

    return (a->workers > b->workers) - (a->workers < b->workers);
}

static int by_theme(const void *left, const void *right)
{
    const struct panel_lane *a = left, *b = right;
    size_t rank_a = theme_rank(a->backend), rank_b = theme_rank(b->backend);

    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    return strcmp(a->backend, b->backend);
}

bool panel_take(struct panel *panel, const struct subject *subject,
                const char *metric, enum panel_base base)
{
    for (size_t i = 0; i < subject->record->case_count; i++) {
        const struct record_case *candidate = &subject->record->cases[i];
        if (strcmp(candidate->workload, subject->workload->id) == 0 &&
            candidate->workers > 0 &&
            !add_case(panel, subject, i, metric, base))
            return false;
    }
    panel_sort(panel);
    return panel->lane_count > 0;
}

bool panel_take_ratio(struct panel *panel, const struct subject *subject,
                      const char *metric, enum panel_base base)
{
    return panel_take(panel, subject, metric, base) && panel->has_gains;
}

void panel_sort(struct panel *panel)
{
    if (panel->lane_count > 0)
        qsort(panel->lanes, panel->lane_count, sizeof *panel->lanes, by_theme);
    for (size_t i = 0; i < panel->lane_count; i++)
        qsort(panel->lanes[i].points, panel->lanes[i].count,
              sizeof *panel->lanes[i].points, by_workers);
}

void panel_keep(struct panel *panel, const char *backend)
{
    size_t kept = 0;

    for (size_t i = 0; i < panel->lane_count; i++)
        if (strcmp(panel->lanes[i].backend, backend) == 0)
            panel->lanes[kept++] = panel->lanes[i];
        else
            free(panel->lanes[i].points);
    panel->lane_count = kept;
}

bool panel_lane_is_level(const struct panel_lane *lane)
{
    return strcmp(lane->backend, "serial") == 0;
}

void panel_case_name(char text[CASE_BYTES], const char *backend, size_t workers)
{
    char name[256];
    size_t used;

    theme_name(name, sizeof name, backend);
    findings_plain(text, CASE_BYTES - 24, name, CASE_CHARS_MAX - 6);
    used = strlen(text);
    if (workers > 0 && !record_is_loop(backend))
        snprintf(text + used, CASE_BYTES - used, " %zu", workers);
}

void panel_finish(struct panel *panel)
{
    for (size_t i = 0; i < panel->lane_count; i++)
        free(panel->lanes[i].points);
    free(panel->lanes);
    free(panel->bound.points);
    curves_finish(&panel->curves);
    rows_finish(&panel->rows);
    *panel = (struct panel){0};
}

/* How far a model is drawn: its curve goes a little past what was measured. */
static double model_end(const struct record_model *model)
{
    double end = model->curve[model->curve_count - 1].workers;

    return panel_is_drawable(end) ? fmin(end, BOUND_POINTS_MAX) : 1;
}

void panel_worker_range(const struct panel *panel, double *least, double *most)
{
    *least = INFINITY;
    *most = 1;
    for (size_t i = 0; i < panel->lane_count; i++) {
        const struct panel_lane *lane = &panel->lanes[i];
        if (panel_lane_is_level(lane))
            continue;
        *least = fmin(*least, lane->points[0].workers);
        *most = fmax(*most, lane->points[lane->count - 1].workers);
    }
    if (!isfinite(*least))
        *least = 1;
    if (panel->model != NULL && panel->model->curve_count > 0)
        *most = fmax(*most, model_end(panel->model));
}

/* Intervals of a few blocks can be a hundred times as long as what they are of.
 * Up to here they are in the picture: four times an estimate, or a quarter. */
static double highest_of(const struct panel_point *point)
{
    return fmax(point->estimate, point->high > 4 * point->estimate
                                     ? 4 * point->estimate
                                     : point->high);
}

static double lowest_of(const struct panel_point *point)
{
    return point->low > 0 ? fmax(point->low, point->estimate / 4)
                          : point->estimate;
}

static double top_of(const struct panel_lane *lane)
{
    double top = 0;

    for (size_t i = 0; i < lane->count; i++)
        top = fmax(top, highest_of(&lane->points[i]));
    return top;
}

bool panel_is_cut(const struct panel *panel)
{
    double most = panel_top(panel), least = panel_bottom(panel);

    for (size_t i = 0; i < panel->lane_count; i++)
        for (size_t k = 0; k < panel->lanes[i].count; k++) {
            const struct panel_point *point = &panel->lanes[i].points[k];
            if (point->high > most || (panel->is_log && point->low < least))
                return true;
        }
    return false;
}

static double model_top(const struct record_model *model)
{
    double top = 0;

    for (size_t i = 0; i < model->curve_count; i++)
        if (panel_is_drawable(model->curve[i].throughput_per_s))
            top = fmax(top, model->curve[i].throughput_per_s);
    return top;
}

void panel_limit_words(char text[LIMIT_BYTES], const struct panel *panel)
{
    char value[LIMIT_BYTES - 16];

    quantity_text(value, sizeof value, panel->quantity, panel->limit);
    snprintf(text, LIMIT_BYTES, "asked for: %s", value);
}

double panel_top(const struct panel *panel)
{
    /* Beside a model the bound may lie far above all that is of interest. */
    double top = panel->model != NULL ? 1.05 * model_top(panel->model)
                                      : top_of(&panel->bound);
    top = fmax(top, fmax(1.5 * panel->band_high, panel->limit));

    for (size_t i = 0; i < panel->lane_count; i++)
        top = fmax(top, top_of(&panel->lanes[i]));
    return top;
}

double panel_bottom(const struct panel *panel)
{
    double bottom = panel->limit > 0 ? panel->limit : INFINITY;

    for (size_t i = 0; i < panel->lane_count; i++)
        for (size_t k = 0; k < panel->lanes[i].count; k++) {
            const struct panel_point *point = &panel->lanes[i].points[k];
            bottom = fmin(bottom, lowest_of(point));
        }
    return bottom;
}
