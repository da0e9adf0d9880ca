/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_FRAME_H
#define PLOTS_FRAME_H

/* What all panels have around them: margins, a title, ticks. */
#include "axes.h"
#include "sheet.h"

/* Places the axes and the panel's title above them. */
void frame_place(struct sheet *sheet, const char *title, const struct box *box);

/* Drops ticks of a horizontal axis whose texts would meet; `texts` are theirs,
 * `width` is the axis' on the canvas. */
enum { TICK_BYTES = 32 };
void frame_thin(struct axis *axis, char texts[][TICK_BYTES], double width);

/* Writes "(text value, ...)" for the ticks of a quantity. */
void frame_ticks(FILE *script, const struct axis *axis, enum quantity quantity);
void frame_put_ticks(FILE *script, const struct axis *axis,
                     char texts[][TICK_BYTES]);

/* Sets both ranges and their logarithms. */
void frame_ranges(FILE *script, const struct axis *x, const struct axis *y);

#endif
