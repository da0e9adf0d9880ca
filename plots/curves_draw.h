/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_CURVES_DRAW_H
#define PLOTS_CURVES_DRAW_H

#include "axes.h"
#include "sheet.h"

/* Writes a panel of curves: its axes and its plot command. */
void curves_write(struct sheet *sheet, const struct panel *panel,
                  const struct box *box);

/* Its axes, for another rendering. */
void curves_axes(const struct panel *panel, struct axis *x, struct axis *y);

/* A tick of the horizontal axis: "99 %", "200 ms". */
void curves_tick(char *text, size_t text_bytes, const struct curves *curves,
                 double value);

/* The words for a curve beside its end or in a legend. */
void curves_name(char text[CASE_BYTES], const struct curve *curve);

#endif
