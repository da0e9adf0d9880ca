/* SPDX-License-Identifier: MIT */
/*
 * pyperf's JSON 1.0: a benchmark for each case, a run for each sample, since
 * each of ours is a process of its own. A value is the seconds of one task, and
 * loops how many there were. Warm-ups become runs without values, as pyperf's
 * own calibration has them.
 */
#include <errno.h>
#include <math.h>
#include <stdlib.h>

#include "export.h"

static double s_per_task(const struct record_sample *sample)
{
    return sample->elapsed_s / (double)sample->tasks;
}

static void write_run(struct json_writer *writer, const struct record *record,
                      const struct record_sample *sample)
{
    char moment[40];

    json_open(writer, NULL, '{');
    json_open(writer, "metadata", '{');
    if (export_moment(record, sample, ' ', moment))
        json_text(writer, "date", moment);
    json_number(writer, "duration", sample->elapsed_s);
    json_number(writer, "loops", (double)sample->tasks);
    json_close(writer, '}');
    if (sample->warmup) {
        json_open(writer, "warmups", '[');
        json_open(writer, NULL, '[');
        json_number(writer, NULL, (double)sample->tasks);
        json_number(writer, NULL, s_per_task(sample));
        json_close(writer, ']');
    } else {
        json_open(writer, "values", '[');
        json_number(writer, NULL, s_per_task(sample));
    }
    json_close(writer, ']');
    json_close(writer, '}');
}

static void write_warmups(struct json_writer *writer,
                          const struct record *record, size_t case_index)
{
    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];
        if (sample->case_index == case_index && sample->warmup &&
            sample->verified && sample->elapsed_s > 0 && sample->tasks > 0)
            write_run(writer, record, sample);
    }
}

static void write_benchmark(struct json_writer *writer,
                            const struct record *record, size_t index,
                            const struct case_blocks *blocks)
{
    const struct record_case *one = &record->cases[index];
    char *name = export_name(writer, one);

    json_break(writer);
    json_open(writer, NULL, '{');
    json_open(writer, "metadata", '{');
    json_text(writer, "name", name);
    free(name);
    json_number(writer, "workers", (double)one->workers);
    json_close(writer, '}');
    json_open(writer, "runs", '[');
    write_warmups(writer, record, index);
    for (size_t i = 0; i < blocks->sample_count; i++)
        write_run(writer, record, &record->samples[blocks->samples[i]]);
    json_close(writer, ']');
    json_close(writer, '}');
}

static void write_metadata(struct json_writer *writer,
                           const struct record *record)
{
    double threads = facts_number(record->env, "cpu.threads", NAN);
    const char *model = facts_text(record->env, "cpu.model", NULL);
    const char *host = facts_text(record->env, "host", NULL);

    json_break(writer);
    json_open(writer, "metadata", '{');
    json_text(writer, "unit", "second");
    if (isfinite(threads))
        json_number(writer, "cpu_count", threads);
    if (model != NULL)
        json_text(writer, "cpu_model_name", model);
    if (host != NULL)
        json_text(writer, "hostname", host);
    json_close(writer, '}');
    json_text(writer, "version", "1.0");
}

bool export_pyperf(FILE *out, const struct record *record)
{
    struct json_writer writer;
    struct all_blocks all;

    json_init(&writer, -1);
    json_open(&writer, NULL, '{');
    json_open(&writer, "benchmarks", '[');
    if (blocks_collect(record, &all)) {
        for (size_t i = 0; i < record->case_count; i++) {
            if (all.cases[i].sample_count > 0)
                write_benchmark(&writer, record, i, &all.cases[i]);
        }
        blocks_finish(&all);
    } else {
        writer.error = ENOMEM;
    }
    json_close(&writer, ']');
    write_metadata(&writer, record);
    json_close(&writer, '}');
    return export_json(out, &writer);
}
