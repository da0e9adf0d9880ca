/* SPDX-License-Identifier: MIT */
#ifndef BENCH_OUTPUT_H
#define BENCH_OUTPUT_H

/* Where a run's record goes: chosen, and refused if need be, before anything
 * is measured. */
#include <stdbool.h>

#include "record.h"

/* "cfbench-NAME-TIME.json" in this folder, with nothing of `name` but letters,
 * digits, '.', '_' and '-'; one that does not exist. For free(); NULL without
 * memory. */
char *output_default(const char *name);

/* May the record be written to `path`? False: one line has been said. `force`
 * allows to replace a file that is no record. */
bool output_check(const char *path, bool force);

/* The record could not be written, as has been said: says where its samples
 * are, and what takes them. That is the journal; where it has gone, with its
 * folder say, the record is written to this folder under a name of its own. */
void output_rescue(const struct record *record, const char *journal_path,
                   const char *what_takes_it);

#endif
