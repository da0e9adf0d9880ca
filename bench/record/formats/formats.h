/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FORMATS_H
#define RECORD_FORMATS_H

/*
 * Files of other tools: read as records, and written from them. One file a
 * format; imports.c and exports.c list them. What is read is not to be trusted:
 * anything that is not as the format has it is refused with one line.
 */
#include <stdbool.h>
#include <stdio.h>

#include "record.h"
#include "series.h"

/*
 * A record from a file of hyperfine, pyperf, Google Benchmark (all JSON) or from
 * a table of N and X; from a record of ours as well. Summarized, not fitted.
 * NULL with one line in `error`.
 */
struct record *formats_import(const char *path, struct record_error *error);

/* The same as values for fitting: `*record` where they come in cases, else
 * `series`. The other one stays NULL, or empty. */
bool formats_read_values(const char *path, struct record **record,
                         struct series_list *series,
                         struct record_error *error);

/* A way to write a record as another tool would. */
struct export_format {
    const char *name; /* as typed: "hyperfine" */
    const char *about;
    /* False without memory; what else fails is the stream's error. */
    bool (*write)(FILE *out, const struct record *record);
};

/* All of them; a NULL name ends the list. */
extern const struct export_format export_formats[];

/* By name; NULL: there is none. */
const struct export_format *export_format_find(const char *name);

/* Writes through a buffer into `path` by replacement, or to stdout where it is
 * NULL. False with one line in `error`. */
bool formats_export(const struct record *record,
                    const struct export_format *format, const char *path,
                    struct record_error *error);

#endif
