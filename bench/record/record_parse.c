/* SPDX-License-Identifier: MIT */
/*
 * From parsed JSON to the record's structs: the mirror of record_json.c. An
 * element is read whole, with the first fault noted on the way; only then is it
 * looked at. What was read of a faulty one stays in the record, which is to be
 * destroyed, so nothing is undone here.
 */
#include "record_parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "json_write.h"
#include "record_memory.h"

void record_parser_finish(struct record_parser *parser)
{
    id_index_finish(&parser->workloads);
    id_index_finish(&parser->cases);
    free(parser->buckets);
}

static bool out_of_memory(struct json_fields *fields)
{
    json_note(fields, "element", "out of memory");
    return false;
}

/* A parameter's text: numbers as they are spelled when written. */
static char *parameter_text(const cJSON *item)
{
    char spelled[JSON_NUMBER_BYTES];

    if (!cJSON_IsNumber(item))
        return strdup(cJSON_IsString(item) ? item->valuestring : "");
    json_print_number(spelled, item->valuedouble);
    return strdup(spelled);
}

static void parse_parameters(struct json_fields *fields,
                             struct record_parameter **list, size_t *count)
{
    struct json_fields members = json_read_inside(fields, "params");

    for (const cJSON *item = members.expected; item; item = item->next) {
        struct record_parameter *parameter = record_add_parameter(list, count);
        if (parameter == NULL) {
            out_of_memory(fields);
            return;
        }
        parameter->name = strdup(item->string);
        parameter->value = parameter_text(item);
        if (parameter->name == NULL || parameter->value == NULL)
            out_of_memory(fields);
    }
}

/* Enters an id that must be new. */
static void enter_id(struct json_fields *fields, struct id_index *index,
                     const char *id, size_t place)
{
    if (id == NULL)
        return; /* noted already */
    if (id_index_find(index, id) != ID_UNKNOWN)
        json_note(fields, "id", "used twice");
    else if (!id_index_add(index, id, place))
        out_of_memory(fields);
}

static void parse_grain(struct json_fields *fields, struct record_grain *grain)
{
    struct json_fields inside = json_read_inside(fields, "grain");

    grain->of = json_read_text(&inside, "of");
    grain->parameter = json_read_text(&inside, "param");
    grain->wanted_s = json_read_number(&inside, "wanted_s");
}

bool record_parse_workload(struct record_parser *parser, const cJSON *element,
                           struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    struct record_workload *workload = record_add_workload(parser->record);

    if (workload == NULL)
        return out_of_memory(&fields);
    workload->id = json_read_name(&fields, "id");
    workload->klass = json_read_name(&fields, "class");
    workload->about = json_read_text(&fields, "about");
    parse_parameters(&fields, &workload->parameters,
                     &workload->parameter_count);
    workload->tasks = json_read_count(&fields, "tasks");
    parse_grain(&fields, &workload->grain);
    enter_id(&fields, &parser->workloads, workload->id,
             parser->record->workload_count - 1);
    return fault->member == NULL;
}

static enum record_status parse_status(struct json_fields *fields)
{
    char *status = json_read_name(fields, "status");
    enum record_status result = CASE_MEASURED;

    if (status == NULL)
        return result;
    if (strcmp(status, "failed") == 0)
        result = CASE_FAILED;
    else if (strcmp(status, "skipped") == 0)
        result = CASE_SKIPPED;
    else if (strcmp(status, "measured") != 0)
        json_note(fields, "status", "not one of measured, failed, skipped");
    free(status);
    return result;
}

static void parse_case(struct record_parser *parser, const cJSON *element,
                       struct json_fault *fault, struct record_case *one)
{
    struct json_fields fields = json_fields(element, fault);

    one->id = json_read_name(&fields, "id");
    one->workload = json_read_name(&fields, "workload");
    one->backend = json_read_name(&fields, "backend");
    one->workers = json_read_count(&fields, "workers");
    parse_parameters(&fields, &one->parameters, &one->parameter_count);
    one->tasks = json_read_count(&fields, "tasks");
    one->status = parse_status(&fields);
    one->reason = json_read_text(&fields, "reason");
    if (one->workload != NULL &&
        id_index_find(&parser->workloads, one->workload) == ID_UNKNOWN)
        json_note(&fields, "workload", "not in the list of workloads");
}

