/* SPDX-License-Identifier: MIT */
/*
 * A record in memory: plain arrays that grow, and finding things in them.
 *
 * An array's capacity is not stored: it is its length rounded up to a power of
 * two, so an append grows it exactly when the length is one (amortised O(1)).
 * That is why elements are only ever appended, one at a time.
 */
#include "record.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "large_memory.h"
#include "record_memory.h"

/* The array with room for one more, that one zeroed; NULL without memory, and
 * then the old array stands. */
static void *grown(void *array, size_t count, size_t element_bytes)
{
    if ((count & (count - 1)) == 0) { /* 0, 1, 2, 4, 8, ... */
        size_t capacity = count == 0 ? 1 : 2 * count;
        if (capacity > SIZE_MAX / element_bytes)
            return NULL;
        array = large_memory_resize(array, capacity * element_bytes);
        if (array == NULL)
            return NULL;
    }
    memset((char *)array + count * element_bytes, 0, element_bytes);
    return array;
}

struct record_workload *record_add_workload(struct record *record)
{
    struct record_workload *workloads =
        grown(record->workloads, record->workload_count, sizeof *workloads);

    if (workloads == NULL)
        return NULL;
    record->workloads = workloads;
    return &workloads[record->workload_count++];
}

struct record_case *record_add_case(struct record *record)
{
    struct record_case *cases =
        grown(record->cases, record->case_count, sizeof *cases);

    if (cases == NULL)
        return NULL;
    record->cases = cases;
    return &cases[record->case_count++];
}

struct record_sample *record_add_sample(struct record *record)
{
    struct record_sample *samples =
        grown(record->samples, record->sample_count, sizeof *samples);

    if (samples == NULL)
        return NULL;
    record->samples = samples;
    return &samples[record->sample_count++];
}

struct record_trace *record_add_trace(struct record *record)
{
    struct record_trace *traces =
        grown(record->traces, record->trace_count, sizeof *traces);

    if (traces == NULL)
        return NULL;
    record->traces = traces;
    return &traces[record->trace_count++];
}

struct record_summary *record_add_summary(struct record *record)
{
    struct record_summary *summaries =
        grown(record->summaries, record->summary_count, sizeof *summaries);

    if (summaries == NULL)
        return NULL;
    record->summaries = summaries;
    return &summaries[record->summary_count++];
}

struct record_comparison *record_add_comparison(struct record *record)
{
    struct record_comparison *comparisons = grown(
        record->comparisons, record->comparison_count, sizeof *comparisons);

    if (comparisons == NULL)
        return NULL;
    record->comparisons = comparisons;
    return &comparisons[record->comparison_count++];
}

struct record_model *record_add_model(struct record *record)
{
    struct record_model *models =
        grown(record->models, record->model_count, sizeof *models);

    if (models == NULL)
        return NULL;
    record->models = models;
    return &models[record->model_count++];
}

struct record_parameter *record_add_parameter(struct record_parameter **list,
                                              size_t *count)
{
    struct record_parameter *parameters =
        grown(*list, *count, sizeof *parameters);

    if (parameters == NULL)
        return NULL;
    *list = parameters;
    return &parameters[(*count)++];
}

static void free_parameters(struct record_parameter *parameters, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        free(parameters[i].name);
        free(parameters[i].value);
    }
    free(parameters);
}

void record_finish_case(struct record_case *one)
{
    free(one->id);
    free(one->workload);
    free(one->backend);
    free(one->reason);
    free_parameters(one->parameters, one->parameter_count);
}

void record_finish_sample(struct record_sample *sample)
{
    free(sample->latency.kind);
    histogram_destroy(sample->latency.histogram);
    free(sample->excluded_by);
    free(sample->reason);
}

static void free_workloads(struct record *record)
{
    for (size_t i = 0; i < record->workload_count; i++) {
        struct record_workload *workload = &record->workloads[i];
        free(workload->id);
        free(workload->klass);
        free(workload->about);
        free_parameters(workload->parameters, workload->parameter_count);
        free(workload->grain.of);
        free(workload->grain.parameter);
    }
    free(record->workloads);
}

void record_clear_results(struct record *record)
{
    for (size_t i = 0; i < record->summary_count; i++) {
        free(record->summaries[i].metric);
        free(record->summaries[i].method);
        free(record->summaries[i].reason);
    }
    for (size_t i = 0; i < record->comparison_count; i++) {
        free(record->comparisons[i].metric);
        free(record->comparisons[i].verdict);
        free(record->comparisons[i].method);
        free(record->comparisons[i].reason);
    }
    free(record->summaries);
    free(record->comparisons);
    record->summaries = NULL;
    record->comparisons = NULL;
    record->summary_count = record->comparison_count = 0;
}

