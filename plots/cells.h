/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_CELLS_H
#define PLOTS_CELLS_H

/* Cells around measured places of a logarithmic axis: each reaches half-way to
 * its neighbours, the outer ones as far outwards. */
#include <math.h>
#include <stddef.h>
#include <stdio.h>

#include "grain.h"
#include "rows.h"

enum { CELLS_MAX = 32 };

struct cell_edges {
    double middles[CELLS_MAX]; /* ascending, above 0 */
    size_t count;
};

static inline void cells_begin(struct cell_edges *edges, size_t count)
{
    edges->count = count < CELLS_MAX ? count : CELLS_MAX;
}

/* The box around the i-th middle, of which only the ends are set. */
static inline struct row_box cells_box(const struct cell_edges *edges, size_t i)
{
    const double *middles = edges->middles;
    double below = i > 0 ? sqrt(middles[i - 1] / middles[i]) : NAN;
    double above =
        i + 1 < edges->count ? sqrt(middles[i + 1] / middles[i]) : NAN;

    if (isnan(below))
        below = isnan(above) ? 0.5 : 1 / above;
    if (isnan(above))
        above = 1 / below;
    return (struct row_box){.from = middles[i] * below,
                            .to = middles[i] * above};
}

/* Where a threshold is, in words: "34 us", "< 10 us", "> 10 ms". */
static inline void cells_words(struct row *row, enum grain_place place,
                               double at_s)
{
    char text[20];

    row->words[0] = '\0';
    quantity_text(text, sizeof text, QUANTITY_SECONDS, at_s);
    if (place != GRAIN_UNKNOWN)
        snprintf(row->words, sizeof row->words, "%s%s",
                 place == GRAIN_BELOW   ? "< "
                 : place == GRAIN_ABOVE ? "> "
                                        : "",
                 text);
    if (place == GRAIN_FOUND)
        row->estimate = at_s;
}

#endif
