/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_NAMES_H
#define PLOTS_NAMES_H

#include "axes.h"
#include "sheet.h"

/* Writes the last clauses of a plot command: the lanes' names. */
void names_write(struct sheet *sheet, const struct panel *panel,
                 const struct box *box, const struct axis *x,
                 const struct axis *y);

#endif
