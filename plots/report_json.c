/* SPDX-License-Identifier: MIT */
/*
 * The numbers of the page for programs: what stands in its sentences and
 * tables, by name, in SI units; unknown is null. Samples stay in the record,
 * which is named by its hash.
 */
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "findings_python.h"
#include "grain.h"
#include "json_write.h"

static void put_pair(struct json_writer *out, const char *key,
                     const double pair[2])
{
    json_open(out, key, '[');
    json_number(out, NULL, pair[0]);
    json_number(out, NULL, pair[1]);
    json_close(out, ']');
}

static void put_summaries(struct json_writer *out, const struct record *record,
                          size_t case_index)
{
    json_open(out, "summaries", '[');
    for (size_t i = 0; i < record->summary_count; i++) {
        const struct record_summary *one = &record->summaries[i];
        if (one->case_index != case_index)
            continue;
        json_open(out, NULL, '{');
        json_text(out, "metric", one->metric);
        if (one->base != NO_CASE)
            json_text(out, "base", record->cases[one->base].id);
        json_number(out, "estimate", one->estimate);
        put_pair(out, "ci95", one->ci95);
        json_number(out, "median", one->median);
        put_pair(out, "median_ci95", one->median_ci95);
        json_number(out, "n_blocks", (double)one->block_count);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_case(struct json_writer *out, const struct page *page,
                     size_t index)
{
    static const char *const words[] = {[CASE_MEASURED] = "measured",
                                        [CASE_FAILED] = "failed",
                                        [CASE_SKIPPED] = "skipped"};
    const struct record_case *one = &page->record->cases[index];
    struct time_split split;

    json_break(out);
    json_open(out, NULL, '{');
    json_text(out, "id", one->id);
    json_text(out, "backend", one->backend);
    json_number(out, "workers", (double)one->workers);
    json_text(out, "status", words[one->status]);
    if (one->reason != NULL)
        json_text(out, "reason", one->reason);
    put_summaries(out, page->record, index);
    if (details_time_split(&page->details, index, &split)) {
        json_open(out, "time_split_ratio", '{');
        json_number(out, "busy", split.busy);
        json_number(out, "overhead", split.overhead);
        json_number(out, "waiting", split.waiting);
        json_number(out, "idle", split.idle);
        json_close(out, '}');
    }
    json_close(out, '}');
}

static void put_comparisons(struct json_writer *out,
                            const struct record *record, const char *workload)
{
    json_open(out, "comparisons", '[');
    for (size_t i = 0; i < record->comparison_count; i++) {
        const struct record_comparison *one = &record->comparisons[i];
        if (strcmp(record->cases[one->a].workload, workload) != 0)
            continue;
        json_break(out);
        json_open(out, NULL, '{');
        json_text(out, "a", record->cases[one->a].id);
        json_text(out, "b", record->cases[one->b].id);
        json_text(out, "metric", one->metric);
        json_number(out, "ratio", one->ratio);
        put_pair(out, "ci95", one->ci95);
        if (one->verdict != NULL)
            json_text(out, "verdict", one->verdict);
        json_close(out, '}');
    }
    json_close(out, ']');
}

static void put_scaling(struct json_writer *out, const struct record *record,
                        size_t index)
{
    struct finding finding;

    if (findings_advice(record, index, &finding))
        json_text(out, "advice", finding.text);
    if (findings_limits(record, index, &finding))
        json_text(out, "limits", finding.text);
    json_open(out, "models", '[');
    for (size_t i = 0; i < record->model_count; i++)
        if (record->models[i].workload != NULL &&
            strcmp(record->models[i].workload, record->workloads[index].id) ==
                0 &&
            findings_model(record, i, &finding))
            json_text(out, NULL, finding.text);
    json_close(out, ']');
}

static void put_length(struct json_writer *out, const struct page *page,
                       const struct grain_point *point)
{
    json_open(out, NULL, '{');
    json_text(out, "case", page->record->cases[point->case_index].id);
    json_number(out, "task_s", point->task_s);
    json_number(out, "efficiency_ratio", point->efficiency);
    put_pair(out, "efficiency_ci95", point->efficiency_ci95);
    json_number(out, "overhead_s", point->overhead_s);
    put_pair(out, "overhead_ci95", point->overhead_ci95);
    json_close(out, '}');
}

/* The lanes of workloads that differ in their tasks' length, in the first. */
static void put_lengths(struct json_writer *out, const struct page *page,
                        size_t index)
{
    static const char *const places[] = {"found", "below", "above", "unknown"};
    struct grain grain;

    if (!grain_collect(&page->details, index, &grain))
        return;
    json_break(out);
    json_open(out, "lengths", '[');
    for (size_t i = 0; i < grain.lane_count; i++) {
        const struct grain_lane *lane = &grain.lanes[i];
        json_break(out);
        json_open(out, NULL, '{');
        json_text(out, "backend", lane->backend);
        json_number(out, "workers", (double)lane->workers);
        json_number(out, "metg_s", lane->metg_s);
        json_text(out, "metg_place", places[lane->metg_place]);
        json_open(out, "points", '[');
        for (size_t k = 0; k < lane->count; k++)
            put_length(out, page, &lane->points[k]);
        json_close(out, ']');
        json_close(out, '}');
    }
    json_close(out, ']');
    grain_finish(&grain);
}

static void put_workload(struct json_writer *out, const struct page *page,
                         size_t index)
{
    const struct record *record = page->record;
    const struct record_workload *workload = &record->workloads[index];
    struct finding fastest;

    json_break(out);
    json_open(out, NULL, '{');
    json_text(out, "id", workload->id);
    if (workload->klass != NULL)
        json_text(out, "class", workload->klass);
    json_number(out, "tasks", (double)workload->tasks);
    if (findings_fastest(record, index, &fastest))
        json_text(out, "fastest", fastest.text);
    put_scaling(out, record, index);
    if (grain_is_first(record, index))
        put_lengths(out, page, index);
    json_open(out, "cases", '[');
    for (size_t i = 0; i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, workload->id) == 0)
            put_case(out, page, i);
    json_close(out, ']');
    json_break(out);
    put_comparisons(out, record, workload->id);
    json_close(out, '}');
}

static void put_findings(struct json_writer *out, const char *key,
                         const struct findings *findings)
{
    json_break(out);
    json_open(out, key, '[');
    for (size_t i = 0; i < findings->count; i++) {
        json_break(out);
        json_text(out, NULL, findings->list[i].text);
    }
    json_close(out, ']');
}

/* What the way to a worker process costs; each is of a `payload`. */
static void put_boundaries(struct json_writer *out, const struct record *record)
{
    struct python_boundary one;

    json_open(out, "boundaries", '[');
    for (size_t i = 0; i < record->workload_count; i++) {
        if (!findings_python_boundary(record, i, &one))
            continue;
        json_open(out, NULL, '{');
        json_text(out, "workload", record->workloads[i].id);
        json_number(out, "in_bytes", one.in_bytes);
        json_number(out, "out_bytes", one.out_bytes);
        json_number(out, "workers", (double)one.workers);
        json_number(out, "python_s", one.python_s);
        json_number(out, "c_s", one.c_s);
        json_number(out, "ratio", one.ratio);
        put_pair(out, "ci95", one.ci95);
        json_close(out, '}');
    }
    json_close(out, ']');
}

/* The Python user's answer, where the record has an interpreter's lanes. */
static bool put_python(struct json_writer *out, const struct page *page)
{
    struct findings findings = {0};

    if (!findings_python_any(page->record))
        return true;
    if (!findings_python(page->record, &findings))
        return false;
    json_break(out);
    json_open(out, "python", '{');
    put_findings(out, "answers", &findings);
    put_boundaries(out, page->record);
    json_close(out, '}');
    findings_finish(&findings);
    return true;
}

static bool put_record(struct json_writer *out, struct page *page)
{
    bool is_fine;

    json_break(out);
    json_open(out, NULL, '{');
    json_open(out, "source", '{');
    json_text(out, "name", page->source->name);
    json_number(out, "bytes", (double)page->source->bytes);
    json_text(out, "sha256", page->source->sha256);
    json_close(out, '}');
    json_text(out, "name", facts_text(page->record->run, "name", ""));
    json_text(out, "started", facts_text(page->record->run, "started", ""));
    put_findings(out, "answers", &page->answers);
    put_findings(out, "notes", &page->notes);
    is_fine = put_python(out, page);
    json_break(out);
    json_open(out, "workloads", '[');
    for (size_t i = 0; i < page->record->workload_count && is_fine; i++) {
        is_fine = report_section_begin(page, i);
        if (is_fine)
            put_workload(out, page, i);
        report_section_end(page);
    }
    json_close(out, ']');
    json_close(out, '}');
    return is_fine;
}

void report_json_begin(FILE *out, const struct report_input *inputs,
                       size_t count)
{
    (void)inputs, (void)count;
    fputs(REPORT_JSON_MARK "\"version\": \"1.0\"},\n\"records\": [", out);
}

bool report_json_record(struct page *page)
{
    struct json_writer writer;

    fputs(page->ordinal > 1 ? ",\n" : "\n", page->out);
    json_init(&writer, -1);
    bool good =
        put_record(&writer, page) && writer.error == 0 && writer.data != NULL;
    if (good)
        fwrite(writer.data, 1, writer.length, page->out);
    json_finish(&writer);
    return good;
}

void report_json_end(FILE *out)
{
    fputs("\n]}\n", out);
}
