/* SPDX-License-Identifier: MIT */
/* A record to test with, and files to put it in. */
#include "example.h"

#include <ftw.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "record_memory.h"
#include "scaling.h"

static char folder[64];
static pid_t owner;

static int remove_entry(const char *path, const struct stat *status, int type,
                        struct FTW *place)
{
    (void)status;
    (void)type;
    (void)place;
    return remove(path);
}

static void remove_folder(void)
{
    if (getpid() == owner)
        nftw(folder, remove_entry, 16, FTW_DEPTH | FTW_PHYS);
}

const char *scratch(const char *name)
{
    static char path[512];

    if (folder[0] == '\0') {
        snprintf(folder, sizeof folder, "%s/cfbench-record-XXXXXX",
                 access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
        if (mkdtemp(folder) == NULL)
            abort();
        owner = getpid();
        atexit(remove_folder);
    }
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

char *slurp(const char *path, size_t *length)
{
    FILE *file = fopen(path, "rb");
    char *bytes = NULL;
    size_t room = 0;

    *length = 0;
    if (file == NULL)
        return NULL;
    do {
        room += 1 << 16;
        bytes = realloc(bytes, room + 1);
        if (bytes == NULL)
            abort();
        *length += fread(bytes + *length, 1, room - *length, file);
    } while (*length == room);
    fclose(file);
    bytes[*length] = '\0';
    return bytes;
}

void spill(const char *path, const void *bytes, size_t length)
{
    FILE *file = fopen(path, "wb");

    if (file == NULL || fwrite(bytes, 1, length, file) != length ||
        fclose(file) != 0)
        abort();
}

static void add_case(struct record *record, const char *id, const char *backend,
                     size_t workers)
{
    struct record_case *one = record_add_case(record);

    one->id = strdup(id);
    one->workload = strdup("sum_squares");
    one->backend = strdup(backend);
    one->workers = workers;
    one->tasks = 64;
}

struct record_sample *example_sample(struct record *record, size_t case_index,
                                     size_t block, double elapsed_s)
{
    struct record_sample *sample = record_add_sample(record);

    sample->case_index = case_index;
    sample->block = block;
    sample->position = case_index;
    sample->started_s = 0.25 * (double)block;
    sample->elapsed_s = elapsed_s;
    sample->tasks = 64;
    sample->verified = true;
    return sample;
}

static void add_latency(struct record_sample *sample)
{
    struct histogram *histogram = histogram_create();

    for (int i = 0; i < 64; i++)
        histogram_add(histogram, 1000000 + i * 1000);
    sample->latency = (struct record_latency){
        .kind = strdup("service"),
        .n = 64,
        .max_s = 0.001063,
        .p50_s = histogram_percentile_s(histogram, 0.5),
        .p90_s = NAN,
        .p99_s = NAN,
        .histogram = histogram,
    };
}

static void add_facts(struct record *record)
{
    facts_set_text(record->tool, "version", "0.1.0");
    facts_set_text(record->tool, "build.cc", "gcc \"12\"");
    facts_set_text(record->run, "name",
                   "a\nb\t\"c\"\\ $`<script> \xff\xc3\xa9");
    facts_set_text(record->run, "stop_reason", "blocks");
    facts_set_bool(record->run, "partial", false);
    facts_set_number(record->run, "duration_s", 93.1);
    facts_set_number(record->env, "cpu.quota_cpus", NAN);
    facts_set_number(record->env, "clock.resolution_s", 1e-9);
    facts_add_text(record->run, "argv", "cfbench");
    facts_add_text(record->run, "argv", "run");
    facts_set_text(facts_add_object(record->env, "checks"), "id", "governor");
}

static void add_parameter(struct record_workload *workload, size_t i,
                          const char *name, const char *value)
{
    workload->parameters[i].name = strdup(name);
    workload->parameters[i].value = strdup(value);
}

static void add_odd_samples(struct record *record)
{
    struct record_sample *sample = example_sample(record, 1, 0, 9.0);

    sample->warmup = true;
    sample = example_sample(record, 1, 0, 9.0);
    sample->iteration = 2;
    sample->excluded_by = strdup("steal");
    sample = example_sample(record, 1, 0, NAN);
    sample->iteration = 3;
    sample->verified = false;
    sample->reason = strdup("task 7: wrong result");
}

struct record *example_record(size_t blocks)
{
    struct record *record = record_create();
    struct record_workload *workload = record_add_workload(record);

    add_facts(record);
    workload->id = strdup("sum_squares");
    workload->klass = strdup("cpu");
    workload->about = strdup("sums i*i for i < n");
    workload->tasks = 64;
    workload->parameter_count = 4;
    workload->parameters = calloc(4, sizeof *workload->parameters);
    add_parameter(workload, 0, "n", "100000");
    add_parameter(workload, 1, "share", "0.1");
    add_parameter(workload, 2, "code", "007");
    add_parameter(workload, 3, "url", "file:///etc/hosts");
    add_case(record, "c0", "serial", 1);
    add_case(record, "c1", "thread", 1);
    add_case(record, "c2", "thread", 2);
    add_case(record, "c3", "openmp", 2);
    add_case(record, "c4", "process", 2);
    record->cases[4].status = CASE_FAILED;
    record->cases[4].reason = strdup("a worker died of signal 9");
    add_odd_samples(record);
    for (size_t block = 0; block < blocks; block++) {
        double drift = 1 + 0.01 * (double)(block % 3);
        add_latency(example_sample(record, 0, block, 0.100 * drift));
        add_latency(example_sample(record, 1, block, 0.101 * drift));
        add_latency(example_sample(record, 2, block, 0.0505 * drift));
        add_latency(example_sample(record, 3, block, 0.0606 * drift + 1e-5));
    }
    return record;
}

void example_add_recommendation(struct record *record)
{
    struct record_recommendation *one = record_add_recommendation(record);

    if (one == NULL)
        abort();
    *one = (struct record_recommendation){.workload = strdup("sum_squares"),
                                          .backend = strdup("thread"),
                                          .goal = strdup("knee"),
                                          .within_ratio = 0.05,
                                          .workers = 2,
                                          .confidence_set = {1, 2},
                                          .good_set = {2, 8},
                                          .throughput_per_s = 412.5,
                                          .regret_ratio = 0.01,
                                          .regret_ci95 = {0, 0.02},
                                          .point_count = 4,
                                          .run_count = 40,
                                          .shown = true,
                                          .confirmed = true,
                                          .best_backend = strdup("thread"),
                                          .best_workers = 4,
                                          .cause = strdup("cpu_exhausted"),
                                          .paste = strdup("max_workers=2")};
    if (!record_add_text(&one->evidence, "98 % of 2 usable CPUs are used") ||
        !record_add_text(&one->limits, "2 usable CPUs") ||
        !record_add_alternative(one, "nproc", 2, 0.01) ||
        !record_add_alternative(one, "Goetz", 99, NAN))
        abort();
}

void example_add_model(struct record *record)
{
    struct scaling_value values[12];
    struct record_model *model = record_add_model(record);

    for (size_t i = 0; i < 12; i++) {
        double n = 1 + 3 * (double)i;
        double noise = i % 2 == 0 ? 1.01 : 0.99;
        values[i] = (struct scaling_value){
            n, noise * 100 * n / (1 + 0.05 * (n - 1) + 0.002 * n * (n - 1)),
            NO_BLOCK};
    }
    if (scaling_fit(values, 12, &(struct scaling_request){.model = "usl"},
                    model) != SCALING_FITTED)
        abort();
    model->workload = strdup("sum_squares");
    model->backend = strdup("thread");
}
