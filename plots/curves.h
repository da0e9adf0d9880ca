/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_CURVES_H
#define PLOTS_CURVES_H

/*
 * What a panel holds whose horizontal axis is not workers: a curve for each
 * case, or for each backend with the workers written beside its points.
 */
#include <stdbool.h>
#include <stddef.h>

#include "quantity.h"

struct curve_point {
    double x, y;
    double low, high; /* of x, or of y; NAN: no interval */
    size_t workers;   /* written beside it; 0: nothing */
};

enum curve_mark {
    MARK_BACKEND,  /* as the theme marks the backend */
    MARK_WARMUP,   /* a ring: looked at, not counted */
    MARK_EXCLUDED, /* a cross: set aside for a cause */
};

struct curve {
    const char *backend; /* NULL: of all */
    size_t workers;      /* 0: of several counts */
    enum curve_mark mark;
    struct curve_point *points;
    size_t count;
    size_t firm; /* points up to this one rest on enough values */
};

enum curve_style {
    CURVE_STEPS,  /* of a distribution */
    CURVE_LINES,  /* a line, dotted from `firm` on */
    CURVE_JOINED, /* marks joined by a line, with workers and intervals */
    CURVE_MARKS,  /* marks alone */
};

enum curve_axis {
    AXIS_QUANTITY, /* of x_quantity */
    AXIS_TAIL,     /* 1 / (1 - p), read as a percentile */
    AXIS_RUN,      /* seconds since the run's start */
};

struct curves {
    struct curve *list;
    size_t count;
    enum curve_style style;
    enum curve_axis x_axis;
    enum quantity x_quantity;
    const char *x_title; /* ours */
    bool is_x_log;
    bool is_from_zero;    /* the vertical axis */
    bool is_unnamed;      /* without names beside the curves */
    bool is_interval_y;   /* intervals are of y */
    const char *equality; /* name of the line y = x; ours; NULL: not drawn */
    double x_high;        /* where x ends; 0: by itself */
    double level;         /* a level line; 0: none */
};

/* A new curve, lent until the next; NULL without memory. */
struct curve *curves_add(struct curves *curves, const char *backend,
                         size_t workers);
/* False without memory. */
bool curve_add(struct curve *curve, struct curve_point point);
void curves_sort(struct curves *curves); /* in the order of the theme */
void curves_finish(struct curves *curves);

/* The least and the largest of each axis; intervals included. */
struct curve_range {
    double x_low, x_high, y_low, y_high;
};
struct curve_range curves_range(const struct curves *curves);

#endif
