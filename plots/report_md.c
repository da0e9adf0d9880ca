/* SPDX-License-Identifier: MIT */
/*
 * The report for a pull request: the same sentences and numbers in Markdown as
 * GitHub reads it, without figures.
 */
#include "report.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "grain.h"
#include "quantity.h"
#include "report_python.h"
#include "text.h"

static void put(struct page *page, const char *text, size_t max_chars)
{
    text_to_markdown(page->out, text, max_chars);
}

static void put_head(struct page *page)
{
    const struct facts *run = page->record->run, *env = page->record->env;
    double usable = facts_number(env, "cpu.usable", NAN);

    fputs("# ", page->out);
    fputs(report_title(page->record), page->out);
    for (size_t i = 0; i < page->record->workload_count && i < 8; i++) {
        if (!report_has_section(page->record, i))
            continue;
        fputs(i > 0 ? ", " : "", page->out);
        put(page, report_workload_name(page->record, i), REPORT_NAME_MAX);
    }
    fputs("\n\n", page->out);
    fprintf(page->out, "%zu case%s, %zu sample%s, ", page->record->case_count,
            page->record->case_count == 1 ? "" : "s",
            page->record->sample_count,
            page->record->sample_count == 1 ? "" : "s");
    put(page, facts_text(run, "started", "date unknown"), REPORT_NAME_MAX);
    fputs(", on ", page->out);
    put(page, facts_text(env, "host", "an unnamed host"), REPORT_NAME_MAX);
    fputs(": ", page->out);
    put(page, facts_text(env, "cpu.model", "CPU unknown"), REPORT_NAME_MAX);
    if (usable >= 1)
        fprintf(page->out, ", %.0f usable CPU%s", usable,
                usable == 1 ? "" : "s");
    fputs(".\n\n", page->out);
}

static void put_answers(struct page *page)
{
    for (size_t i = 0; i < page->answers.count; i++) {
        const struct finding *answer = &page->answers.list[i];
        struct finding more;
        fprintf(page->out, "- **%s** ", answer->headline);
        put(page, answer->text, FINDING_BYTES);
        if (findings_advice(page->record, answer->workload, &more) ||
            findings_winner(page->record, answer->workload, &more)) {
            fputs(". ", page->out);
            put(page, more.text, FINDING_BYTES);
        }
        fputs("\n", page->out);
    }
    fputs("\nIn brackets: 95 % intervals over blocks.\n\n## To note\n\n",
          page->out);
    for (size_t i = 0; i < page->notes.count; i++) {
        fputs("- ", page->out);
        put(page, page->notes.list[i].text, REPORT_TEXT_MAX);
        fputs("\n", page->out);
    }
}

static void put_value(struct page *page, const struct report_column *column,
                      size_t case_index)
{
    const struct record_summary *summary =
        report_column_find(page->record, case_index, column);
    char value[128] = "-";

    if (summary != NULL)
        quantity_interval_text(
            value, sizeof value, column->quantity,
            column->median ? summary->median : summary->estimate,
            column->median ? summary->median_ci95 : summary->ci95);
    fprintf(page->out, " %s |", value);
}

static void put_row(struct page *page, size_t case_index)
{
    const struct record_case *one = &page->record->cases[case_index];
    const struct record_summary *rate = record_find_summary(
        page->record, case_index, "throughput_per_s", NO_CASE);

    fputs("| ", page->out);
    put(page, one->backend, REPORT_NAME_MAX);
    fprintf(page->out, " | %zu |", one->workers);
    for (size_t i = 0; report_columns[i].heading != NULL && rate != NULL; i++)
        put_value(page, &report_columns[i], case_index);
    if (rate != NULL) {
        fprintf(page->out, " %zu |\n", rate->block_count);
        return;
    }
    fprintf(page->out, " %s: ",
            one->status == CASE_SKIPPED  ? "skipped"
            : one->status == CASE_FAILED ? "failed"
                                         : "no result");
    put(page, one->reason != NULL ? one->reason : "no reason", REPORT_TEXT_MAX);
    fputs(" |\n", page->out);
}

static void put_table(struct page *page, size_t workload)
{
    size_t count, *order = report_rows(page->record, workload, &count);

    fputs("\n| Backend | Workers |", page->out);
    for (size_t i = 0; report_columns[i].heading != NULL; i++)
        fprintf(page->out, " %s |", report_columns[i].heading);
    fputs(" Blocks |\n| --- | ---: |", page->out);
    for (size_t i = 0; report_columns[i].heading != NULL; i++)
        fputs(" ---: |", page->out);
    fputs(" ---: |\n", page->out);
    for (size_t i = 0; i < count && order != NULL; i++)
        put_row(page, order[i]);
    free(order);
}

static void put_sentence(struct page *page, const struct finding *finding)
{
    put(page, finding->text, FINDING_BYTES);
    fputs("\n\n", page->out);
}

