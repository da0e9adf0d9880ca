/* SPDX-License-Identifier: MIT */
#ifndef RECORD_EXPORT_H
#define RECORD_EXPORT_H

/* What all exporters share: which samples to write, and what cases are called
 * elsewhere. */
#include "blocks.h"
#include "formats.h"
#include "json_write.h"

/* "sum_squares/backend=thread/workers=8", without control characters and as
 * long as it is: what is cut off may be all that tells two apart. For free();
 * NULL without memory, which is then the writer's error. */
char *export_name(struct json_writer *writer, const struct record_case *one);

/* The summary over blocks; NULL where it is unknown. */
const struct record_summary *export_summary(const struct record *record,
                                            size_t case_index,
                                            const char *metric);

/* Half of the interval's width; NAN where there is none. */
double export_half_width(const struct record_summary *summary);

/* The moment a sample began, ISO 8601 in UTC with this between day and hour;
 * false where it is unknown. */
bool export_moment(const struct record *record,
                   const struct record_sample *sample, char between,
                   char text[40]);

/* Writes what a JSON writer in memory holds, and finishes it. False, and
 * nothing is written, where the writer has an error. */
bool export_json(FILE *out, struct json_writer *writer);

typedef bool export_write(FILE *out, const struct record *record);

export_write export_hyperfine, export_pyperf, export_google_benchmark,
    export_bencher, export_github_smaller, export_github_bigger,
    export_benchfmt, export_csv, export_markdown, export_trace;

#endif
