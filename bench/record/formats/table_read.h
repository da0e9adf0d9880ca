/* SPDX-License-Identifier: MIT */
#ifndef RECORD_TABLE_READ_H
#define RECORD_TABLE_READ_H

/*
 * Reads a table of worker counts and throughputs: lines of fields between
 * commas, semicolons, tabs or blanks; the first line may name the columns. Those
 * called N, workers, threads, ... and X, throughput_per_s, ... are read, and
 * workload, backend, block, tasks and counts where there are such. Where none has
 * throughputs, one of times is read: elapsed_s, seconds, time_ms, ..., of the
 * row's tasks, or of one. Without names the two columns are N and X. Lines that
 * begin with # are passed over.
 */
#include <stdbool.h>

#include "record.h"
#include "series.h"

/* `text` has a NUL behind its `length` bytes. False with one line in `error`.
 * Call in the C locale. */
bool table_read(const char *path, const char *text, size_t length,
                struct series_list *list, struct record_error *error);

#endif
