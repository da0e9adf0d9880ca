/* SPDX-License-Identifier: MIT */
/*
 * A workload's section: what it is, who is fastest, the figures, the numbers.
 */
#include "report.h"

#include <string.h>

#include "grain.h"

static void put_parameters(struct page *page,
                           const struct record_workload *workload)
{
    for (size_t i = 0; i < workload->parameter_count; i++) {
        if (workload->parameters[i].value[0] == '\0')
            continue;
        fputs(" · ", page->out);
        report_name(page, workload->parameters[i].name);
        fputs(" = ", page->out);
        report_name(page, workload->parameters[i].value);
    }
    fprintf(page->out, " · %zu task%s", workload->tasks,
            workload->tasks == 1 ? "" : "s");
}

static void put_sentence(struct page *page, const struct finding *finding)
{
    fputs("<p>", page->out);
    report_finding(page, finding);
    fputs("</p>\n", page->out);
}

static void put_heading(struct page *page, size_t index)
{
    const struct record_workload *workload = &page->record->workloads[index];
    struct finding fastest;

    const char *name = report_workload_name(page->record, index);

    fprintf(page->out, "<section id=\"r%zu-w%zu\" aria-label=\"", page->ordinal,
            index + 1);
    report_name(page, name);
    report_landmark(page);
    fputs("\">\n<h2>", page->out);
    report_name(page, name);
    fputs("</h2>\n<p class=\"class\">", page->out);
    report_name(page, workload->klass != NULL ? workload->klass : "workload");
    if (grain_is_of_lengths(page->record, index))
        fputs(" · tasks of several lengths", page->out);
    else
        put_parameters(page, workload);
    fputs("</p>\n", page->out);
    if (workload->about != NULL && workload->about[0] != '\0') {
        fputs("<p>", page->out);
        report_text(page, workload->about);
        fputs("</p>\n", page->out);
    }
    if (!grain_is_of_lengths(page->record, index) &&
        findings_fastest(page->record, index, &fastest))
        put_sentence(page, &fastest);
    if (findings_advice(page->record, index, &fastest))
        put_sentence(page, &fastest);
    if (findings_limits(page->record, index, &fastest))
        put_sentence(page, &fastest);
}

/* What the fitted models say, each with its misfit. */
static void put_models(struct page *page, size_t index)
{
    const struct record *record = page->record;
    struct finding finding;
    bool is_open = false;

    for (size_t i = 0; i < record->model_count; i++) {
        const struct record_model *model = &record->models[i];
        if (model->workload == NULL ||
            strcmp(model->workload, record->workloads[index].id) != 0 ||
            !findings_model(record, i, &finding))
            continue;
        if (!is_open)
            fputs("<h3>Models of throughput over workers</h3>\n<ul "
                  "class=\"models\">\n",
                  page->out);
        is_open = true;
        fputs("<li>", page->out);
        report_finding(page, &finding);
        fputs("</li>\n", page->out);
    }
    if (is_open)
        fputs("</ul>\n", page->out);
}

/* Has it a time? Where every case failed, more of the same brings none. */
static bool is_measured(const struct page *page, size_t index)
{
    const struct record *record = page->record;

    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].status == CASE_MEASURED &&
            strcmp(record->cases[i].workload, record->workloads[index].id) == 0)
            return true;
    return false;
}

/* Is it about such a workload, so that another run would have it? */
static bool is_missing(struct page *page, const struct figure *figure,
                       size_t index)
{
    struct subject subject = subject_of(&page->details, index);

    return figure_is_about(figure, &subject) || figure->is_of_lengths;
}

/* The figures; for what the record cannot show, the command that measures it
 * is named. */
static void put_figures(struct page *page, size_t index)
{
    const struct figure *missing[FIGURES_MAX];
    size_t missing_count = 0;

    fputs("<div class=\"figures\">\n", page->out);
    for (size_t i = 0; figures[i] != NULL; i++) {
        if (figures[i] == &figure_gil ||
            (figures[i] == page->hero && index == page->hero_workload))
            continue; /* two that follow show the same; stands at the top */
        if (!report_picture(page, figures[i], index, false) &&
            figures[i]->needs != NULL && is_missing(page, figures[i], index))
            missing[missing_count++] = figures[i];
    }
    fputs("</div>\n", page->out);
    if (missing_count == 0 || !page->drawer->has_gnuplot ||
        !is_measured(page, index))
        return;
    fputs("<p class=\"lead\">Not in this record:</p>\n<ul class=\"missing\">\n",
          page->out);
    for (size_t i = 0; i < missing_count; i++)
        fprintf(page->out, "<li>%s <code>%s</code> would measure it.</li>\n",
                missing[i]->question, missing[i]->needs);
    fputs("</ul>\n", page->out);
}

void report_workload(struct page *page, size_t index)
{
    put_heading(page, index);
    put_figures(page, index);
    if (grain_is_of_lengths(page->record, index))
        report_lengths(page, index);
    else
        report_table(page, index);
    put_models(page, index);
    fputs("</section>\n", page->out);
}
