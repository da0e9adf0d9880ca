/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_AXES_H
#define PLOTS_AXES_H

/*
 * Where things stand on a panel: the ranges of its axes, their ticks, and
 * the places of the labels beside the last points. gnuplot could choose these,
 * but then nobody could say where a label must go.
 */
#include <stdbool.h>
#include <stddef.h>

#include "panel.h"

enum { TICKS_MAX = 24, LABELS_MAX = 16 };

struct axis {
    double low, high;
    bool is_log;
    double ticks[TICKS_MAX];
    size_t tick_count;
};

/* Workers: doublings, with ticks at the measured counts. */
void axis_of_workers(struct axis *axis, const struct panel *panel);
/* The quantity: from zero, or in decades or doublings. */
void axis_of_quantity(struct axis *axis, const struct panel *panel);
/* Any range that holds `low` to `high`, with a little room. */
void axis_of_range(struct axis *axis, enum quantity quantity, double low,
                   double high);
void axis_of_log_range(struct axis *axis, enum quantity quantity, double low,
                       double high);
/* 1 / (1 - p), from 1 to `high`, with ticks at the percentiles. */
void axis_of_tail(struct axis *axis, double high);

/* Drops the ticks that a range set by hand does not hold. */
void axis_drop_outside(struct axis *axis);

/* Between a value and the fraction of the axis' length that it stands at. */
double axis_place(const struct axis *axis, double value);
double axis_value(const struct axis *axis, double place);

/* Where a lane's point stands: lanes that meet would hide each other, so each
 * stands a little beside its count. */
double axis_lane_place(const struct axis *axis, const struct panel *panel,
                       size_t lane, double workers);

/* Moves `places` (fractions of the axis, any order) as little as need be so
 * that neighbours are `gap` apart and all stay between 0 and 1. */
void axis_spread(double *places, size_t count, double gap);

#endif
