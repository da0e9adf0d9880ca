/* SPDX-License-Identifier: MIT */
#ifndef RECORD_TABLE_NAMES_H
#define RECORD_TABLE_NAMES_H

#include <stddef.h>

/* What a table's columns are about. */
enum table_column {
    TABLE_WORKERS,
    TABLE_RATE,
    TABLE_TIME, /* in its place, of the row's tasks or of one */
    TABLE_WORKLOAD,
    TABLE_BACKEND,
    TABLE_BLOCK,
    TABLE_COUNTS,
    TABLE_TASKS,
    TABLE_COLUMNS
};

/* The column of that name, in whatever case and with any signs between its words;
 * TABLE_COLUMNS: of none. Of a time `*unit_s` is set, in seconds. */
enum table_column table_column_called(const char *name, size_t length,
                                      double *unit_s);

#endif
