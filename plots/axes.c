/* SPDX-License-Identifier: MIT */
/*
 * Ticks are round numbers: 1, 2 or 5 times a power of ten on a linear axis,
 * powers of ten (or 1-2-5 where they are few) on a logarithmic one of times,
 * powers of two on one of ratios. Labels that would overlap are pushed apart
 * around their means (isotonic regression, pool adjacent violators).
 */
#include "axes.h"

#include <float.h>
#include <math.h>
#include <string.h>

static void add_tick(struct axis *axis, double tick)
{
    if (axis->tick_count < TICKS_MAX)
        axis->ticks[axis->tick_count++] = tick;
}

static const double lane_step = 0.018; /* between two lanes' points */

void axis_drop_outside(struct axis *axis)
{
    size_t kept = 0;

    for (size_t i = 0; i < axis->tick_count; i++)
        if (axis->ticks[i] >= axis->low && axis->ticks[i] <= axis->high)
            axis->ticks[kept++] = axis->ticks[i];
    axis->tick_count = kept;
}

double axis_place(const struct axis *axis, double value)
{
    if (axis->is_log)
        return log(value / axis->low) / log(axis->high / axis->low);
    return (value - axis->low) / (axis->high - axis->low);
}

double axis_value(const struct axis *axis, double place)
{
    if (axis->is_log)
        return axis->low * pow(axis->high / axis->low, place);
    return axis->low + (axis->high - axis->low) * place;
}

/* The smallest measured count above `workers`; infinity past the last. */
static double next_count(const struct panel *panel, double workers)
{
    double next = INFINITY;

    for (size_t i = 0; i < panel->lane_count; i++) {
        const struct panel_lane *lane = &panel->lanes[i];
        for (size_t k = 0; k < lane->count; k++)
            if (lane->points[k].workers > workers && !panel_lane_is_level(lane))
                next = fmin(next, lane->points[k].workers);
    }
    return next;
}

/* How far the outermost lanes stand beside their counts. */
static double lane_reach(const struct panel *panel)
{
    return 0.5 * fmax((double)panel->lane_count - 1, 0) * lane_step;
}

void axis_of_workers(struct axis *axis, const struct panel *panel)
{
    static const double margin = 0.054;  /* left of the first, right of the */
    static const double tick_gap = 0.09; /* last                           */
    static const double mark = 0.015, leader = 0.045;
    double least, most, last_tick = -1;

    panel_worker_range(panel, &least, &most);
    *axis = (struct axis){.low = least, .high = most, .is_log = true};
    if (!(most > least)) {
        axis->low = least / 2;
        axis->high = least * 2;
    }
    /* The outermost marks stay clear of the axis and of the names' marks. */
    double left = fmax(margin, lane_reach(panel) + mark);
    double right = fmax(margin, lane_reach(panel) + leader);
    double length = log(axis->high / axis->low) / (1 - left - right);
    axis->low *= exp(-length * left);
    axis->high *= exp(length * right);
    for (double count = next_count(panel, 0); isfinite(count);
         count = next_count(panel, count)) {
        if (axis_place(axis, count) - last_tick >= tick_gap) {
            add_tick(axis, count);
            last_tick = axis_place(axis, count);
        }
    }
    if (axis->tick_count == 0)
        add_tick(axis, 1);
}

static double round_step(double rough)
{
    double unit = pow(10, floor(log10(rough)));
    double digit = rough / unit;

    return unit * (digit < 1.5 ? 1 : digit < 3.5 ? 2 : digit < 7.5 ? 5 : 10);
}

static void linear_axis(struct axis *axis, double top, double ticks)
{
    static const double headroom = 1.06;
    double step = round_step(top / ticks);

    *axis = (struct axis){.low = 0, .high = top * headroom};
    for (int i = 0; i < TICKS_MAX && i * step <= axis->high; i++)
        add_tick(axis, i * step);
}

