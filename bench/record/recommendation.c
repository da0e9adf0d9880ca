/* SPDX-License-Identifier: MIT */
/* A recommendation in a record: memory, JSON and back. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record_json.h"
#include "record_memory.h"
#include "record_parse.h"

/* --- memory --- */

struct record_recommendation *record_add_recommendation(struct record *record)
{
    struct record_recommendation *list =
        reallocarray(record->recommendations, record->recommendation_count + 1,
                     sizeof *list);

    if (list == NULL)
        return NULL;
    record->recommendations = list;
    list[record->recommendation_count] = (struct record_recommendation){0};
    return &list[record->recommendation_count++];
}

bool record_add_text(struct record_texts *texts, const char *text)
{
    char **list =
        reallocarray(texts->list, texts->count + 1, sizeof *texts->list);

    if (list == NULL)
        return false;
    texts->list = list;
    list[texts->count] = strdup(text);
    return list[texts->count++] != NULL;
}

bool record_add_alternative(struct record_recommendation *to, const char *name,
                            size_t workers, double regret_ratio)
{
    struct record_alternative *list =
        reallocarray(to->alternatives, to->alternative_count + 1, sizeof *list);

    if (list == NULL)
        return false;
    to->alternatives = list;
    list[to->alternative_count] = (struct record_alternative){
        .name = strdup(name), .workers = workers, .regret_ratio = regret_ratio};
    return list[to->alternative_count++].name != NULL;
}

static void free_texts(struct record_texts *texts)
{
    for (size_t i = 0; i < texts->count; i++)
        free(texts->list[i]);
    free(texts->list);
}

static void finish(struct record_recommendation *one)
{
    free(one->workload);
    free(one->backend);
    free(one->goal);
    free(one->best_backend);
    free(one->cause);
    free(one->paste);
    free(one->reason);
    free_texts(&one->evidence);
    free_texts(&one->limits);
    for (size_t i = 0; i < one->alternative_count; i++)
        free(one->alternatives[i].name);
    free(one->alternatives);
}

void record_clear_recommendations(struct record *record)
{
    for (size_t i = 0; i < record->recommendation_count; i++)
        finish(&record->recommendations[i]);
    free(record->recommendations);
    record->recommendations = NULL;
    record->recommendation_count = 0;
}

/* --- writing --- */

static void write_texts(struct json_writer *writer, const char *key,
                        const struct record_texts *texts)
{
    json_open(writer, key, '[');
    for (size_t i = 0; i < texts->count; i++)
        json_text(writer, NULL, texts->list[i]);
    json_close(writer, ']');
}

