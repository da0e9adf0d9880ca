/* SPDX-License-Identifier: MIT */
/*
 * The table of numbers: a row for each case, by backend and workers, each
 * number with its interval and each ratio with its base. A case without
 * numbers says why.
 */
#include "report.h"

#include <stdlib.h>
#include <string.h>

#include "theme.h"

const struct report_column report_columns[] = {
    {"Throughput", "throughput_per_s", QUANTITY_RATE, BASE_NONE, false},
    {"Median", "throughput_per_s", QUANTITY_RATE, BASE_NONE, true},
    {"Speed-up over serial", "speedup_ratio", QUANTITY_RATIO, BASE_SERIAL,
     false},
    {"over one worker", "speedup_ratio", QUANTITY_RATIO, BASE_ONE_WORKER,
     false},
    {"Half of tasks within", "latency_p50_s", QUANTITY_SECONDS, BASE_NONE,
     false},
    {.heading = NULL},
};

enum { COLUMN_COUNT = sizeof report_columns / sizeof report_columns[0] - 1 };

const struct record_summary *
report_column_find(const struct record *record, size_t case_index,
                   const struct report_column *column)
{
    const struct record_case *one = &record->cases[case_index];
    size_t base =
        panel_base_case(record, one->workload, one->backend, column->base);

    if (column->base != BASE_NONE && base == NO_CASE)
        return NULL;
    return record_find_summary(record, case_index, column->metric, base);
}

static void put_value(struct page *page, const struct report_column *column,
                      const struct record_summary *summary)
{
    char value[128];

    if (summary == NULL) {
        fputs("<td>-</td>", page->out);
        return;
    }
    quantity_interval_text(value, sizeof value, column->quantity,
                           column->median ? summary->median : summary->estimate,
                           column->median ? summary->median_ci95
                                          : summary->ci95);
    char *interval = strchr(value, '[');
    if (interval == NULL) {
        fprintf(page->out, "<td>%s</td>", value);
        return;
    }
    interval[-1] = '\0'; /* the blank before it */
    fprintf(page->out, "<td>%s <span>%s</span></td>", value, interval);
}

static void put_row(struct page *page, size_t case_index, bool first)
{
    const struct record_case *one = &page->record->cases[case_index];
    const struct record_summary *rate = record_find_summary(
        page->record, case_index, "throughput_per_s", NO_CASE);

    fprintf(page->out, "<tr%s><th scope=\"row\">",
            first ? " class=\"first\"" : "");
    report_name(page, one->backend);
    fprintf(page->out, "</th><td>%zu</td>", one->workers);
    if (one->status != CASE_MEASURED || rate == NULL) {
        fprintf(page->out,
                "<td class=\"text\" colspan=\"%d\">%s: ", COLUMN_COUNT + 1,
                one->status == CASE_SKIPPED  ? "skipped"
                : one->status == CASE_FAILED ? "failed"
                                             : "no result");
        report_text(page, one->reason != NULL ? one->reason : "no reason");
        fputs("</td></tr>\n", page->out);
        return;
    }
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        put_value(
            page, &report_columns[i],
            report_column_find(page->record, case_index, &report_columns[i]));
    fprintf(page->out, "<td>%zu</td></tr>\n", rate->block_count);
}

static void put_head(struct page *page, const struct record_workload *workload)
{
    fputs("<h3>Numbers</h3>\n<div class=\"scroll\" role=\"region\" "
          "tabindex=\"0\" aria-label=\"Numbers of ",
          page->out);
    report_name(page, workload->id);
    report_landmark(page);
    fputs("\">\n<table>\n<caption>Geometric mean over blocks with its 95 % "
          "interval in brackets. Medians have an interval from six blocks. "
          "\"Over one worker\" is one worker of the same backend.</caption>\n"
          "<thead><tr><th scope=\"col\">Backend</th>"
          "<th scope=\"col\">Workers</th>",
          page->out);
    for (size_t i = 0; i < COLUMN_COUNT; i++)
        fprintf(page->out, "<th scope=\"col\">%s</th>",
                report_columns[i].heading);
    fputs("<th scope=\"col\">Blocks</th></tr></thead>\n<tbody>\n", page->out);
}

struct case_row {
    size_t case_index;
    size_t rank; /* of its backend */
    const struct record_case *one;
};

static int by_backend_and_workers(const void *left, const void *right)
{
    const struct case_row *a = left, *b = right;
    int names = strcmp(a->one->backend, b->one->backend);

    if (a->rank != b->rank)
        return a->rank < b->rank ? -1 : 1;
    if (names != 0)
        return names;
    return (a->one->workers > b->one->workers) -
           (a->one->workers < b->one->workers);
}

size_t *report_rows(const struct record *record, size_t workload, size_t *count)
{
    const char *id = record->workloads[workload].id;
    struct case_row *rows = calloc(record->case_count + 1, sizeof *rows);
    size_t *order = calloc(record->case_count + 1, sizeof *order);

    *count = 0;
    for (size_t i = 0; rows != NULL && i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, id) == 0)
            rows[(*count)++] = (struct case_row){
                i, theme_rank(record->cases[i].backend), &record->cases[i]};
    if (rows != NULL)
        qsort(rows, *count, sizeof *rows, by_backend_and_workers);
    for (size_t i = 0; order != NULL && i < *count; i++)
        order[i] = rows[i].case_index;
    free(rows);
    return order;
}

void report_table(struct page *page, size_t index)
{
    const struct record *record = page->record;
    size_t count, *order = report_rows(record, index, &count);

    if (order == NULL)
        return;
    put_head(page, &record->workloads[index]);
    for (size_t i = 0; i < count; i++)
        put_row(page, order[i],
                i > 0 && strcmp(record->cases[order[i]].backend,
                                record->cases[order[i - 1]].backend) != 0);
    fputs("</tbody>\n</table>\n</div>\n", page->out);
    free(order);
}