static void put_scaling(struct page *page, size_t index)
{
    const struct record *record = page->record;
    struct finding finding;

    if (findings_advice(record, index, &finding))
        put_sentence(page, &finding);
    if (findings_limits(record, index, &finding))
        put_sentence(page, &finding);
    for (size_t i = 0; i < record->model_count; i++)
        if (record->models[i].workload != NULL &&
            strcmp(record->models[i].workload, record->workloads[index].id) ==
                0 &&
            findings_model(record, i, &finding)) {
            fputs("- Model of ", page->out);
            put(page, finding.text, FINDING_BYTES);
            fputs("\n", page->out);
        }
}

/* Of several workloads that differ in their tasks' length each is a row. */
static void put_lengths(struct page *page, size_t index)
{
    struct grain grain;

    fputs("\n## ", page->out);
    put(page, report_workload_name(page->record, index), REPORT_NAME_MAX);
    fputs(
        ", by the length of a task\n\n| Backend | Workers | Task | Efficiency "
        "| Added to a task | Blocks |\n| --- | ---: | ---: | ---: | ---: | "
        "---: |\n",
        page->out);
    if (!grain_collect(&page->details, index, &grain))
        return;
    for (size_t i = 0; i < grain.lane_count; i++)
        for (size_t k = 0; k < grain.lanes[i].count; k++) {
            const struct grain_point *point = &grain.lanes[i].points[k];
            char task[32], share[96], added[96];
            quantity_text(task, sizeof task, QUANTITY_SECONDS, point->task_s);
            quantity_interval_text(share, sizeof share, QUANTITY_PERCENT,
                                   point->efficiency, point->efficiency_ci95);
            quantity_interval_text(added, sizeof added, QUANTITY_SECONDS,
                                   point->overhead_s, point->overhead_ci95);
            fputs("| ", page->out);
            put(page, grain.lanes[i].backend, REPORT_NAME_MAX);
            fprintf(page->out, " | %zu | %s | %s | %s | %zu |\n",
                    grain.lanes[i].workers, task, share, added,
                    point->block_count);
        }
    grain_finish(&grain);
}

static void put_workload(struct page *page, size_t index)
{
    const struct record_workload *workload = &page->record->workloads[index];
    struct finding fastest;

    fputs("\n## ", page->out);
    put(page, workload->id, REPORT_NAME_MAX);
    fputs("\n\n", page->out);
    for (size_t i = 0; i < workload->parameter_count; i++) {
        if (workload->parameters[i].value[0] == '\0')
            continue;
        put(page, workload->parameters[i].name, REPORT_NAME_MAX);
        fputs(" = ", page->out);
        put(page, workload->parameters[i].value, REPORT_NAME_MAX);
        fputs(", ", page->out);
    }
    fprintf(page->out, "%zu task%s. ", workload->tasks,
            workload->tasks == 1 ? "" : "s");
    if (findings_fastest(page->record, index, &fastest))
        put(page, fastest.text, FINDING_BYTES);
    fputs("\n\n", page->out);
    put_scaling(page, index);
    put_table(page, index);
}

static void put_repeat(struct page *page)
{
    const struct facts *run = page->record->run;
    char *command = report_repeat(page->record);

    fputs("\n## How to repeat\n\n", page->out);
    if (command != NULL && command[0] != '\0') {
        fputs("    ", page->out);
        text_to_terminal(page->out, command, REPORT_COMMAND_MAX);
    } else {
        fputs("The record does not have its command.", page->out);
    }
    fputs("\n\nSeed ", page->out);
    put(page, facts_text(run, "seed", "unknown"), REPORT_NAME_MAX);
    fputs(", cfbench ", page->out);
    put(page, facts_text(page->record->tool, "version", "unknown"),
        REPORT_NAME_MAX);
    fputs(", commit ", page->out);
    put(page, facts_text(page->record->tool, "commit", "unknown"),
        REPORT_NAME_MAX);
    fprintf(page->out, ". Record: ");
    put(page, page->source->name, REPORT_NAME_MAX);
    fprintf(page->out, ", %zu bytes, SHA-256 `%s`.\n\n", page->source->bytes,
            page->source->sha256);
    free(command);
}

void report_md_begin(FILE *out, const struct report_input *inputs, size_t count)
{
    (void)inputs, (void)count;
    fputs(REPORT_MD_MARK, out);
}

void report_md_end(FILE *out)
{
    fputs("Made by cfbench from the record alone.\n", out);
}

bool report_md_record(struct page *page)
{
    put_head(page);
    put_answers(page);
    if (!report_python_md(page))
        return false;
    for (size_t i = 0; i < page->record->workload_count; i++) {
        if (!report_has_section(page->record, i))
            continue;
        if (!report_section_begin(page, i))
            return false;
        if (!grain_is_of_lengths(page->record, i))
            put_workload(page, i);
        else
            put_lengths(page, i);
        report_section_end(page);
    }
    put_repeat(page);
    return true;
}