static void write_alternatives(struct json_writer *writer,
                               const struct record_recommendation *one)
{
    json_open(writer, "alternatives", '[');
    for (size_t i = 0; i < one->alternative_count; i++) {
        json_open(writer, NULL, '{');
        json_text(writer, "name", one->alternatives[i].name);
        json_number(writer, "workers", (double)one->alternatives[i].workers);
        json_number(writer, "regret_ratio", one->alternatives[i].regret_ratio);
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static void write_one(struct json_writer *writer,
                      const struct record_recommendation *one)
{
    json_open(writer, NULL, '{');
    json_text(writer, "workload", one->workload);
    json_text(writer, "backend", one->backend);
    json_text(writer, "goal", one->goal);
    json_number(writer, "within_ratio", one->within_ratio);
    if (one->slo_s > 0) {
        json_number(writer, "slo_s", one->slo_s);
        json_number(writer, "slo_percentile", one->slo_percentile);
    }
    if (one->min_efficiency_ratio > 0)
        json_number(writer, "min_efficiency_ratio", one->min_efficiency_ratio);
    json_number(writer, "workers", one->workers);
    record_write_interval(writer, "confidence_set", one->confidence_set);
    record_write_interval(writer, "good_set", one->good_set);
    json_number(writer, "throughput_per_s", one->throughput_per_s);
    json_number(writer, "regret_ratio", one->regret_ratio);
    record_write_interval(writer, "regret_ci95", one->regret_ci95);
    json_number(writer, "points_measured", (double)one->point_count);
    json_number(writer, "runs", (double)one->run_count);
    json_bool(writer, "shown", one->shown);
    json_bool(writer, "confirmed", one->confirmed);
    json_text(writer, "best_backend", one->best_backend);
    json_number(writer, "best_workers", one->best_workers);
    json_text(writer, "cause", one->cause);
    write_texts(writer, "evidence", &one->evidence);
    write_texts(writer, "limits", &one->limits);
    write_alternatives(writer, one);
    json_text(writer, "paste", one->paste);
    json_text(writer, "reason", one->reason);
    json_close(writer, '}');
}

void record_write_recommendations(struct json_writer *writer,
                                  const struct record *record)
{
    json_open(writer, "recommendations", '[');
    for (size_t i = 0; i < record->recommendation_count; i++) {
        json_break(writer);
        write_one(writer, &record->recommendations[i]);
    }
    json_close(writer, ']');
}

/* --- reading --- */

static void parse_texts(struct json_fields *fields, const char *name,
                        struct record_texts *texts)
{
    const cJSON *list = json_read_any(fields, name);

    if (list == NULL)
        return;
    if (!cJSON_IsArray(list)) {
        json_note(fields, name, "not a list");
        return;
    }
    for (const cJSON *item = list->child; item != NULL; item = item->next)
        if (!cJSON_IsString(item))
            json_note(fields, name, "not a list of texts");
        else if (!record_add_text(texts, item->valuestring))
            json_note(fields, name, "out of memory");
}

static void parse_alternatives(struct json_fields *fields,
                               struct record_recommendation *one)
{
    const cJSON *list = json_read_any(fields, "alternatives");

    if (list == NULL)
        return;
    if (!cJSON_IsArray(list)) {
        json_note(fields, "alternatives", "not a list");
        return;
    }
    for (const cJSON *item = list->child; item != NULL; item = item->next) {
        struct json_fields inside = json_fields(item, fields->fault);
        char *name = json_read_name(&inside, "name");

        if (name != NULL && !record_add_alternative(
                                one, name, json_read_count(&inside, "workers"),
                                json_read_number(&inside, "regret_ratio")))
            json_note(fields, "alternatives", "out of memory");
        free(name);
    }
}

/* What was asked for; 0: nothing was. */
static double known(double value)
{
    return isnan(value) ? 0 : value;
}

bool record_parse_recommendation(struct record_parser *parser,
                                 const cJSON *element, struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    struct record_recommendation *one =
        record_add_recommendation(parser->record);

    if (one == NULL) {
        json_note(&fields, "element", "out of memory");
        return false;
    }
    one->workload = json_read_name(&fields, "workload");
    one->backend = json_read_text(&fields, "backend");
    one->goal = json_read_name(&fields, "goal");
    one->within_ratio = json_read_number(&fields, "within_ratio");
    one->slo_s = known(json_read_number(&fields, "slo_s"));
    one->slo_percentile = known(json_read_number(&fields, "slo_percentile"));
    one->min_efficiency_ratio =
        known(json_read_number(&fields, "min_efficiency_ratio"));
    one->workers = json_read_number(&fields, "workers");
    json_read_interval(&fields, "confidence_set", one->confidence_set);
    json_read_interval(&fields, "good_set", one->good_set);
    one->throughput_per_s = json_read_number(&fields, "throughput_per_s");
    one->regret_ratio = json_read_number(&fields, "regret_ratio");
    json_read_interval(&fields, "regret_ci95", one->regret_ci95);
    one->point_count = json_read_count(&fields, "points_measured");
    one->run_count = json_read_count(&fields, "runs");
    one->shown = json_read_bool(&fields, "shown");
    one->confirmed = json_read_bool(&fields, "confirmed");
    one->best_backend = json_read_text(&fields, "best_backend");
    one->best_workers = json_read_number(&fields, "best_workers");
    one->cause = json_read_text(&fields, "cause");
    parse_texts(&fields, "evidence", &one->evidence);
    parse_texts(&fields, "limits", &one->limits);
    parse_alternatives(&fields, one);
    one->paste = json_read_text(&fields, "paste");
    one->reason = json_read_text(&fields, "reason");
    return fault->member == NULL;
}
