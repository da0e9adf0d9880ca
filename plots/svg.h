/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_SVG_H
#define PLOTS_SVG_H

#include <stdbool.h>
#include <stdio.h>

/*
 * Writes a picture of gnuplot's, drawn on light paper, without what a page
 * does not need, and with the rules that turn it dark where the reader's
 * screen is.
 */
void svg_embed(FILE *out, const char *svg);

/* Writes a picture as an address for an attribute in double quotes; `in_list`
 * where a blank would end it. */
void svg_address(FILE *out, const char *svg, bool in_list);

#endif
