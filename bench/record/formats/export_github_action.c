/* SPDX-License-Identifier: MIT */
/*
 * github-action-benchmark's custom format: [{name, unit, value, range, extra}].
 * It takes either numbers that are better when smaller (time) or when bigger
 * (throughput), so these are two files.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "export.h"

static void write_entry(struct json_writer *writer, const struct record *record,
                        size_t index, const struct record_summary *summary,
                        const char *unit)
{
    char *name = export_name(writer, &record->cases[index]);
    char text[120];
    double half = export_half_width(summary);

    json_break(writer);
    json_open(writer, NULL, '{');
    json_text(writer, "name", name);
    json_text(writer, "unit", unit);
    json_number(writer, "value", summary->estimate);
    snprintf(text, sizeof text, "\xc2\xb1 %.3g", half); /* plus-minus */
    if (isfinite(half))
        json_text(writer, "range", text);
    snprintf(text, sizeof text,
             "geometric mean of %zu blocks; 95 %% interval [%.6g, %.6g]",
             summary->block_count, summary->ci95[0], summary->ci95[1]);
    if (isfinite(half))
        json_text(writer, "extra", text);
    json_close(writer, '}');
    free(name);
}

static bool write_all(FILE *out, const struct record *record,
                      const char *metric, const char *unit)
{
    struct json_writer writer;

    json_init(&writer, -1);
    json_open(&writer, NULL, '[');
    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_summary *summary =
            export_summary(record, i, metric);
        if (summary != NULL)
            write_entry(&writer, record, i, summary, unit);
    }
    json_close(&writer, ']');
    return export_json(out, &writer);
}

bool export_github_smaller(FILE *out, const struct record *record)
{
    return write_all(out, record, "elapsed_s", "s");
}

bool export_github_bigger(FILE *out, const struct record *record)
{
    return write_all(out, record, "throughput_per_s", "tasks/s");
}
