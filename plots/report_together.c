/* SPDX-License-Identifier: MIT */
/*
 * Records side by side. Nothing is computed over two of them: their blocks
 * were not run in turn, so that what differs may be the machine's day. Shown
 * is what each says, and what was different around it.
 */
#include "report_together.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "quantity.h"
#include "report_pen.h"
#include "report_python.h"

static const struct fact {
    const char *term;
    enum { FROM_ENV, FROM_RUN, FROM_TOOL } from;
    const char *path;
} all_facts[] = {
    {"Host", FROM_ENV, "host"},
    {"System", FROM_ENV, "os"},
    {"Kernel", FROM_ENV, "kernel"},
    {"Virtualisation", FROM_ENV, "virt"},
    {"CPU", FROM_ENV, "cpu.model"},
    {"Usable CPUs", FROM_ENV, "cpu.usable"},
    {"CPU quota", FROM_ENV, "cpu.quota_cpus"},
    {"Governor", FROM_ENV, "cpu.governor"},
    {"Clock", FROM_ENV, "clock.source"},
    {"Load at start", FROM_ENV, "load1"},
    {"Started", FROM_RUN, "started"},
    {"Seed", FROM_RUN, "seed"},
    {"Order of cases", FROM_RUN, "order"},
    {"Blocks", FROM_RUN, "blocks"},
    {"cfbench", FROM_TOOL, "version"},
    {"Commit", FROM_TOOL, "commit"},
    {"Compiler", FROM_TOOL, "build.cc"},
    {"Flags", FROM_TOOL, "build.cflags"},
};

enum { FACT_BYTES = 320 };

static void fact_text(char text[FACT_BYTES], const struct record *record,
                      const struct fact *fact)
{
    const struct facts *facts = fact->from == FROM_ENV   ? record->env
                                : fact->from == FROM_RUN ? record->run
                                                         : record->tool;
    double number = facts_number(facts, fact->path, NAN);

    if (isfinite(number))
        snprintf(text, FACT_BYTES, "%.6g", number);
    else
        findings_plain(text, FACT_BYTES, facts_text(facts, fact->path, "-"),
                       REPORT_NAME_MAX);
}

static bool differs(const struct page *pages, size_t count,
                    const struct fact *fact)
{
    char first[FACT_BYTES], other[FACT_BYTES];

    fact_text(first, pages[0].record, fact);
    for (size_t i = 1; i < count; i++) {
        fact_text(other, pages[i].record, fact);
        if (strcmp(first, other) != 0)
            return true;
    }
    return false;
}

static void put_names(const struct report_pen *pen, const struct page *pages,
                      size_t count)
{
    for (size_t i = 0; i < count; i++)
        pen->head(pages[0].out, pages[i].source->name);
}

/* --- parameters --- */

/* The workload of that id in a record; its count of workloads: none. */
static size_t find_workload(const struct record *record, const char *id)
{
    size_t i = 0;

    while (i < record->workload_count &&
           strcmp(record->workloads[i].id, id) != 0)
        i++;
    return i;
}

/* NULL: it has none of that name. */
static const char *parameter_of(const struct record *record, const char *id,
                                const char *name)
{
    const struct record_workload *work = record_workload(record, id);

    for (size_t i = 0; work != NULL && i < work->parameter_count; i++)
        if (strcmp(work->parameters[i].name, name) == 0)
            return work->parameters[i].value;
    return NULL;
}

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

/* Is it the same in all records that have the workload? */
static bool is_everywhere(const struct page *pages, size_t count,
                          const char *id, const char *name)
{
    const char *first = parameter_of(pages[0].record, id, name);

    for (size_t i = 1; i < count; i++)
        if (record_workload(pages[i].record, id) != NULL &&
            !is_same(parameter_of(pages[i].record, id, name), first))
            return false;
    return true;
}

static bool is_before(const struct page *pages, size_t count, const char *id,
                      const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (parameter_of(pages[i].record, id, name) != NULL)
            return true;
    return false;
}