bool record_parse_case(struct record_parser *parser, const cJSON *element,
                       struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    struct record_case *one = record_add_case(parser->record);

    if (one == NULL)
        return out_of_memory(&fields);
    parse_case(parser, element, fault, one);
    enter_id(&fields, &parser->cases, one->id, parser->record->case_count - 1);
    return fault->member == NULL;
}

bool record_parse_case_again(struct record_parser *parser, const cJSON *element,
                             struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    char *id = json_read_name(&fields, "id");
    size_t place = id == NULL ? ID_UNKNOWN : id_index_find(&parser->cases, id);
    struct record_case now = {0};
    struct record_case *before;

    free(id);
    if (place == ID_UNKNOWN)
        return record_parse_case(parser, element, fault);
    parse_case(parser, element, fault, &now);
    before = &parser->record->cases[place];
    free(now.id); /* the index holds on to the first spelling */
    now.id = before->id;
    before->id = NULL;
    record_finish_case(before);
    *before = now;
    return fault->member == NULL;
}

size_t record_parse_case_id(struct record_parser *parser,
                            struct json_fields *fields, const char *name,
                            bool is_needed)
{
    const cJSON *item = json_read_any(fields, name);
    size_t place = ID_UNKNOWN;

    if (cJSON_IsString(item))
        place = id_index_find(&parser->cases, item->valuestring);
    if (place != ID_UNKNOWN)
        return place;
    if (is_needed || item != NULL)
        json_note(fields, name, "not the id of a case");
    return NO_CASE;
}

static bool parse_bucket(const cJSON *pair, struct histogram_bucket *bucket)
{
    const cJSON *upper = cJSON_IsArray(pair) ? pair->child : NULL;
    const cJSON *count = upper == NULL ? NULL : upper->next;

    if (!json_is_number(upper) || !json_is_count(count))
        return false;
    bucket->upper_s = upper->valuedouble;
    bucket->count = (uint64_t)count->valuedouble;
    return true;
}

static struct histogram *parse_histogram(struct json_fields *fields)
{
    const cJSON *list = json_read_any(fields, "hist");
    struct histogram *histogram = NULL;
    struct histogram_bucket *buckets;
    size_t count = 0;

    if (list == NULL)
        return NULL;
    buckets = calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *buckets);
    if (buckets == NULL || !cJSON_IsArray(list))
        goto free_buckets;
    for (const cJSON *pair = list->child; pair != NULL; pair = pair->next) {
        if (!parse_bucket(pair, &buckets[count++]))
            goto free_buckets;
    }
    histogram = histogram_from_buckets(buckets, count);

free_buckets:
    free(buckets);
    if (histogram == NULL)
        json_note(fields, "hist", "not a list of [seconds, count], ascending");
    return histogram;
}

static void parse_latency(struct json_fields *fields,
                          struct record_latency *latency)
{
    struct json_fields inside = json_read_inside(fields, "latency");

    latency->kind = json_read_text(&inside, "kind");
    latency->n = json_read_count(&inside, "n");
    latency->max_s = json_read_number(&inside, "max_s");
    latency->p50_s = json_read_number(&inside, "p50_s");
    latency->p90_s = json_read_number(&inside, "p90_s");
    latency->p99_s = json_read_number(&inside, "p99_s");
    latency->late_max_s = json_read_number(&inside, "late_max_s");
    latency->late_mean_s = json_read_number(&inside, "late_mean_s");
    latency->histogram = parse_histogram(&inside);
}

/* The members of a sample that stand in objects of their own. */
static void parse_usage(struct json_fields *fields,
                        struct record_sample *sample)
{
    struct json_fields inside = json_read_inside(fields, "cpu");

