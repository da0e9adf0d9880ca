/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_SHEET_H
#define PLOTS_SHEET_H

/*
 * The sheet a figure is drawn on: the two files being written, and where
 * things stand on its canvas, which has one unit for each point of SVG.
 */
#include <stdbool.h>
#include <stdio.h>

#include "drawing.h"

enum {
    CANVAS_HEAD = 106,    /* above the axes: question, workload, title */
    CANVAS_FOOT = 100,    /* below them: ticks, intervals, machine */
    CANVAS_LINE = 16,     /* more for each further line of the intervals */
    CANVAS_BETWEEN = 100, /* between stacked axes */
    CANVAS_LEFT = 64,     /* left of them: ticks */
    CANVAS_CHARACTER = 8, /* of a name, about */
    NAME_CHARS_MAX = 16,
    ROW_HEIGHT = 19,
};

struct canvas {
    double width, height;
    double foot; /* below the axes */
    bool stacked;
};

/* The edges of a panel's axes on the canvas. */
struct box {
    double start; /* of the panel's part of the canvas */
    double left, right, bottom, top;
};

struct sheet {
    FILE *script;
    FILE *data;
    int blocks; /* written to the data so far */
    struct canvas canvas;
};

/* How many characters of our words a line below the axes has room for. */
size_t canvas_line_chars(double width);

struct canvas canvas_of(const struct drawing *drawing,
                        enum drawing_layout layout);
struct box canvas_box(const struct canvas *canvas,
                      const struct drawing *drawing, size_t panel);

#endif
