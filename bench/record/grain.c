/* SPDX-License-Identifier: MIT */
/*
 * The workloads of one kind are looked up by the name they share; each of
 * their cases joins the lane of its backend and worker count.
 */
#include "grain.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "statistics.h"

static const double METG_EFFICIENCY = 0.5;
static const double LEVEL = 0.95;
static const char *const against[] = {"thread", "process"};

double grain_task_s(const struct record *record, size_t case_index)
{
    const struct record_case *one = &record->cases[case_index];
    size_t serial = record_serial_case(record, one->workload, one->backend);
    const struct record_summary *rate =
        serial == NO_CASE
            ? NULL
            : record_find_summary(record, serial, "throughput_per_s", NO_CASE);

    return rate != NULL && rate->estimate > 0 ? 1 / rate->estimate : NAN;
}

/* --- values --- */

static void take_efficiency(const struct record *record,
                            struct grain_point *point)
{
    const struct record_case *one = &record->cases[point->case_index];
    const struct record_summary *summary = record_find_summary(
        record, point->case_index, "efficiency_ratio",
        record_serial_case(record, one->workload, one->backend));

    point->efficiency = point->efficiency_ci95[0] = point->efficiency_ci95[1] =
        NAN;
    if (summary == NULL)
        return;
    point->efficiency = summary->estimate;
    point->efficiency_ci95[0] = summary->ci95[0];
    point->efficiency_ci95[1] = summary->ci95[1];
    point->block_count = summary->block_count;
}

/* Time that a worker spends on each task in a block, and Student's interval of
 * its mean. Differences may be negative, so logarithms are no use. */
static void take_overhead(const struct details *details,
                          struct grain_point *point)
{
    const struct record *record = details->record;
    const struct record_case *one = &record->cases[point->case_index];
    size_t serial = record_serial_case(record, one->workload, one->backend);
    const struct case_blocks *blocks =
        &details->blocks.cases[point->case_index];
    const struct case_blocks *base =
        serial == NO_CASE ? NULL : &details->blocks.cases[serial];
    double sum = 0, squares = 0, n = 0;

    point->overhead_s = point->overhead_ci95[0] = point->overhead_ci95[1] = NAN;
    for (size_t i = 0, k = 0; base != NULL && i < blocks->count; i++) {
        const struct block *block = &blocks->blocks[i];
        while (k < base->count && base->blocks[k].number < block->number)
            k++;
        if (k == base->count || base->blocks[k].number != block->number)
            continue;
        double spent = (double)one->workers * block->elapsed_s / block->tasks -
                       base->blocks[k].elapsed_s / base->blocks[k].tasks;
        n++;
        double off = spent - sum; /* Welford, Technometrics 4, 1962 */
        sum += off / n;
        squares += off * (spent - sum);
    }
    if (n < 1)
        return;
    point->overhead_s = sum;
    if (n < BLOCKS_FOR_MEAN)
        return;
    double half = gsl_cdf_tdist_Pinv((1 + LEVEL) / 2, n - 1) *
                  sqrt(squares / (n - 1) / n);
    point->overhead_ci95[0] = sum - half;
    point->overhead_ci95[1] = sum + half;
}

/* --- thresholds --- */

/* Where the curve through (task_s, log of value) rises past `level` for good. */
static enum grain_place pass(const double *task_s, const double *value,
                             size_t count, double level, double *at_s)
{
    size_t last_short = SIZE_MAX; /* the last point on the short side */

    *at_s = NAN;
    if (count == 0)
        return GRAIN_UNKNOWN;
    for (size_t i = 0; i < count; i++)
        if (value[i] < level)
            last_short = i;
    if (last_short == SIZE_MAX) {
        *at_s = task_s[0];
        return GRAIN_BELOW;
    }
    if (last_short + 1 == count) {
        *at_s = task_s[count - 1];
        return GRAIN_ABOVE;
    }
    double low = log(value[last_short] / level);
    double high = log(value[last_short + 1] / level);
    double part = low / (low - high);
    *at_s = task_s[last_short] *
            pow(task_s[last_short + 1] / task_s[last_short], part);
    return GRAIN_FOUND;
}