    sample->cpu_user_s = json_read_number(&inside, "user_s");
    sample->cpu_sys_s = json_read_number(&inside, "sys_s");
    inside = json_read_inside(fields, "ctx");
    sample->switches_voluntary = json_read_number(&inside, "voluntary");
    sample->switches_involuntary = json_read_number(&inside, "involuntary");
    inside = json_read_inside(fields, "faults");
    sample->faults_minor = json_read_number(&inside, "minor");
    sample->faults_major = json_read_number(&inside, "major");
    sample->peak_rss_bytes = json_read_number(fields, "peak_rss_bytes");
    inside = json_read_inside(fields, "disk");
    sample->disk_read_bytes = json_read_number(&inside, "read_bytes");
    sample->disk_written_bytes = json_read_number(&inside, "written_bytes");
    parse_latency(fields, &sample->latency);
    inside = json_read_inside(fields, "delta");
    sample->steal_s = json_read_number(&inside, "steal_s");
    sample->throttled_s = json_read_number(&inside, "throttled_s");
    sample->foreign_s = json_read_number(&inside, "foreign_s");
    sample->io_stalled_s = json_read_number(&inside, "io_stalled_s");
    sample->thermal_events = json_read_number(&inside, "thermal_events");
    sample->frequency_hz = json_read_number(&inside, "frequency_hz");
}

bool record_parse_sample(struct record_parser *parser, const cJSON *element,
                         struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    struct record_sample *sample = record_add_sample(parser->record);

    if (sample == NULL)
        return out_of_memory(&fields);
    sample->case_index = record_parse_case_id(parser, &fields, "case", true);
    sample->block = json_read_count(&fields, "block");
    sample->position = json_read_count(&fields, "position");
    sample->iteration = json_read_count(&fields, "iteration");
    sample->warmup = json_read_bool(&fields, "warmup");
    sample->started_s = json_read_number(&fields, "started_s");
    sample->elapsed_s = json_read_number(&fields, "elapsed_s");
    sample->tasks = json_read_count(&fields, "tasks");
    sample->submit_s = json_read_number(&fields, "submit_s");
    sample->pool_create_s = json_read_number(&fields, "pool_create_s");
    sample->pool_destroy_s = json_read_number(&fields, "pool_destroy_s");
    parse_usage(&fields, sample);
    sample->verified = json_read_bool(&fields, "verified");
    sample->excluded_by = json_read_text(&fields, "excluded_by");
    sample->reason = json_read_text(&fields, "reason");
    return fault->member == NULL;
}

bool record_parse_summary(struct record_parser *parser, const cJSON *element,
                          struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    struct record_summary *summary = record_add_summary(parser->record);

    if (summary == NULL)
        return out_of_memory(&fields);
    summary->case_index = record_parse_case_id(parser, &fields, "case", true);
    summary->metric = json_read_name(&fields, "metric");
    summary->estimate = json_read_number(&fields, "estimate");
    json_read_interval(&fields, "ci95", summary->ci95);
    summary->median = json_read_number(&fields, "median");
    json_read_interval(&fields, "median_ci95", summary->median_ci95);
    summary->block_count = json_read_count(&fields, "n_blocks");
    summary->method = json_read_text(&fields, "method");
    summary->base = record_parse_case_id(parser, &fields, "base", false);
    summary->reason = json_read_text(&fields, "reason");
    return fault->member == NULL;
}

static void check_verdict(struct json_fields *fields, const char *verdict)
{
    static const char *const known[] = {"faster", "slower", "equivalent",
                                        "inconclusive"};

    for (size_t i = 0; verdict != NULL && i < 4; i++) {
        if (strcmp(verdict, known[i]) == 0)
            return;
    }
    json_note(fields, "verdict", "not a verdict");
}

bool record_parse_comparison(struct record_parser *parser, const cJSON *element,
                             struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    struct record_comparison *comparison =
        record_add_comparison(parser->record);

    if (comparison == NULL)
        return out_of_memory(&fields);
    comparison->a = record_parse_case_id(parser, &fields, "a", true);
    comparison->b = record_parse_case_id(parser, &fields, "b", true);
    comparison->metric = json_read_name(&fields, "metric");
    comparison->ratio = json_read_number(&fields, "ratio");
    json_read_interval(&fields, "ci95", comparison->ci95);
    comparison->paired = json_read_bool(&fields, "paired");
    comparison->delta_ratio = json_read_number(&fields, "delta_ratio");
    comparison->verdict = json_read_name(&fields, "verdict");
    check_verdict(&fields, comparison->verdict);
    comparison->blocks_needed = json_read_number(&fields, "blocks_needed");
    comparison->p_adjusted = json_read_number(&fields, "p_adjusted");
    comparison->detectable_ratio =
        json_read_number(&fields, "detectable_ratio");
    comparison->method = json_read_text(&fields, "method");
    comparison->reason = json_read_text(&fields, "reason");
    return fault->member == NULL;
}
