/* SPDX-License-Identifier: MIT */
/*
 * Bencher Metric Format: {case: {measure: {value, lower_value, upper_value}}}.
 * Its measures latency and throughput are nanoseconds and operations a second:
 * here of one task. The bounds are our 95 % interval; without one there are
 * none.
 */
#include <math.h>
#include <stdlib.h>

#include "export.h"

static void write_measure(struct json_writer *writer, const char *measure,
                          const struct record_summary *summary, double factor)
{
    if (summary == NULL)
        return;
    json_open(writer, measure, '{');
    json_number(writer, "value", factor * summary->estimate);
    if (isfinite(summary->ci95[0]) && isfinite(summary->ci95[1])) {
        json_number(writer, "lower_value", factor * summary->ci95[0]);
        json_number(writer, "upper_value", factor * summary->ci95[1]);
    }
    json_close(writer, '}');
}

bool export_bencher(FILE *out, const struct record *record)
{
    struct json_writer writer;

    json_init(&writer, -1);
    json_open(&writer, NULL, '{');
    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_summary *elapsed =
            export_summary(record, i, "elapsed_s");
        char *name;
        if (elapsed == NULL || record->cases[i].tasks == 0)
            continue;
        name = export_name(&writer, &record->cases[i]);
        json_break(&writer);
        json_open(&writer, name, '{');
        free(name);
        write_measure(&writer, "latency", elapsed,
                      1e9 / (double)record->cases[i].tasks);
        write_measure(&writer, "throughput",
                      export_summary(record, i, "throughput_per_s"), 1);
        json_close(&writer, '}');
    }
    json_close(&writer, '}');
    return export_json(out, &writer);
}
