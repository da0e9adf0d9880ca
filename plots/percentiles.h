/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_PERCENTILES_H
#define PLOTS_PERCENTILES_H

/* Panels of a latency percentile against workers. */
#include "figure.h"

enum { PERCENTILES = 4 };

extern const struct percentile {
    const char *metric;
    const char *title;
    double percentile;
} percentiles[PERCENTILES];

/* The one of `share`, such as 0.9; NULL: there is none. */
const struct percentile *percentiles_find(double share);

/* Fills a panel, with the time that the advice was to keep as a line where it
 * is of this percentile. False where no case has it. */
bool percentiles_take(struct panel *panel, const struct subject *subject,
                      const struct percentile *percentile);

/* Says in the drawing's note what the bars of such panels are; nothing where
 * they are intervals of means. */
void percentiles_note(struct drawing *drawing);

#endif
