/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_DRAW_H
#define PLOTS_DRAW_H

/*
 * A drawer puts figures into a folder: scripts, data and, where gnuplot is to
 * be had, pictures.
 */
#include <limits.h>
#include <stdbool.h>

#include "drawing.h"
#include "plots.h"

enum { STEM_BYTES = 96 };

struct drawer {
    const char *folder;
    unsigned formats;
    bool force;
    bool has_gnuplot;
    char gnuplot[PATH_MAX];
    char missing[256]; /* why there is no gnuplot */
};

void drawer_init(struct drawer *drawer, const char *folder, unsigned formats,
                 bool force);

/*
 * Draws one figure about one workload and writes the stem of its files' names
 * into `stem`. The stem is empty where the record has nothing to draw it from.
 * False on trouble, with one line in `error`; a missing gnuplot is none.
 */
bool drawer_draw(struct drawer *drawer, const struct figure *figure,
                 const struct subject *subject, enum drawing_layout layout,
                 char stem[STEM_BYTES], struct plots_error *error);

/* What figures are about: the i-th workload of the record behind `details`. */
struct subject subject_of(const struct details *details, size_t index);

#endif
