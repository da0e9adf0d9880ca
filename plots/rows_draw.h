/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_ROWS_DRAW_H
#define PLOTS_ROWS_DRAW_H

#include "axes.h"
#include "sheet.h"

/* Writes a panel of rows: its axes and its plot command. */
void rows_write(struct sheet *sheet, const struct panel *panel,
                const struct box *box);

/* Its axes, for another rendering. */
void rows_axes(const struct rows *rows, struct axis *x, struct axis *y);

/* What its names need left of the axes, and what it says right of them. */
double rows_left_room(const struct rows *rows);
double rows_right_room(const struct rows *rows);

/* Its name at the left; "" for another one of the row above. */
void rows_name(char text[CASE_BYTES], const struct row *row);

/* A row's words at the right: "1.97x  slower". Empty where it has none. */
enum { ROW_WORDS_BYTES = 96 };
void rows_words(char text[ROW_WORDS_BYTES], const struct rows *rows,
                const struct row *row);

#endif
