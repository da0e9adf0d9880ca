/* SPDX-License-Identifier: MIT */
/*
 * What Python's own executors bring. The sentences are those of
 * findings_python.h; a sweep of payloads is a table of them.
 */
#include "report_python.h"

#include <stdlib.h>

#include "findings_python.h"
#include "quantity.h"
#include "text.h"

static const char heading[] = "What this means for Python";
static const char lead[] =
    "Each lane over the serial loop of its own interpreter, so that a speed-up "
    "of 1 is what a program has today; the rate beside it says how fast that "
    "is. Ratios are paired by blocks.";
static const char missing[] =
    "Add empty and payload to the workloads, and process, cpython-thread and "
    "cpython-process to the backends, and this says what the way to a worker "
    "process costs, and from which length of a task on it pays.";

/* Was the border of a process measured, and the empty task on both sides? */
static bool has_costs(const struct page *page)
{
    struct python_boundary boundary;

    for (size_t i = 0; i < page->record->workload_count; i++)
        if (findings_python_boundary(page->record, i, &boundary))
            return true;
    return false;
}

/* --- the sweep --- */

static int by_size(const void *left, const void *right)
{
    const struct python_boundary *a = left, *b = right;
    double one = a->in_bytes + a->out_bytes, other = b->in_bytes + b->out_bytes;

    return (one > other) - (one < other);
}

/* All that the records have, the smallest first; the caller's. */
static struct python_boundary *collect(const struct page *pages, size_t count,
                                       size_t *found)
{
    struct python_boundary *rows;
    size_t most = 1;

    for (size_t i = 0; i < count; i++)
        most += pages[i].record->workload_count;
    rows = calloc(most, sizeof *rows);
    *found = 0;
    for (size_t i = 0; rows != NULL && i < count; i++)
        for (size_t w = 0; w < pages[i].record->workload_count; w++)
            *found +=
                findings_python_boundary(pages[i].record, w, &rows[*found]);
    if (rows != NULL)
        qsort(rows, *found, sizeof *rows, by_size);
    return rows;
}

static void put_row(FILE *out, const struct python_boundary *row,
                    const char *open, const char *between, const char *close)
{
    char python[48], c[48], ratio[96];

    quantity_text(python, sizeof python, QUANTITY_SECONDS, row->python_s);
    quantity_text(c, sizeof c, QUANTITY_SECONDS, row->c_s);
    quantity_interval_text(ratio, sizeof ratio, QUANTITY_RATIO, row->ratio,
                           row->ci95);
    fprintf(out, "%s%.0f%s%.0f%s%zu%s%s%s%s%s%s%s", open, row->in_bytes,
            between, row->out_bytes, between, row->workers, between, python,
            between, c, between, ratio, close);
}

void report_python_sweep_html(struct page *pages, size_t count)
{
    FILE *out = pages[0].out;
    size_t found;
    struct python_boundary *rows = collect(pages, count, &found);

    if (found >= 2) {
        fputs("<h3>What the way to a worker process costs</h3>\n"
              "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
              "aria-label=\"Costs of the way to a worker process",
              out);
        if (count == 1)
            report_landmark(&pages[0]);
        fputs("\">\n<table>\n<caption>A task that only carries bytes there and "
              "back: pickled by CPython's ProcessPoolExecutor, copied by "
              "libcf.</caption>\n<thead><tr><th scope=\"col\">Bytes in</th>"
              "<th scope=\"col\">Bytes out</th><th scope=\"col\">Workers</th>"
              "<th scope=\"col\">CPython, a task</th>"
              "<th scope=\"col\">libcf, a task</th>"
              "<th scope=\"col\">Ratio [95 %]</th></tr></thead>\n<tbody>\n",
              out);
        for (size_t i = 0; i < found; i++)
            put_row(out, &rows[i], "<tr><td>", "</td><td>", "</td></tr>\n");
        fputs("</tbody>\n</table>\n</div>\n", out);
    }
    free(rows);
}

void report_python_sweep_md(struct page *pages, size_t count)
{
    FILE *out = pages[0].out;
    size_t found;
    struct python_boundary *rows = collect(pages, count, &found);

    if (found >= 2) {
        fputs("\n### What the way to a worker process costs\n\n"
              "| Bytes in | Bytes out | Workers | CPython, a task | libcf, a "
              "task | Ratio [95 %] |\n"
              "| ---: | ---: | ---: | ---: | ---: | ---: |\n",
              out);
        for (size_t i = 0; i < found; i++)
            put_row(out, &rows[i], "| ", " | ", " |\n");
    }
    free(rows);
}

/* --- the section --- */

bool report_python_html(struct page *page)
{
    struct findings findings = {0};
    bool is_fine;

    if (!findings_python_any(page->record))
        return true;
    is_fine = findings_python(page->record, &findings);
    fputs("<section aria-label=\"", page->out);
    fputs(heading, page->out);
    report_landmark(page);
    fprintf(page->out, "\">\n<h2>%s</h2>\n<p class=\"lead\">%s</p>\n<ul>\n",
            heading, lead);
    for (size_t i = 0; i < findings.count; i++) {
        fputs("<li><strong>", page->out);
        report_name(page, findings.list[i].headline);
        fputs("</strong> ", page->out);
        report_text(page, findings.list[i].text);
        fputs("</li>\n", page->out);
    }
    fputs("</ul>\n", page->out);
    report_python_sweep_html(page, 1);
    if (!has_costs(page))
        fprintf(page->out, "<p class=\"lead\">%s</p>\n", missing);
    fputs("</section>\n", page->out);
    findings_finish(&findings);
    return is_fine;
}

bool report_python_md(struct page *page)
{
    struct findings findings = {0};
    bool is_fine;

    if (!findings_python_any(page->record))
        return true;
    is_fine = findings_python(page->record, &findings);
    fprintf(page->out, "\n## %s\n\n%s\n\n", heading, lead);
    for (size_t i = 0; i < findings.count; i++) {
        fputs("- **", page->out);
        text_to_markdown(page->out, findings.list[i].headline, REPORT_NAME_MAX);
        fputs("** ", page->out);
        text_to_markdown(page->out, findings.list[i].text, REPORT_TEXT_MAX);
        fputs("\n", page->out);
    }
    report_python_sweep_md(page, 1);
    if (!has_costs(page))
        fprintf(page->out, "\n%s\n", missing);
    findings_finish(&findings);
    return is_fine;
}
