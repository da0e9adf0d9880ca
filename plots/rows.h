/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_ROWS_H
#define PLOTS_ROWS_H

/*
 * What a panel holds that has a row for each case: its values as dots, an
 * estimate with its interval and a verdict, or a bar in parts.
 */
#include <stdbool.h>
#include <stddef.h>

#include "quantity.h"

enum { ROW_PARTS = 4, ROWS_MAX = 64 };

/* What a box is filled with. */
enum row_shade {
    SHADE_BACKEND,
    SHADE_BACKEND_PALE,
    SHADE_LAST,
    SHADE_SCALE, /* from here on: of theme_scales */
};

struct row_box {
    double from, to;
    unsigned shade;
    char text[12]; /* in it; ours; where room lacks, up to its "±" */
};

struct row {
    const char *backend;
    size_t workers;
    bool is_unnamed; /* another one of the row above */
    struct row_box *boxes;
    size_t box_count;
    double *dots;
    size_t dot_count;
    double estimate, low, high; /* NAN: none */
    const char *verdict;        /* beside it; of a record; NULL: none */
    char words[24];             /* the same in words of ours; "": none */
    double parts[ROW_PARTS];    /* fractions of the whole, from the left */
};

enum row_style {
    ROW_DOTS,
    ROW_INTERVAL,
    ROW_PARTED,
    ROW_BOXES, /* with a mark across the row at `estimate` */
};

struct rows {
    struct row *list; /* ROWS_MAX at most */
    size_t count;
    size_t left_out; /* cases past ROWS_MAX */
    enum row_style style;
    enum quantity quantity;
    const char *const *part_names; /* ROW_PARTS of them */
    double band_low, band_high;    /* shaded; 0: nothing is */
    double level;                  /* a line from top to bottom; 0: none */
    const char *x_title;           /* ours; NULL: none */
    const char *mark_name;         /* of the marks across rows; ours */
    bool is_joined;                /* these are one line from row to row */
    bool is_log;
};

/* A new row, lent until the next; NULL without memory or room. */
struct row *rows_add(struct rows *rows, const char *backend, size_t workers);
bool row_add_box(struct row *row, struct row_box box);
bool row_add_dot(struct row *row, double value);
void rows_sort(struct rows *rows); /* by the theme's order, then workers */
void rows_finish(struct rows *rows);

/* Where the i-th row's middle is, counted in rows from the top: backends stand
 * a little apart. `count` itself gives the height of all. */
double rows_place(const struct rows *rows, size_t i);

struct row_range {
    double low, high;
};
struct row_range rows_range(const struct rows *rows);

#endif
