/* SPDX-License-Identifier: MIT */
/*
 * In the file a span is four numbers, [worker, submitted, started, finished],
 * since there may be thousands.
 */
#include "trace.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "record_json.h"
#include "record_memory.h"
#include "record_parse.h"

static struct record_trace *find(const struct record *record, size_t case_index)
{
    for (size_t i = 0; i < record->trace_count; i++)
        if (record->traces[i].case_index == case_index)
            return &record->traces[i];
    return NULL;
}

const struct record_trace *trace_find(const struct record *record,
                                      size_t case_index)
{
    return find(record, case_index);
}

static int by_size(const void *left, const void *right)
{
    const double *a = left, *b = right;

    return (*a > *b) - (*a < *b);
}

/* The median of the case's times; NAN without memory or times. */
static double median_elapsed_s(const struct record *record, size_t case_index)
{
    double *times = calloc(record->sample_count + 1, sizeof *times);
    size_t count = 0;
    double median = NAN;

    for (size_t i = 0; times != NULL && i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];
        if (sample->case_index == case_index && !sample->warmup &&
            sample->elapsed_s > 0)
            times[count++] = sample->elapsed_s;
    }
    if (count > 0) {
        qsort(times, count, sizeof *times, by_size);
        median = times[count / 2];
    }
    free(times);
    return median;
}

bool trace_offer(struct record *record, const struct record_trace *offered)
{
    struct record_trace *kept = find(record, offered->case_index);
    double median = median_elapsed_s(record, offered->case_index);
    struct record_span *spans;

    if (!(offered->elapsed_s > 0) || !(median > 0) || offered->span_count == 0)
        return true;
    if (kept != NULL && fabs(log(kept->elapsed_s / median)) <=
                            fabs(log(offered->elapsed_s / median)))
        return true;
    spans = malloc(offered->span_count * sizeof *spans);
    if (spans == NULL)
        return false;
    if (kept == NULL)
        kept = record_add_trace(record);
    if (kept == NULL) {
        free(spans);
        return false;
    }
    memcpy(spans, offered->spans, offered->span_count * sizeof *spans);
    free(kept->spans);
    *kept = *offered;
    kept->spans = spans;
    return true;
}

static void write_span(struct json_writer *writer,
                       const struct record_span *span)
{
    json_open(writer, NULL, '[');
    json_number(writer, NULL, (double)span->worker);
    json_number(writer, NULL, span->submitted_s);
    json_number(writer, NULL, span->started_s);
    json_number(writer, NULL, span->finished_s);
    json_close(writer, ']');
}

void record_write_traces(struct json_writer *writer,
                         const struct record *record)
{
    json_open(writer, "traces", '[');
    for (size_t i = 0; i < record->trace_count; i++) {
        const struct record_trace *trace = &record->traces[i];
        json_break(writer);
        json_open(writer, NULL, '{');
        json_text(writer, "case", record->cases[trace->case_index].id);
        json_number(writer, "block", (double)trace->block);
        json_number(writer, "elapsed_s", trace->elapsed_s);
        json_number(writer, "tasks", (double)trace->tasks);
        json_open(writer, "spans", '[');
        for (size_t k = 0; k < trace->span_count; k++)
            write_span(writer, &trace->spans[k]);
        json_close(writer, ']');
        json_close(writer, '}');
    }
    json_close(writer, ']');
}

static bool parse_span(const cJSON *item, struct record_span *span)
{
    const cJSON *worker = cJSON_IsArray(item) ? item->child : NULL;
    const cJSON *time = worker == NULL ? NULL : worker->next;
    double *const to[] = {&span->submitted_s, &span->started_s,
                          &span->finished_s};

    if (!json_is_count(worker))
        return false;
    span->worker = (size_t)worker->valuedouble;
    for (size_t i = 0; i < sizeof to / sizeof *to; i++, time = time->next) {
        if (!json_is_number(time))
            return false;
        *to[i] = time->valuedouble;
    }
    return time == NULL && span->started_s <= span->finished_s;
}

static void parse_spans(struct json_fields *fields, struct record_trace *trace)
{
    const cJSON *list = json_read_any(fields, "spans");

    if (list == NULL)
        return;
    if (!cJSON_IsArray(list)) {
        json_note(fields, "spans", "not a list");
        return;
    }
    trace->spans =
        calloc((size_t)cJSON_GetArraySize(list) + 1, sizeof *trace->spans);
    if (trace->spans == NULL)
        json_note(fields, "spans", "out of memory");
    for (const cJSON *item = list->child; item != NULL && trace->spans != NULL;
         item = item->next)
        if (!parse_span(item, &trace->spans[trace->span_count++])) {
            json_note(fields, "spans",
                      "not [worker, submitted, started, finished]");
            return;
        }
}

bool record_parse_trace(struct record_parser *parser, const cJSON *element,
                        struct json_fault *fault)
{
    struct json_fields fields = json_fields(element, fault);
    struct record_trace *trace = record_add_trace(parser->record);

    if (trace == NULL) {
        json_note(&fields, "element", "out of memory");
        return false;
    }
    trace->case_index = record_parse_case_id(parser, &fields, "case", true);
    trace->block = json_read_count(&fields, "block");
    trace->elapsed_s = json_read_number(&fields, "elapsed_s");
    trace->tasks = json_read_count(&fields, "tasks");
    parse_spans(&fields, trace);
    return fault->member == NULL;
}
