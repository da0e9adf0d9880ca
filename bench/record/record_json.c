/* SPDX-License-Identifier: MIT */
/*
 * The parts of a record as JSON. The order of members is the order of writing,
 * so that a record read back is written as the same bytes. What is unknown is
 * null; what a null means stands beside it as "reason".
 */
#include "record_json.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "facts_json.h"

/* A fact of any kind, with its key unless it is an element of a list. */
static void write_fact(struct json_writer *writer, const char *key,
                       const cJSON *fact)
{
    bool is_list = cJSON_IsArray(fact);

    if (is_list || cJSON_IsObject(fact)) {
        json_open(writer, key, is_list ? '[' : '{');
        for (const cJSON *child = fact->child; child; child = child->next)
            write_fact(writer, is_list ? NULL : child->string, child);
        json_close(writer, is_list ? ']' : '}');
    } else if (cJSON_IsString(fact)) {
        json_text(writer, key, fact->valuestring);
    } else if (cJSON_IsNumber(fact)) {
        json_number(writer, key, fact->valuedouble);
    } else if (cJSON_IsBool(fact)) {
        json_bool(writer, key, cJSON_IsTrue(fact));
    } else {
        json_null(writer, key);
    }
}

/* A parameter is text in the program. It is a number in the file where that
 * reads back as the same text: "20", not "020" or "1e3". */
static void write_parameter(struct json_writer *writer,
                            const struct record_parameter *parameter)
{
    char spelled[JSON_NUMBER_BYTES];
    char *end;
    double number = strtod(parameter->value, &end);

    if (end != parameter->value && *end == '\0' && isfinite(number)) {
        json_print_number(spelled, number);
        if (strcmp(spelled, parameter->value) == 0) {
            json_number(writer, parameter->name, number);
            return;
        }
    }
    json_text(writer, parameter->name, parameter->value);
}

static void write_parameters(struct json_writer *writer,
                             const struct record_parameter *parameters,
                             size_t count)
{
    json_open(writer, "params", '{');
    for (size_t i = 0; i < count; i++)
        write_parameter(writer, &parameters[i]);
    json_close(writer, '}');
}

static void write_workload(struct json_writer *writer,
                           const struct record_workload *workload)
{
    json_open(writer, NULL, '{');
    json_text(writer, "id", workload->id);
    json_text(writer, "class", workload->klass);
    json_text(writer, "about", workload->about);
    write_parameters(writer, workload->parameters, workload->parameter_count);
    json_number(writer, "tasks", (double)workload->tasks);
    if (workload->grain.of != NULL) {
        json_open(writer, "grain", '{');
        json_text(writer, "of", workload->grain.of);
        json_text(writer, "param", workload->grain.parameter);
        json_number(writer, "wanted_s", workload->grain.wanted_s);
        json_close(writer, '}');
    }
    json_close(writer, '}');
}

void record_write_case(struct json_writer *writer,
                       const struct record_case *one)
{
    static const char *const statuses[] = {
        [CASE_MEASURED] = "measured",
        [CASE_FAILED] = "failed",
        [CASE_SKIPPED] = "skipped",
    };

    json_open(writer, NULL, '{');
    json_text(writer, "id", one->id);
    json_text(writer, "workload", one->workload);
    json_text(writer, "backend", one->backend);
    json_number(writer, "workers", (double)one->workers);
    write_parameters(writer, one->parameters, one->parameter_count);
    json_number(writer, "tasks", (double)one->tasks);
    json_text(writer, "status", statuses[one->status]);
    json_text(writer, "reason", one->reason);
    json_close(writer, '}');
}

static void write_facts(struct json_writer *writer, const char *key,
                        const struct facts *facts)
{
    json_break(writer);
    write_fact(writer, key, facts_json(facts));
}

