/* SPDX-License-Identifier: MIT */
/*
 * Google Benchmark's JSON, schema version 1: a repetition for each sample,
 * times of one task in nanoseconds; CPU time is that of all workers together.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "export.h"

/* As Google Benchmark has it: not where nobody knows. */
static bool scales(const char *governor)
{
    return governor != NULL && strcmp(governor, "unknown") != 0 &&
           strcmp(governor, "performance") != 0;
}

static void write_context(struct json_writer *writer,
                          const struct record *record)
{
    const char *governor = facts_text(record->env, "cpu.governor", NULL);

    json_open(writer, "context", '{');
    json_text(writer, "date", facts_text(record->run, "started", ""));
    json_text(writer, "host_name", facts_text(record->env, "host", ""));
    json_text(writer, "executable", "cfbench");
    json_number(writer, "num_cpus",
                facts_number(record->env, "cpu.threads", 0));
    json_number(writer, "mhz_per_cpu",
                round(facts_number(record->env, "cpu.mhz", 0)));
    json_bool(writer, "cpu_scaling_enabled", scales(governor));
    json_bool(writer, "aslr_enabled", true);
    json_open(writer, "caches", '[');
    json_close(writer, ']');
    json_open(writer, "load_avg", '[');
    json_number(writer, NULL, facts_number(record->env, "load1", 0));
    json_close(writer, ']');
    json_text(writer, "library_build_type", "release");
    json_number(writer, "json_schema_version", 1);
    json_close(writer, '}');
}

static void write_repetition(struct json_writer *writer,
                             const struct record *record, size_t family,
                             const struct case_blocks *blocks, size_t i)
{
    const struct record_sample *sample = &record->samples[blocks->samples[i]];
    const struct record_case *one = &record->cases[sample->case_index];
    double tasks = (double)sample->tasks;
    double cpu_s = sample->cpu_user_s + sample->cpu_sys_s;
    char *name = export_name(writer, one);

    json_break(writer);
    json_open(writer, NULL, '{');
    json_text(writer, "name", name);
    json_number(writer, "family_index", (double)family);
    json_number(writer, "per_family_instance_index", 0);
    json_text(writer, "run_name", name);
    json_text(writer, "run_type", "iteration");
    json_number(writer, "repetitions", (double)blocks->sample_count);
    json_number(writer, "repetition_index", (double)i);
    json_number(writer, "threads", (double)one->workers);
    json_number(writer, "iterations", tasks);
    json_number(writer, "real_time", 1e9 * sample->elapsed_s / tasks);
    json_number(writer, "cpu_time", isnan(cpu_s) ? 0 : 1e9 * cpu_s / tasks);
    json_text(writer, "time_unit", "ns");
    json_number(writer, "items_per_second", tasks / sample->elapsed_s);
    json_close(writer, '}');
    free(name);
}

bool export_google_benchmark(FILE *out, const struct record *record)
{
    struct json_writer writer;
    struct all_blocks all;

    json_init(&writer, -1);
    json_open(&writer, NULL, '{');
    write_context(&writer, record);
    json_break(&writer);
    json_open(&writer, "benchmarks", '[');
    if (blocks_collect(record, &all)) {
        for (size_t i = 0; i < record->case_count; i++) {
            for (size_t k = 0; k < all.cases[i].sample_count; k++)
                write_repetition(&writer, record, i, &all.cases[i], k);
        }
        blocks_finish(&all);
    } else {
        writer.error = ENOMEM;
    }
    json_close(&writer, ']');
    json_close(&writer, '}');
    return export_json(out, &writer);
}
