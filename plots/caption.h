/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_CAPTION_H
#define PLOTS_CAPTION_H

/* The words around a drawing. What holds texts of a record is a quoted column of
 * a gnuplot data file. */
#include <stddef.h>
#include <stdio.h>

#include "figure.h"

/* "sum_squares, n=1000000, 64 tasks" */
void caption_workload(FILE *data, const struct subject *subject,
                      size_t max_chars);
/* How many blocks are behind the points of all panels: "6 blocks", "2 to 6
 * blocks". */
enum { BLOCKS_BYTES = 56 };
void caption_blocks(char text[BLOCKS_BYTES], const struct drawing *drawing);

/* "Bars and bands: 95 % interval of the mean, 6 blocks." */
enum { INTERVALS_BYTES = 256 };
void caption_intervals(char text[INTERVALS_BYTES],
                       const struct drawing *drawing);

/* The bytes of the first line of `text`, of at most so many, which ends at a
 * blank where it can; `*rest` is what comes after it. */
size_t caption_line(const char *text, size_t max_bytes, const char **rest);

/* "2 usable CPUs: AMD EPYC 7763, governor performance" */
void caption_machine(FILE *data, const struct subject *subject,
                     size_t max_chars);

/* A tick of an axis, without trailing zeros: "1.5k", "200 ms", "2x". */
void caption_tick(char *text, size_t text_bytes, enum quantity quantity,
                  double value);

#endif
