/* SPDX-License-Identifier: MIT */
/* From parsed JSON to a model: the mirror of model_json.c. */
#include "record_parse.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record_memory.h"

static void parse_parameters(struct json_fields *fields,
                             struct record_model *model)
{
    static const char *const names[] = {"gamma", "alpha", "beta", "cap_per_s",
                                        "smt_ratio"};
    struct json_fields intervals, errors, t_intervals;

    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        struct record_model_parameter *one;
        if (json_read_any(fields, names[i]) == NULL)
            continue;
        if (model->parameter_count == MODEL_NUMBERS) {
            json_note(fields, names[i], "one parameter too many");
            return;
        }
        one = &model->parameters[model->parameter_count++];
        one->value = json_read_number(fields, names[i]);
        one->name = strdup(names[i]);
        if (one->name == NULL) {
            json_note(fields, names[i], "out of memory");
            return;
        }
    }
    intervals = json_read_inside(fields, "ci95");
    errors = json_read_inside(fields, "standard_errors");
    t_intervals = json_read_inside(fields, "t_ci95");
    for (size_t i = 0; i < model->parameter_count; i++) {
        struct record_model_parameter *one = &model->parameters[i];
        json_read_interval(&intervals, one->name, one->ci95);
        one->standard_error = json_read_number(&errors, one->name);
        json_read_interval(&t_intervals, one->name, one->t_ci95);
    }
}

/* An end above that is unknown while the one below is known has no bound. */
static void read_unbounded(struct json_fields *fields, const char *name,
                           double interval[2])
{
    json_read_interval(fields, name, interval);
    if (!isnan(interval[0]) && isnan(interval[1]))
        interval[1] = INFINITY;
}

static void parse_peak(struct json_fields *fields, struct record_peak *peak)
{
    struct json_fields inside = json_read_inside(fields, "peak");

    peak->workers = json_read_number(&inside, "workers");
    peak->throughput_per_s = json_read_number(&inside, "throughput_per_s");
    peak->identified = json_read_bool(&inside, "identified");
    read_unbounded(&inside, "ci95", peak->ci95);
    peak->whole_workers = json_read_number(&inside, "whole_workers");
    read_unbounded(&inside, "throughput_ci95", peak->throughput_ci95);
    peak->reason = json_read_text(&inside, "reason");
}

static void parse_quality(struct json_fields *fields,
                          struct record_model *model)
{
    model->misfit = json_read_bool(fields, "misfit");
    model->reason = json_read_text(fields, "reason");
    json_read_interval(fields, "range", model->range);
    model->value_count = json_read_count(fields, "n_values");
    model->count_count = json_read_count(fields, "n_counts");
    model->block_count = json_read_count(fields, "n_blocks");
    model->method = json_read_text(fields, "method");
    model->residual_error = json_read_number(fields, "residual_error");
    model->df = json_read_number(fields, "df");
    model->aicc = json_read_signed(fields, "aicc");
    model->lack_of_fit_p = json_read_number(fields, "lack_of_fit_p");
    model->runs_z = json_read_signed(fields, "runs_z");
    model->durbin_watson = json_read_number(fields, "durbin_watson");
    model->last_error_ratio = json_read_signed(fields, "last_error_ratio");
}

/* The elements of a list of objects; none where it is something else. */
static const cJSON *first_of(struct json_fields *fields, const char *name)
{
    const cJSON *list = json_read_any(fields, name);

    if (list == NULL)
        return NULL;
    if (!cJSON_IsArray(list)) {
        json_note(fields, name, "not a list");
        return NULL;
    }
    return list->child;
}

/* The members of an element of such a list. */
static struct json_fields element(struct json_fields *fields, const char *name,
                                  const cJSON *item)
{
    if (!cJSON_IsObject(item)) {
        json_note(fields, name, "not a list of objects");
        item = NULL;
    }
    return json_fields(item, fields->fault);
}

static void parse_candidates(struct json_fields *fields,
                             struct record_model *model)
{
    for (const cJSON *item = first_of(fields, "candidates"); item != NULL;
         item = item->next) {
        struct json_fields inside = element(fields, "candidates", item);
        struct record_candidate *one = record_add_candidate(model);
        if (one == NULL) {
            json_note(fields, "candidates", "out of memory");
            return;
        }
        one->model = json_read_name(&inside, "model");
        one->aicc = json_read_signed(&inside, "aicc");
        one->lack_of_fit_p = json_read_number(&inside, "lack_of_fit_p");
    }
}

static void parse_curve(struct json_fields *fields, struct record_model *model)
{
    const cJSON *first = first_of(fields, "curve");
    size_t count = 0;

    for (const cJSON *item = first; item != NULL; item = item->next)
        count++;
    model->curve = calloc(count + 1, sizeof *model->curve);
    if (model->curve == NULL) {
        json_note(fields, "curve", "out of memory");
        return;
    }
    for (const cJSON *item = first; item != NULL; item = item->next) {
        struct json_fields inside = element(fields, "curve", item);
        struct record_curve_point *point = &model->curve[model->curve_count++];
        point->workers = json_read_number(&inside, "workers");
        point->throughput_per_s = json_read_number(&inside, "throughput_per_s");
        json_read_interval(&inside, "ci95", point->ci95);
    }
}

static void parse_warnings(struct json_fields *fields,
                           struct record_model *model)
{
    for (const cJSON *item = first_of(fields, "warnings"); item != NULL;
         item = item->next) {
        if (!cJSON_IsString(item))
            json_note(fields, "warnings", "not all of them are texts");
        else if (!record_add_warning(model, item->valuestring))
            json_note(fields, "warnings", "out of memory");
    }
}

bool record_parse_model(struct record_parser *parser, const cJSON *tree,
                        struct json_fault *fault)
{
    struct json_fields fields = json_fields(tree, fault);
    struct record_model *model = record_add_model(parser->record);

    if (model == NULL) {
        json_note(&fields, "element", "out of memory");
        return false;
    }
    model->workload = json_read_name(&fields, "workload");
    model->backend = json_read_text(&fields, "backend");
    model->model = json_read_name(&fields, "model");
    model->formula = json_read_text(&fields, "formula");
    model->objective = json_read_text(&fields, "objective");
    parse_parameters(&fields, model);
    parse_peak(&fields, &model->peak);
    parse_quality(&fields, model);
    parse_candidates(&fields, model);
    parse_curve(&fields, model);
    parse_warnings(&fields, model);
    return fault->member == NULL;
}