void record_write_head(struct json_writer *writer, const struct record *record)
{
    json_open(writer, "schema", '{');
    json_text(writer, "name", SCHEMA_NAME);
    json_text(writer, "version", SCHEMA_VERSION);
    json_close(writer, '}');
    write_facts(writer, "tool", record->tool);
    write_facts(writer, "run", record->run);
    write_facts(writer, "env", record->env);
    json_break(writer);
    json_open(writer, "workloads", '[');
    for (size_t i = 0; i < record->workload_count; i++) {
        json_break(writer);
        write_workload(writer, &record->workloads[i]);
    }
    json_close(writer, ']');
    json_break(writer);
    json_open(writer, "cases", '[');
    for (size_t i = 0; i < record->case_count; i++) {
        json_break(writer);
        record_write_case(writer, &record->cases[i]);
    }
    json_close(writer, ']');
}

/* A percentile p takes 10/(1-p) tasks: which are missing, and how many tasks
 * each would need. Null where none is. */
static void write_latency_reason(struct json_writer *writer,
                                 const struct record_latency *latency)
{
    const struct {
        double value_s;
        const char *needs;
    } percentiles[] = {
        {latency->p50_s, "p50 needs 20 tasks"},
        {latency->p90_s, "p90 needs 100 tasks"},
        {latency->p99_s, "p99 needs 1000 tasks"},
    };
    char reason[96];
    size_t used = 0;

    for (size_t i = 0; i < 3; i++) {
        if (isnan(percentiles[i].value_s))
            used +=
                (size_t)snprintf(reason + used, sizeof reason - used, "%s%s",
                                 used > 0 ? ", " : "", percentiles[i].needs);
    }
    json_text(writer, "reason", used > 0 ? reason : NULL);
}

static void write_histogram(struct json_writer *writer,
                            const struct histogram *histogram)
{
    struct histogram_bucket bucket;

    if (histogram == NULL) {
        json_null(writer, "hist");
        return;
    }
    json_open(writer, "hist", '[');
    for (size_t cursor = 0; histogram_next(histogram, &cursor, &bucket);) {
        json_open(writer, NULL, '[');
        json_number(writer, NULL, bucket.upper_s);
        json_number(writer, NULL, (double)bucket.count);
        json_close(writer, ']');
    }
    json_close(writer, ']');
}

static void write_latency(struct json_writer *writer,
                          const struct record_latency *latency)
{
    if (latency->n == 0) {
        json_null(writer, "latency");
        return;
    }
    json_open(writer, "latency", '{');
    json_text(writer, "kind", latency->kind);
    json_number(writer, "n", (double)latency->n);
    json_number(writer, "max_s", latency->max_s);
    json_number(writer, "p50_s", latency->p50_s);
    json_number(writer, "p90_s", latency->p90_s);
    json_number(writer, "p99_s", latency->p99_s);
    if (latency->kind != NULL && strcmp(latency->kind, "response") == 0) {
        json_number(writer, "late_max_s", latency->late_max_s);
        json_number(writer, "late_mean_s", latency->late_mean_s);
    }
    write_latency_reason(writer, latency);
    write_histogram(writer, latency->histogram);
    json_close(writer, '}');
}

/* Two numbers that belong together, as an object of their own. */
static void write_pair(struct json_writer *writer, const char *key,
                       const char *first, double first_value,
                       const char *second, double second_value)
{
    json_open(writer, key, '{');
    json_number(writer, first, first_value);
    json_number(writer, second, second_value);
    json_close(writer, '}');
}

static void write_delta(struct json_writer *writer,
                        const struct record_sample *sample)
{
    json_open(writer, "delta", '{');
    json_number(writer, "steal_s", sample->steal_s);
    json_number(writer, "throttled_s", sample->throttled_s);
    json_number(writer, "foreign_s", sample->foreign_s);
    json_number(writer, "io_stalled_s", sample->io_stalled_s);
    json_number(writer, "thermal_events", sample->thermal_events);
    json_number(writer, "frequency_hz", sample->frequency_hz);
    json_close(writer, '}');
}

