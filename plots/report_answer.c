/* SPDX-License-Identifier: MIT */
/*
 * The first screen. Who reads no further should know what was compared, on
 * what, with which outcome, how sure it is, and what to doubt.
 */
#include "report.h"

#include <math.h>
#include <string.h>

#include "sides.h"
#include "theme.h"

enum { NAMES_MAX = 8 };

/* Lists up to NAMES_MAX names as "a, b and c". */
static void put_list(struct page *page, const char *const *names, size_t count)
{
    size_t shown = count < NAMES_MAX ? count : NAMES_MAX;

    for (size_t i = 0; i < shown; i++) {
        bool last = i + 1 == count;
        fputs(i == 0 ? "" : last ? " and " : ", ", page->out);
        report_name(page, names[i]);
    }
    if (shown < count)
        fprintf(page->out, " and %zu more", count - shown);
}

static void put_workloads(struct page *page)
{
    const char *names[NAMES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < page->record->workload_count; i++) {
        if (!report_has_section(page->record, i))
            continue;
        if (count < NAMES_MAX)
            names[count] = report_workload_name(page->record, i);
        count++;
    }
    put_list(page, names, count);
}

static bool is_listed(const char *const *names, size_t count, const char *name)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(names[i], name) == 0)
            return true;
    return false;
}

static void put_backends(struct page *page)
{
    const char *names[NAMES_MAX];
    size_t count = 0;

    for (size_t i = 0; i < page->record->case_count && count < NAMES_MAX; i++) {
        const char *backend = page->record->cases[i].backend;
        if (!is_listed(names, count, backend))
            names[count++] = backend;
    }
    put_list(page, names, count);
}

static void put_workers(struct page *page)
{
    size_t least = SIZE_MAX, most = 0;

    for (size_t i = 0; i < page->record->case_count; i++) {
        size_t workers = page->record->cases[i].workers;
        least = workers < least ? workers : least;
        most = workers > most ? workers : most;
    }
    if (most > least)
        fprintf(page->out, ", %zu to %zu workers", least, most);
    else if (most > 0)
        fprintf(page->out, ", %zu worker%s", most, most == 1 ? "" : "s");
}

static void put_machine(struct page *page)
{
    const struct facts *env = page->record->env;
    double usable = facts_number(env, "cpu.usable", NAN);
    const char *virt = facts_text(env, "virt", "none");

    fputs(" On ", page->out);
    report_name(page, facts_text(env, "host", "an unnamed host"));
    fputs(": ", page->out);
    report_name(page, facts_text(env, "cpu.model", "CPU unknown"));
    if (usable >= 1)
        fprintf(page->out, ", %.0f usable CPU%s", usable,
                usable == 1 ? "" : "s");
    if (strcmp(virt, "container") == 0) {
        fputs(", in a container", page->out);
    } else if (strcmp(virt, "none") != 0) {
        fputs(", virtual (", page->out);
        report_name(page, virt);
        putc(')', page->out);
    }
    fputs(", ", page->out);
    report_name(page, facts_text(env, "os", "system unknown"));
    putc('.', page->out);
}

const char *report_title(const struct record *record)
{
    struct sides sides;

    return sides_find(record, &sides) ? "New against old: "
                                      : "What more workers bring to ";
}

static void put_header(struct page *page)
{
    const struct record *record = page->record;
    const char *name = facts_text(record->run, "name", "");
    double duration = facts_number(record->run, "duration_s", NAN);

    fputs("<article>\n<header>\n<p class=\"eyebrow\">cfbench report",
          page->out);
    if (name[0] != '\0') {
        fputs(" · ", page->out);
        report_name(page, name);
    }
    fputs(" · ", page->out);
    report_name(page, facts_text(record->run, "started", "date unknown"));
    fputs("</p>\n<h1>", page->out);
    fputs(report_title(record), page->out);
    put_workloads(page);
    fputs("</h1>\n<p class=\"lead\">Compared: ", page->out);
    put_backends(page);
    put_workers(page);
    fprintf(page->out, "; %zu case%s, %zu sample%s", record->case_count,
            record->case_count == 1 ? "" : "s", record->sample_count,
            record->sample_count == 1 ? "" : "s");
    if (isfinite(duration))
        fprintf(page->out, " in %.0f s", duration);
    putc('.', page->out);
    put_machine(page);
    fputs("</p>\n", page->out);
}

static void put_contents(struct page *page)
{
    fputs("<nav aria-label=\"Contents", page->out);
    report_landmark(page);
    fputs("\">\n<ul>\n", page->out);
    for (size_t i = 0; i < page->record->workload_count; i++) {
        if (!report_has_section(page->record, i))
            continue;
        fprintf(page->out, "<li><a href=\"#r%zu-w%zu\">", page->ordinal, i + 1);
        report_name(page, report_workload_name(page->record, i));
        fputs("</a></li>\n", page->out);
    }
    fprintf(page->out,
            "<li><a href=\"#r%zu-method\">Method, machine, how to "
            "repeat</a></li>\n</ul>\n</nav>\n</header>\n",
            page->ordinal);
}

static void put_brackets(struct page *page)
{
    struct sides sides;

    fputs("<p class=\"lead\">In brackets: 95 % intervals over blocks.",
          page->out);
    if (!sides_find(page->record, &sides))
        fprintf(page->out,
                " Named is %sthe smallest number of workers within 5 %% of the "
                "%s.",
                page->record->recommendation_count > 0
                    ? "what is recommended, or else "
                    : "",
                findings_rate(page->record) > 0
                    ? "shortest 99th percentile, or of the highest there is"
                    : "backend's best");
    fputs("</p>\n", page->out);
}

static void put_answers(struct page *page)
{
    fputs("<div>\n<ul class=\"answers\">\n", page->out);
    for (size_t i = 0; i < page->answers.count; i++) {
        const struct finding *answer = &page->answers.list[i];
        struct finding more;
        fprintf(page->out, "<li><strong aria-hidden=\"true\">%s</strong><span>",
                answer->headline);
        report_finding(page, answer);
        if (findings_advice(page->record, answer->workload, &more) ||
            findings_winner(page->record, answer->workload, &more)) {
            fputs("<small>", page->out);
            report_finding(page, &more);
            fputs("</small>", page->out);
        }
        fputs("</span></li>\n", page->out);
    }
    fputs("</ul>\n", page->out);
    if (page->answers.count == 0)
        fputs("<p>No case of this record has a result yet.</p>\n", page->out);
    else
        put_brackets(page);
    fputs("</div>\n", page->out);
}

static void put_notes(struct page *page)
{
    fputs("<div class=\"notes\">\n<h2>To note</h2>\n<ul>\n", page->out);
    for (size_t i = 0; i < page->notes.count; i++) {
        fputs("<li>", page->out);
        report_text(page, page->notes.list[i].text);
        fputs("</li>\n", page->out);
    }
    if (!page->drawer->has_gnuplot)
        fputs("<li>Figures are missing: this page was made without "
              "gnuplot.</li>\n",
              page->out);
    fputs("</ul>\n</div>\n", page->out);
}

void report_answer(struct page *page)
{
    put_header(page);
    put_contents(page);
    fputs("<div class=\"top\">\n", page->out);
    put_answers(page);
    fputs("<div>\n", page->out);
    if (page->hero != NULL)
        report_picture(page, page->hero, page->hero_workload, true);
    put_notes(page);
    fputs("</div>\n</div>\n", page->out);
}
