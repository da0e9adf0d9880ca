/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_ALTERNATIVE_H
#define PLOTS_ALTERNATIVE_H

#include <stdio.h>

#include "panel.h"

/* Says in words what a panel shows, as HTML text: the numbers behind its
 * marks, for those who cannot see it. */
void alternative_write(FILE *out, const struct panel *panel);

#endif
