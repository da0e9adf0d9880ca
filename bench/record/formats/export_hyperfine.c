/* SPDX-License-Identifier: MIT */
/*
 * hyperfine's JSON: a result for each case, seconds of a whole batch. Mean and
 * standard deviation are arithmetic there, and user and system are means.
 * Readers of it fail where user, system or exit_codes are absent, so they stand
 * there, 0 where unknown. Parameters are texts.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <stdlib.h>

#include "export.h"

typedef double value_of(const struct record_sample *sample);

static double elapsed(const struct record_sample *sample)
{
    return sample->elapsed_s;
}

static double user(const struct record_sample *sample)
{
    return isnan(sample->cpu_user_s) ? 0 : sample->cpu_user_s;
}

static double sys(const struct record_sample *sample)
{
    return isnan(sample->cpu_sys_s) ? 0 : sample->cpu_sys_s;
}

static double memory(const struct record_sample *sample)
{
    return sample->peak_rss_bytes;
}

static void collect(const struct record *record,
                    const struct case_blocks *blocks, value_of *value,
                    double *values)
{
    for (size_t i = 0; i < blocks->sample_count; i++)
        values[i] = value(&record->samples[blocks->samples[i]]);
}

static void write_list(struct json_writer *writer, const char *key,
                       const double *values, size_t count)
{
    json_open(writer, key, '[');
    for (size_t i = 0; i < count; i++)
        json_number(writer, NULL, values[i]);
    json_close(writer, ']');
}

static void write_numbers(struct json_writer *writer,
                          const struct record *record,
                          const struct case_blocks *blocks, double *values)
{
    size_t n = blocks->sample_count;

    collect(record, blocks, elapsed, values);
    json_number(writer, "mean", gsl_stats_mean(values, 1, n));
    json_number(writer, "stddev", n > 1 ? gsl_stats_sd(values, 1, n) : NAN);
    gsl_sort(values, 1, n);
    json_number(writer, "median",
                gsl_stats_median_from_sorted_data(values, 1, n));
    collect(record, blocks, user, values);
    json_number(writer, "user", gsl_stats_mean(values, 1, n));
    collect(record, blocks, sys, values);
    json_number(writer, "system", gsl_stats_mean(values, 1, n));
    collect(record, blocks, elapsed, values);
    json_number(writer, "min", gsl_stats_min(values, 1, n));
    json_number(writer, "max", gsl_stats_max(values, 1, n));
    write_list(writer, "times", values, n);
    collect(record, blocks, memory, values);
    if (isfinite(gsl_stats_mean(values, 1, n)))
        write_list(writer, "memory_usage_byte", values, n);
    for (size_t i = 0; i < n; i++)
        values[i] = 0; /* what failed enters no statistic */
    write_list(writer, "exit_codes", values, n);
}

static void write_result(struct json_writer *writer,
                         const struct record *record, size_t index,
                         const struct case_blocks *blocks, double *values)
{
    const struct record_case *one = &record->cases[index];
    char *name = export_name(writer, one);
    char workers[24];

    snprintf(workers, sizeof workers, "%zu", one->workers);
    json_break(writer);
    json_open(writer, NULL, '{');
    json_text(writer, "command", name);
    free(name);
    write_numbers(writer, record, blocks, values);
    json_open(writer, "parameters", '{');
    json_text(writer, "workload", one->workload);
    json_text(writer, "backend", one->backend);
    json_text(writer, "workers", workers);
    json_close(writer, '}');
    json_close(writer, '}');
}

bool export_hyperfine(FILE *out, const struct record *record)
{
    struct json_writer writer;
    struct all_blocks all;
    double *values = calloc(record->sample_count + 1, sizeof *values);

    json_init(&writer, -1);
    json_open(&writer, NULL, '{');
    json_open(&writer, "results", '[');
    if (values != NULL && blocks_collect(record, &all)) {
        for (size_t i = 0; i < record->case_count; i++) {
            if (all.cases[i].sample_count > 0)
                write_result(&writer, record, i, &all.cases[i], values);
        }
        blocks_finish(&all);
    } else {
        writer.error = ENOMEM;
    }
    free(values);
    json_close(&writer, ']');
    json_close(&writer, '}');
    return export_json(out, &writer);
}
