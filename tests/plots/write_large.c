/* SPDX-License-Identifier: MIT */
/* Writes a record of 200 cases (5 workloads, 5 backends, 8 worker counts) with
 * as many samples as are asked for: write_large SAMPLES FILE */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record.h"

enum { WORKLOADS = 5, COUNTS = 8 };

static const char *const backends[] = {"thread", "process", "openmp", "gil",
                                       "mpi"};
enum { BACKENDS = sizeof backends / sizeof *backends };

static double noise(uint64_t *state)
{
    *state = *state * UINT64_C(6364136223846793005) + 1442695040888963407;
    return (double)(*state >> 11) / 9007199254740992.0 - 0.5;
}

static void add_workloads(struct record *record)
{
    char id[16];

    for (int i = 0; i < WORKLOADS; i++) {
        struct record_workload *one = record_add_workload(record);
        snprintf(id, sizeof id, "work%d", i);
        one->id = strdup(id);
        one->klass = strdup("cpu");
        one->tasks = 1000;
    }
}

static void add_cases(struct record *record)
{
    char text[16];

    for (int i = 0; i < WORKLOADS * BACKENDS * COUNTS; i++) {
        struct record_case *one = record_add_case(record);
        snprintf(text, sizeof text, "c%d", i + 1);
        one->id = strdup(text);
        snprintf(text, sizeof text, "work%d", i / (BACKENDS * COUNTS));
        one->workload = strdup(text);
        one->backend = strdup(backends[i / COUNTS % BACKENDS]);
        one->workers = (size_t)1 << i % COUNTS;
        one->tasks = 1000;
    }
}

static struct histogram *times(double task_s)
{
    struct histogram_bucket buckets[] = {
        {task_s, 500}, {1.1 * task_s, 480}, {2 * task_s, 20}};

    return histogram_from_buckets(buckets, 3);
}

static void add_sample(struct record *record, size_t i, uint64_t *state)
{
    struct record_sample *sample = record_add_sample(record);
    const struct record_case *one = &record->cases[i % record->case_count];
    double speed = fmin((double)one->workers, 8);
    double elapsed_s = 0.1 / speed * (1 + 0.02 * noise(state));

    sample->case_index = i % record->case_count;
    sample->block = i / record->case_count;
    sample->position = i % record->case_count;
    sample->started_s = 0.15 * (double)i;
    sample->elapsed_s = elapsed_s;
    sample->tasks = 1000;
    sample->submit_s = 1e-4;
    sample->pool_create_s = 2e-4;
    sample->pool_destroy_s = 1e-4;
    sample->cpu_user_s = 0.1;
    sample->peak_rss_bytes = 7340032;
    sample->latency = (struct record_latency){.kind = strdup("service"),
                                              .n = 1000,
                                              .max_s = 2e-4,
                                              .p50_s = 1e-4,
                                              .p90_s = 1.1e-4,
                                              .p99_s = 2e-4,
                                              .histogram = times(1e-4)};
    sample->verified = true;
}

int main(int argc, char **argv)
{
    struct record_error error;
    struct record *record = record_create();
    size_t count = argc == 3 ? (size_t)strtoul(argv[1], NULL, 10) : 0;
    uint64_t state = 42;

    if (count == 0 || record == NULL)
        return fputs("usage: write_large SAMPLES FILE\n", stderr), 2;
    facts_set_text(record->run, "name", "large");
    facts_set_number(record->env, "cpu.usable", 8);
    add_workloads(record);
    add_cases(record);
    for (size_t i = 0; i < count; i++)
        add_sample(record, i, &state);
    if (!record_summarize(record) || !record_write(record, argv[2], &error))
        return fputs("write_large: not written\n", stderr), 2;
    record_destroy(record);
    return 0;
}
