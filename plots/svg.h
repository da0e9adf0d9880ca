/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_SVG_H
#define PLOTS_SVG_H

#include <stdio.h>

/*
 * Writes a picture of gnuplot's, drawn on light paper, without what a page
 * does not need, and with the rules that turn it dark where the reader's
 * screen is.
 */
void svg_embed(FILE *out, const char *svg);

#endif
