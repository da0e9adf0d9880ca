/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_ASCII_H
#define PLOTS_ASCII_H

#include <stdio.h>

#include "panel.h"

/* Draws the panel as bars in 80 columns of ASCII, for a place without
 * gnuplot. */
void ascii_draw(FILE *out, const struct panel *panel,
                const struct subject *subject);

#endif