static void put_parameter(const struct report_pen *pen,
                          const struct page *pages, size_t count,
                          const char *id, const char *name)
{
    char term[2 * FACT_BYTES];
    FILE *out = pages[0].out;

    findings_plain(term, FACT_BYTES, id, REPORT_NAME_MAX);
    strcat(term, ", ");
    findings_plain(term + strlen(term), FACT_BYTES - 2, name, REPORT_NAME_MAX);
    pen->open_row(out, term);
    for (size_t i = 0; i < count; i++) {
        const char *value = parameter_of(pages[i].record, id, name);
        char plain[FACT_BYTES];

        findings_plain(plain, sizeof plain, value == NULL ? "-" : value,
                       REPORT_NAME_MAX);
        pen->cell(out, plain);
    }
    pen->close_row(out);
}

/* Of the first record's workloads: a row for each parameter that is another
 * somewhere. */
static void put_parameters(const struct report_pen *pen,
                           const struct page *pages, size_t count)
{
    const struct record *first = pages[0].record;

    for (size_t i = 0; i < first->workload_count; i++)
        for (size_t k = 0; k < count; k++) {
            const char *id = first->workloads[i].id;
            const struct record_workload *work =
                record_workload(pages[k].record, id);

            for (size_t p = 0; work != NULL && p < work->parameter_count; p++) {
                const char *name = work->parameters[p].name;

                if (!is_before(pages, k, id, name) &&
                    !is_everywhere(pages, count, id, name))
                    put_parameter(pen, pages, count, id, name);
            }
        }
}

/* Appends "n=2000, ", for each of the workload's parameters that is another
 * than in the first record; of those that come first, as far as there is room. */
static void add_others(char *text, size_t text_bytes,
                       const struct record *first, const struct record *record,
                       const char *id)
{
    const struct record_workload *work = record_workload(record, id);
    enum { CHARS = 20 };

    for (size_t i = 0; work != NULL && i < work->parameter_count; i++) {
        const struct record_parameter *one = &work->parameters[i];
        char name[4 * CHARS + 8], value[4 * CHARS + 8];
        size_t used = strlen(text);

        if (is_same(parameter_of(first, id, one->name), one->value))
            continue;
        findings_plain(name, sizeof name, one->name, CHARS);
        findings_plain(value, sizeof value, one->value, CHARS);
        if (used + strlen(name) + strlen(value) + 4 > text_bytes)
            return;
        snprintf(text + used, text_bytes - used, "%s=%s, ", name, value);
    }
}

/* --- tables --- */

static void put_changes(const struct report_pen *pen, const struct page *pages,
                        size_t count)
{
    FILE *out = pages[0].out;

    pen->heading(out, "What changed around them");
    pen->open(out, "Only what differs is listed.");
    pen->head(out, "Fact");
    put_names(pen, pages, count);
    pen->end_head(out, count + 1);
    for (size_t i = 0; i < sizeof all_facts / sizeof *all_facts; i++) {
        if (!differs(pages, count, &all_facts[i]))
            continue;
        pen->open_row(out, all_facts[i].term);
        for (size_t k = 0; k < count; k++) {
            char text[FACT_BYTES];
            fact_text(text, pages[k].record, &all_facts[i]);
            pen->cell(out, text);
        }
        pen->close_row(out);
    }
    put_parameters(pen, pages, count);
    pen->close(out);
}

static void put_verdicts(const struct report_pen *pen, const struct page *pages,
                         size_t count)
{
    const struct record *first = pages[0].record;
    FILE *out = pages[0].out;

    pen->heading(out, "Who is fastest in each");
    pen->open(out, "Verdicts of each record on its own blocks.");
    pen->head(out, "Workload");
    put_names(pen, pages, count);
    pen->end_head(out, count + 1);
    for (size_t i = 0; i < first->workload_count; i++) {
        pen->open_row(out, first->workloads[i].id);
        for (size_t k = 0; k < count; k++) {
            const struct record *record = pages[k].record;
            size_t workload = find_workload(record, first->workloads[i].id);
            struct finding winner;
            bool known = workload < record->workload_count &&
                         findings_winner(record, workload, &winner);
            pen->cell(out, known ? winner.text : "not compared");
        }
        pen->close_row(out);
    }
    pen->close(out);
}