void record_write_sample(struct json_writer *writer,
                         const struct record *record,
                         const struct record_sample *sample)
{
    json_open(writer, NULL, '{');
    json_text(writer, "case", record->cases[sample->case_index].id);
    json_number(writer, "block", (double)sample->block);
    json_number(writer, "position", (double)sample->position);
    json_number(writer, "iteration", (double)sample->iteration);
    json_bool(writer, "warmup", sample->warmup);
    json_number(writer, "started_s", sample->started_s);
    json_number(writer, "elapsed_s", sample->elapsed_s);
    json_number(writer, "tasks", (double)sample->tasks);
    json_number(writer, "submit_s", sample->submit_s);
    json_number(writer, "pool_create_s", sample->pool_create_s);
    json_number(writer, "pool_destroy_s", sample->pool_destroy_s);
    write_pair(writer, "cpu", "user_s", sample->cpu_user_s, "sys_s",
               sample->cpu_sys_s);
    write_pair(writer, "ctx", "voluntary", sample->switches_voluntary,
               "involuntary", sample->switches_involuntary);
    write_pair(writer, "faults", "minor", sample->faults_minor, "major",
               sample->faults_major);
    json_number(writer, "peak_rss_bytes", sample->peak_rss_bytes);
    write_pair(writer, "disk", "read_bytes", sample->disk_read_bytes,
               "written_bytes", sample->disk_written_bytes);
    write_latency(writer, &sample->latency);
    write_delta(writer, sample);
    json_bool(writer, "verified", sample->verified);
    json_text(writer, "excluded_by", sample->excluded_by);
    json_text(writer, "reason", sample->reason);
    json_close(writer, '}');
}

void record_write_interval(struct json_writer *writer, const char *key,
                           const double interval[2])
{
    if (isnan(interval[0]) && isnan(interval[1])) {
        json_null(writer, key);
        return;
    }
    json_open(writer, key, '[');
    json_number(writer, NULL, interval[0]);
    json_number(writer, NULL, interval[1]);
    json_close(writer, ']');
}

static void write_summary(struct json_writer *writer,
                          const struct record *record,
                          const struct record_summary *summary)
{
    json_open(writer, NULL, '{');
    json_text(writer, "case", record->cases[summary->case_index].id);
    json_text(writer, "metric", summary->metric);
    json_number(writer, "estimate", summary->estimate);
    record_write_interval(writer, "ci95", summary->ci95);
    json_number(writer, "median", summary->median);
    record_write_interval(writer, "median_ci95", summary->median_ci95);
    json_number(writer, "n_blocks", (double)summary->block_count);
    json_text(writer, "method", summary->method);
    json_text(writer, "base",
              summary->base == NO_CASE ? NULL
                                       : record->cases[summary->base].id);
    json_text(writer, "reason", summary->reason);
    json_close(writer, '}');
}

static void write_comparison(struct json_writer *writer,
                             const struct record *record,
                             const struct record_comparison *comparison)
{
    json_open(writer, NULL, '{');
    json_text(writer, "a", record->cases[comparison->a].id);
    json_text(writer, "b", record->cases[comparison->b].id);
    json_text(writer, "metric", comparison->metric);
    json_number(writer, "ratio", comparison->ratio);
    record_write_interval(writer, "ci95", comparison->ci95);
    json_bool(writer, "paired", comparison->paired);
    json_number(writer, "delta_ratio", comparison->delta_ratio);
    json_text(writer, "verdict", comparison->verdict);
    json_number(writer, "blocks_needed", comparison->blocks_needed);
    json_number(writer, "p_adjusted", comparison->p_adjusted);
    json_number(writer, "detectable_ratio", comparison->detectable_ratio);
    json_text(writer, "method", comparison->method);
    json_text(writer, "reason", comparison->reason);
    json_close(writer, '}');
}

void record_write_results(struct json_writer *writer,
                          const struct record *record)
{
    json_open(writer, "summaries", '[');
    for (size_t i = 0; i < record->summary_count; i++) {
        json_break(writer);
        write_summary(writer, record, &record->summaries[i]);
    }
    json_close(writer, ']');
    json_break(writer);
    json_open(writer, "comparisons", '[');
    for (size_t i = 0; i < record->comparison_count; i++) {
        json_break(writer);
        write_comparison(writer, record, &record->comparisons[i]);
    }
    json_close(writer, ']');
}
