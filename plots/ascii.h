/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_ASCII_H
#define PLOTS_ASCII_H

/*
 * Figures in 80 columns of ASCII, for a terminal far away and for a place
 * without gnuplot. In colour where the reader's terminal has some.
 */
#include <stdbool.h>
#include <stdio.h>

#include "figure.h"

/* Draws all panels of a figure under its question. */
void ascii_draw(FILE *out, const struct figure *figure,
                const struct drawing *drawing, const struct subject *subject,
                bool in_color);

/* May `out` have colours? Only on a terminal that has not been told not to. */
bool ascii_has_color(FILE *out);

/* For the other files of this noun. */
struct ascii {
    FILE *out;
    bool in_color;
};
enum { ASCII_NAME = 18, ASCII_WIDTH = 80 };

/* Switches to a backend's colour, and back. */
void ascii_color(const struct ascii *ascii, const char *backend);
void ascii_plain(const struct ascii *ascii);
/* Writes user text in `columns`, cut or filled with blanks. */
void ascii_name(const struct ascii *ascii, const char *name, int columns);
void ascii_fill(const struct ascii *ascii, char character, int count);

void ascii_curves(const struct ascii *ascii, const struct panel *panel);
struct axis;
/* The rows alone; true where they need no ticks below them. */
bool ascii_boxes(const struct ascii *ascii, const struct rows *rows,
                 const struct axis *x);
void ascii_rows(const struct ascii *ascii, const struct panel *panel);

#endif