static bool find_metg(struct grain_lane *lane)
{
    double *task_s = calloc(2 * lane->count + 1, sizeof *task_s);
    double *value = task_s + lane->count;
    size_t count = 0;

    if (task_s == NULL)
        return false;
    for (size_t i = 0; i < lane->count; i++)
        if (lane->points[i].efficiency > 0) {
            task_s[count] = lane->points[i].task_s;
            value[count++] = lane->points[i].efficiency;
        }
    lane->metg_place =
        pass(task_s, value, count, METG_EFFICIENCY, &lane->metg_s);
    free(task_s);
    return true;
}

/* Is `a` faster, beyond the error? */
static bool is_ahead(const struct grain_ratio *ratio)
{
    return isnan(ratio->ci95[1]) ? ratio->ratio < 1 : ratio->ci95[1] < 1;
}

/* Is `a` not faster by an amount that counts, as far as can be told? An interval
 * that holds 1 for its width alone says nothing of that. */
static bool is_level(const struct grain_ratio *ratio)
{
    return !is_ahead(ratio) && ratio->ratio >= 0.95;
}

static void find_crossing(struct grain_crossing *crossing)
{
    const struct grain_ratio *ratios = crossing->ratios;
    size_t i = crossing->count; /* behind the last that is ahead */

    while (i > 0 && !is_ahead(&ratios[i - 1]))
        i--;
    if (i == 0) {
        crossing->place = is_level(&ratios[0]) ? GRAIN_BELOW : GRAIN_UNKNOWN;
        crossing->crossing_s = ratios[0].task_s;
        return;
    }
    if (i == crossing->count || !is_level(&ratios[i])) {
        crossing->place = GRAIN_ABOVE;
        crossing->crossing_s = ratios[i - 1].task_s;
        return;
    }
    double low = log(ratios[i - 1].ratio), high = log(ratios[i].ratio);
    double part = high > 0 ? low / (low - high) : 0.5;
    crossing->place = GRAIN_FOUND;
    crossing->crossing_s = ratios[i - 1].task_s *
                           pow(ratios[i].task_s / ratios[i - 1].task_s, part);
}

/* --- collecting --- */

static struct grain_lane *lane_of(struct grain *grain, const char *backend,
                                  size_t workers)
{
    struct grain_lane *lanes;

    for (size_t i = 0; i < grain->lane_count; i++)
        if (grain->lanes[i].workers == workers &&
            strcmp(grain->lanes[i].backend, backend) == 0)
            return &grain->lanes[i];
    lanes = realloc(grain->lanes, (grain->lane_count + 1) * sizeof *lanes);
    if (lanes == NULL)
        return NULL;
    grain->lanes = lanes;
    lanes += grain->lane_count;
    *lanes = (struct grain_lane){.backend = backend, .workers = workers};
    lanes->points = calloc(grain->workload_count, sizeof *lanes->points);
    if (lanes->points == NULL)
        return NULL;
    grain->lane_count++;
    return lanes;
}

static bool add_case(const struct details *details, size_t case_index,
                     struct grain *grain)
{
    const struct record_case *one = &details->record->cases[case_index];
    struct grain_point point = {.case_index = case_index,
                                .task_s =
                                    grain_task_s(details->record, case_index)};
    struct grain_lane *lane;

    take_efficiency(details->record, &point);
    if (!(point.task_s > 0) || !(point.efficiency > 0) ||
        record_serial_case(details->record, one->workload, one->backend) ==
            case_index)
        return true;
    take_overhead(details, &point);
    lane = lane_of(grain, one->backend, one->workers);
    if (lane == NULL)
        return false;
    if (lane->count < grain->workload_count)
        lane->points[lane->count++] = point;
    return true;
}

static struct grain_crossing *crossing_of(struct grain *grain, size_t workers)
{
    struct grain_crossing *crossings;