/* "412 /s [408, 416]", or "n=2000, 412 /s [408, 416]". */
static void put_rate(const struct report_pen *pen, FILE *out,
                     const struct record *first, const struct record *record,
                     const struct record_case *one)
{
    enum { RATE_BYTES = 96 };
    size_t index =
        record_find_case(record, one->workload, one->backend, one->workers);
    const struct record_summary *summary =
        index == NO_CASE
            ? NULL
            : record_find_summary(record, index, "throughput_per_s", NO_CASE);
    char text[FACT_BYTES + RATE_BYTES] = "";

    if (summary == NULL) {
        pen->cell(out, "-");
        return;
    }
    add_others(text, FACT_BYTES, first, record, one->workload);
    quantity_interval_text(text + strlen(text), RATE_BYTES, QUANTITY_RATE,
                           summary->estimate, summary->ci95);
    pen->cell(out, text);
}

/* The cases that the first record's answers name, in every record. */
static void put_cases(const struct report_pen *pen, const struct page *pages,
                      size_t count)
{
    const struct record *first = pages[0].record;
    FILE *out = pages[0].out;

    pen->heading(out, "The same cases");
    pen->open(out,
              "Throughput with its 95 % interval, for the best case of "
              "each backend in the first record; before it, parameters that "
              "are not the first record's.");
    pen->head(out, "Case");
    put_names(pen, pages, count);
    pen->end_head(out, count + 1);
    for (size_t i = 0; i < first->case_count; i++) {
        const struct record_case *one = &first->cases[i];
        char name[CASE_BYTES], label[CASE_BYTES + FACT_BYTES];
        if (findings_knee(first, one->workload, one->backend) != i)
            continue;
        panel_case_name(name, one->backend, one->workers);
        findings_plain(label, FACT_BYTES, one->workload, REPORT_NAME_MAX);
        strcat(label, ", ");
        strcat(label, name);
        pen->open_row(out, label);
        for (size_t k = 0; k < count; k++)
            put_rate(pen, out, first, pages[k].record, one);
        pen->close_row(out);
    }
    pen->close(out);
}

void report_together_html(struct page *pages, size_t count)
{
    FILE *out = pages[0].out;

    fprintf(
        out,
        "<article class=\"together\">\n<header>\n<p "
        "class=\"eyebrow\">cfbench report</p>\n"
        "<h1>%zu records side by side</h1>\n<p class=\"lead\">Their blocks "
        "were not run in turn: a difference between records may be one "
        "between days. <code>cfbench compare OLD.json NEW.json</code> judges "
        "it. Each follows below on its own.</p>\n</header>\n"
        "<div class=\"figures pairs\">\n",
        count);
    for (size_t i = 0; i < pages[0].record->workload_count; i++)
        for (size_t k = 0; k < count; k++) {
            size_t workload = find_workload(pages[k].record,
                                            pages[0].record->workloads[i].id);
            if (workload == pages[k].record->workload_count ||
                !report_has_picture(&pages[k], &figure_forest, workload))
                continue;
            fputs("<div>\n<p class=\"class\">", out);
            report_name(&pages[k], pages[k].source->name);
            fputs("</p>\n", out);
            report_picture(&pages[k], &figure_forest, workload, false);
            fputs("</div>\n", out);
        }
    fputs("</div>\n", out);
    put_verdicts(&report_pen_html, pages, count);
    put_cases(&report_pen_html, pages, count);
    put_changes(&report_pen_html, pages, count);
    report_python_sweep_html(pages, count);
    fputs("</article>\n", out);
}

void report_together_md(struct page *pages, size_t count)
{
    fprintf(pages[0].out,
            "# %zu records side by side\n\nTheir blocks were not run in turn: "
            "a difference between records may be one between days. "
            "`cfbench compare OLD.json NEW.json` judges it.\n",
            count);
    put_verdicts(&report_pen_md, pages, count);
    put_cases(&report_pen_md, pages, count);
    put_changes(&report_pen_md, pages, count);
    report_python_sweep_md(pages, count);
}
