/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_LETTERS_H
#define PLOTS_LETTERS_H

/*
 * Letters that a machine may have no font for. In place of such a letter an SVG
 * has whatever its reader has; in a PNG or PDF Pango draws a box with the
 * letter's number, which in gnuplot is larger than the picture and all that is
 * left of it. So the script asks fontconfig, which is there where Pango is, and
 * reads the data with a '?' in their place.
 */
#include <stdio.h>

#include "figure.h"

/* Writes the lines that choose `data` for the picture at hand; none where all
 * letters of the figure are Latin. Goes behind its terminal and before what
 * reads the data. */
void letters_write(FILE *script, const struct drawing *drawing,
                   const struct subject *subject, const char *stem);

#endif
