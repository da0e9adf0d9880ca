/* SPDX-License-Identifier: MIT */
#ifndef BENCH_TABLE_H
#define BENCH_TABLE_H

/* The results of a run on stdout, within 80 columns: a line per case. */
#include "record.h"

void table_print(const struct record *record);

/* A label and a sentence behind it; broken between words on a terminal, one
 * line elsewhere. What follows stands below the sentence where the label stands
 * in from the edge itself, else four columns in. */
void table_sentence(const char *label, const char *sentence);

/* How wide a column is that has the names of all backends. */
enum { TABLE_BACKEND_LEAST = 8, TABLE_BACKEND_MOST = 24 };
size_t table_backend_width(const struct record *record);

#endif