void axis_of_log_range(struct axis *axis, enum quantity quantity, double bottom,
                       double top)
{
    static const double room = 1.12;
    static const double doublings_up_to = 200;
    bool doublings =
        quantity == QUANTITY_RATIO && top < doublings_up_to * bottom;

    *axis =
        (struct axis){.low = bottom / room, .high = top * room, .is_log = true};
    if (axis->high / axis->low < 4) { /* a flat line should look flat */
        double middle = sqrt(axis->low * axis->high);
        axis->low = middle / 2;
        axis->high = middle * 2;
    }
    double decades = log10(axis->high / axis->low);
    double unit = doublings ? exp2(floor(log2(axis->low)))
                            : pow(10, floor(log10(axis->low)));
    static const double digits[] = {1, 2, 5};
    for (; unit <= axis->high && isfinite(unit); unit *= doublings ? 2 : 10)
        for (size_t i = 0; i < (doublings || decades > 3 ? 1 : 3); i++)
            if (unit * digits[i] >= axis->low && unit * digits[i] <= axis->high)
                add_tick(axis, unit * digits[i]);
}

/* What the ticks of such values are apart at least: they have four digits, and of
 * times, whose units are longer, three for want of room beside the axis. */
static double finest_step(enum quantity quantity, double low, double high)
{
    double most = fmax(fmax(fabs(low), fabs(high)), DBL_MIN);
    int digits = quantity == QUANTITY_SECONDS ? 3 : 4;

    return pow(10, floor(log10(most)) + 1 - digits);
}

void axis_of_range(struct axis *axis, enum quantity quantity, double low,
                   double high)
{
    static const double room = 0.04;
    double finest = finest_step(quantity, low, high);
    double span = fmax(high - low, 4 * finest);
    double middle = low + (high - low) / 2;

    if (low == 0) {
        /* Counts stand on a low strip. */
        linear_axis(axis, fmax(high, DBL_MIN),
                    quantity == QUANTITY_COUNT ? 3 : 5);
        return;
    }
    *axis = (struct axis){.low = middle - (0.5 + room) * span,
                          .high = middle + (0.5 + room) * span};
    double step = round_step(span / (quantity == QUANTITY_PERCENT ? 4 : 5));
    step = fmax(step, finest);
    for (double k = ceil(axis->low / step); k * step <= axis->high; k++)
        add_tick(axis, k * step);
}

void axis_of_tail(struct axis *axis, double high)
{
    static const double lines_end = 0.94; /* then room for the leaders */

    *axis = (struct axis){
        .low = 1, .high = pow(fmax(high, 4), 1 / lines_end), .is_log = true};
    add_tick(axis, 2);
    for (double tail = 10; tail <= axis->high; tail *= 10)
        add_tick(axis, tail);
}

void axis_of_quantity(struct axis *axis, const struct panel *panel)
{
    double top = panel_top(panel);

    if (panel->is_log && panel_bottom(panel) > 0)
        axis_of_log_range(axis, panel->quantity, panel_bottom(panel), top);
    else if (panel->quantity == QUANTITY_PERCENT)
        linear_axis(axis, fmax(fmax(top, panel->full), 1e-3), 5);
    else
        linear_axis(axis, fmax(top, DBL_MIN), 5);
}

double axis_lane_place(const struct axis *axis, const struct panel *panel,
                       size_t lane, double workers)
{
    double aside = (double)lane * lane_step - lane_reach(panel);

    return axis_value(axis, axis_place(axis, workers) + aside);
}

/* Writes the indices of `places`, ascending, into `order`. */
static void sort_places(const double *places, size_t *order, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        size_t k = i;
        for (; k > 0 && places[order[k - 1]] > places[i]; k--)
            order[k] = order[k - 1];
        order[k] = i;
    }
}

void axis_spread(double *places, size_t count, double gap)
{
    struct {
        double sum;
        size_t size;
    } groups[LABELS_MAX];
    size_t order[LABELS_MAX], group_count = 0, i = 0;

    sort_places(places, order, count);
    /* Less i gaps, places must only not fall: pool those that do. */
    for (size_t k = 0; k < count; k++) {
        double sum = places[order[k]] - (double)k * gap;
        size_t size = 1;
        while (group_count > 0 && groups[group_count - 1].sum /
                                          (double)groups[group_count - 1].size >
                                      sum / (double)size) {
            group_count--;
            sum += groups[group_count].sum;
            size += groups[group_count].size;
        }
        groups[group_count].sum = sum;
        groups[group_count++].size = size;
    }
    double room = 1 - (double)(count - 1) * gap;
    for (size_t g = 0; g < group_count; g++) {
        double mean = groups[g].sum / (double)groups[g].size;
        mean = fmax(0, fmin(room, mean));
        for (size_t k = 0; k < groups[g].size; k++, i++)
            places[order[i]] = mean + (double)i * gap;
    }
}
