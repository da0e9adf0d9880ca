/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_MODEL_DRAW_H
#define PLOTS_MODEL_DRAW_H

#include "axes.h"
#include "sheet.h"

/* Writes the clauses that draw a panel's model: its band, its line (dashed,
 * and dotted past what was measured), and its peak where the data show one. */
void model_write(struct sheet *sheet, const struct panel *panel,
                 const struct axis *x);

/* The same as a word of ours: "USL"; "model" for one that we do not know. */
const char *model_word(const struct record_model *model);

#endif