void record_clear_models(struct record *record)
{
    for (size_t i = 0; i < record->model_count; i++)
        record_finish_model(&record->models[i]);
    free(record->models);
    record->models = NULL;
    record->model_count = 0;
}

void record_destroy(struct record *record)
{
    if (record == NULL)
        return;
    facts_destroy(record->tool);
    facts_destroy(record->run);
    facts_destroy(record->env);
    free_workloads(record);
    for (size_t i = 0; i < record->case_count; i++)
        record_finish_case(&record->cases[i]);
    free(record->cases);
    for (size_t i = 0; i < record->sample_count; i++)
        record_finish_sample(&record->samples[i]);
    free(record->samples);
    for (size_t i = 0; i < record->trace_count; i++)
        free(record->traces[i].spans);
    free(record->traces);
    record_clear_results(record);
    record_clear_models(record);
    record_clear_recommendations(record);
    free(record);
}

struct record *record_create(void)
{
    struct record *record = calloc(1, sizeof *record);

    if (record == NULL)
        return NULL;
    record->tool = facts_create();
    record->run = facts_create();
    record->env = facts_create();
    if (record->tool != NULL && record->run != NULL && record->env != NULL)
        return record;
    record_destroy(record);
    return NULL;
}

const struct record_workload *record_workload(const struct record *record,
                                              const char *id)
{
    for (size_t i = 0; i < record->workload_count; i++) {
        if (strcmp(record->workloads[i].id, id) == 0)
            return &record->workloads[i];
    }
    return NULL;
}

size_t record_find_case(const struct record *record, const char *workload,
                        const char *backend, size_t workers)
{
    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        if (one->workers == workers && strcmp(one->backend, backend) == 0 &&
            strcmp(one->workload, workload) == 0)
            return i;
    }
    return NO_CASE;
}

size_t record_serial_case(const struct record *record, const char *workload,
                          const char *backend)
{
    const char *dash = strrchr(backend, '-');
    char serial[64];

    if (strncmp(backend, "cpython", 7) != 0 || dash == NULL ||
        strcmp(dash, "-serial") == 0)
        return record_find_case(record, workload, "serial", 1);
    snprintf(serial, sizeof serial, "%.*s-serial", (int)(dash - backend),
             backend);
    return record_find_case(record, workload, serial, 1);
}

bool record_is_loop(const char *backend)
{
    static const char end[] = "-serial";
    size_t length = strlen(backend);

    return strcmp(backend, "serial") == 0 ||
           (length > strlen(end) &&
            strcmp(backend + length - strlen(end), end) == 0);
}

const struct record_recommendation *
record_find_recommendation(const struct record *record, const char *workload)
{
    for (size_t i = 0; i < record->recommendation_count; i++) {
        const struct record_recommendation *one = &record->recommendations[i];
        if (one->backend != NULL && one->workload != NULL &&
            strcmp(one->workload, workload) == 0)
            return one;
    }
    return NULL;
}

const struct record_summary *record_find_summary(const struct record *record,
                                                 size_t case_index,
                                                 const char *metric,
                                                 size_t base)
{
    for (size_t i = 0; i < record->summary_count; i++) {
        const struct record_summary *summary = &record->summaries[i];
        if (summary->case_index == case_index && summary->base == base &&
            strcmp(summary->metric, metric) == 0)
            return summary;
    }
    return NULL;
}

/* A command of several inputs, a function, a plugin; `ratio` is that of the
 * longest task of `skewed` to the shortest. */
bool record_has_equal_tasks(const struct record_workload *workload)
{
    for (size_t i = 0; i < workload->parameter_count; i++)
        if (strcmp(workload->parameters[i].name, "ratio") == 0)
            return false;
    return strpbrk(workload->id, ":/") == NULL;
}

bool record_is_foreign(const struct record *record)
{
    return strcmp(facts_text(record->tool, "name", ""), "import") == 0;
}

bool record_shares_tasks(const struct record *record,
                         const struct record_case *one)
{
    return strcmp(one->backend, "command") != 0 && !record_is_foreign(record);
}

bool record_is_computing(const struct record_workload *workload)
{
    return workload->klass != NULL &&
           (strcmp(workload->klass, "cpu") == 0 ||
            strcmp(workload->klass, "memory") == 0) &&
           strncmp(workload->id, "py:", 3) != 0;
}
