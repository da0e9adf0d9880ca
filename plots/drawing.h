/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_DRAWING_H
#define PLOTS_DRAWING_H

#include <stdbool.h>
#include <stdio.h>

#include "figure.h"

enum drawing_layout {
    LAYOUT_WIDE,   /* panels side by side */
    LAYOUT_NARROW, /* panels below each other, for a telephone */
};

/*
 * Writes what gnuplot needs to draw a figure: `script`, in words of ours alone,
 * and `data`, which holds every number and every text of the record. `stem`
 * names the data file and the pictures; `formats` is of enum plots_format.
 */
void drawing_write(FILE *script, FILE *data, const struct figure *figure,
                   const struct drawing *drawing, const struct subject *subject,
                   const char *stem, enum drawing_layout layout,
                   unsigned formats);

#endif
