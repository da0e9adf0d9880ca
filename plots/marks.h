/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_MARKS_H
#define PLOTS_MARKS_H

/* The worker counts that a reader looks for on an axis of workers: physical
 * cores, usable CPUs, the quota, and what was recommended. */
#include "axes.h"
#include "panel.h"
#include "sheet.h"

/* Writes a vertical for each that the axis holds, its name above the axes. */
void marks_write(struct sheet *sheet, const struct subject *subject,
                 const struct box *box, const struct axis *x);

#endif
