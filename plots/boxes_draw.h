/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_BOXES_DRAW_H
#define PLOTS_BOXES_DRAW_H

#include "axes.h"
#include "sheet.h"
#include "theme.h"

/* The class that a shade from SHADE_SCALE on is drawn as. */
const struct theme_scale *boxes_scale(unsigned shade);

/* Writes the clauses of a plot command that draw the boxes of rows, what
 * stands in them, and the marks across the rows. */
void boxes_write(struct sheet *sheet, const struct rows *rows,
                 const struct box *box, const struct axis *x,
                 const struct axis *y);

#endif