    for (size_t i = 0; i < grain->crossing_count; i++)
        if (grain->crossings[i].workers == workers)
            return &grain->crossings[i];
    crossings = realloc(grain->crossings,
                        (grain->crossing_count + 1) * sizeof *crossings);
    if (crossings == NULL)
        return NULL;
    grain->crossings = crossings;
    crossings += grain->crossing_count;
    *crossings = (struct grain_crossing){
        .workers = workers, .a = against[0], .b = against[1]};
    crossings->ratios =
        calloc(grain->workload_count, sizeof *crossings->ratios);
    if (crossings->ratios == NULL)
        return NULL;
    grain->crossing_count++;
    return crossings;
}

/* The ratio to the case of the other backend with as many workers. */
static bool add_ratio(const struct details *details, size_t a,
                      struct grain *grain)
{
    const struct record *record = details->record;
    const struct record_case *one = &record->cases[a];
    size_t b =
        record_find_case(record, one->workload, against[1], one->workers);
    double task_s = grain_task_s(record, a);
    struct grain_crossing *crossing;
    struct estimate ratio;
    double *ratios;
    size_t count;

    if (strcmp(one->backend, against[0]) != 0 || b == NO_CASE || !(task_s > 0))
        return true;
    ratios = calloc(details->blocks.cases[a].count + 1, sizeof *ratios);
    if (ratios == NULL)
        return false;
    count = blocks_pair(&details->blocks.cases[a], &details->blocks.cases[b],
                        ratios);
    ratio = statistics_geometric_mean(ratios, count, LEVEL);
    free(ratios);
    if (!(ratio.value > 0))
        return true;
    crossing = crossing_of(grain, one->workers);
    if (crossing == NULL)
        return false;
    if (crossing->count < grain->workload_count)
        crossing->ratios[crossing->count++] = (struct grain_ratio){
            task_s, ratio.value, {ratio.low, ratio.high}, count};
    return true;
}

static bool add_workload(const struct details *details, size_t workload,
                         struct grain *grain)
{
    const struct record *record = details->record;
    const char *id = record->workloads[workload].id;

    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].status == CASE_MEASURED &&
            strcmp(record->cases[i].workload, id) == 0 &&
            (!add_case(details, i, grain) || !add_ratio(details, i, grain)))
            return false;
    return true;
}

static int by_length(const void *left, const void *right)
{
    const struct grain_point *a = left, *b = right;

    return (a->task_s > b->task_s) - (a->task_s < b->task_s);
}

static int by_ratio_length(const void *left, const void *right)
{
    const struct grain_ratio *a = left, *b = right;

    return (a->task_s > b->task_s) - (a->task_s < b->task_s);
}

static bool conclude(struct grain *grain)
{
    for (size_t i = 0; i < grain->lane_count; i++) {
        struct grain_lane *lane = &grain->lanes[i];
        qsort(lane->points, lane->count, sizeof *lane->points, by_length);
        if (!find_metg(lane))
            return false;
    }
    for (size_t i = 0; i < grain->crossing_count; i++) {
        struct grain_crossing *crossing = &grain->crossings[i];
        qsort(crossing->ratios, crossing->count, sizeof *crossing->ratios,
              by_ratio_length);
        find_crossing(crossing);
    }
    return grain->lane_count > 0;
}

bool grain_collect(const struct details *details, size_t workload,
                   struct grain *grain)
{
    const struct record *record = details->record;
    bool is_done = grain_is_first(record, workload);

    *grain = (struct grain){0};
    grain->workloads = calloc(record->workload_count, sizeof(size_t));
    is_done = is_done && grain->workloads != NULL;
    for (size_t i = workload; i < record->workload_count && is_done; i++)
        if (grain_is_alike(record, i, workload))
            grain->workloads[grain->workload_count++] = i;
    for (size_t i = 0; i < grain->workload_count && is_done; i++)
        is_done = add_workload(details, grain->workloads[i], grain);
    is_done = is_done && conclude(grain);
    if (!is_done)
        grain_finish(grain);
    return is_done;
}

void grain_finish(struct grain *grain)
{
    for (size_t i = 0; i < grain->lane_count; i++)
        free(grain->lanes[i].points);
    for (size_t i = 0; i < grain->crossing_count; i++)
        free(grain->crossings[i].ratios);
    free(grain->lanes);
    free(grain->crossings);
    free(grain->workloads);
    *grain = (struct grain){0};
}
