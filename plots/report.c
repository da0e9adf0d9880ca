/* SPDX-License-Identifier: MIT */
/*
 * The page from top to bottom, for each record:
 *
 *     header    what was compared, on which machine
 *     answer    in words with numbers, beside the figure that shows it best
 *     notes     what to know before believing it
 *     workload  figures, table of numbers, who is fastest; one section each
 *     method    how it was measured, where, and how to repeat it
 *
 * The page forbids itself everything but its own pictures and style by a
 * content security policy, so that a label which got through as markup could
 * still do nothing.
 */
#include "report.h"

#include <string.h>

#include "report_style.h"
#include "text.h"

void report_name(struct page *page, const char *text)
{
    text_to_html(page->out, text, REPORT_NAME_MAX);
}

void report_text(struct page *page, const char *text)
{
    text_to_html(page->out, text, REPORT_TEXT_MAX);
}

/* A record's name: the user's, else its workloads'. */
static void put_title(FILE *out, const struct record *record)
{
    const char *name = facts_text(record->run, "name", "");

    if (name[0] != '\0') {
        text_to_html(out, name, REPORT_NAME_MAX);
        return;
    }
    for (size_t i = 0; i < record->workload_count && i < 4; i++) {
        fputs(i > 0 ? ", " : "", out);
        text_to_html(out, record->workloads[i].id, REPORT_NAME_MAX);
    }
}

void report_begin(FILE *out, struct record *const *records, size_t count)
{
    fputs(REPORT_MARK
          "<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
          "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src "
          "'none'; img-src data:; style-src 'unsafe-inline'\">\n"
          "<meta name=\"viewport\" content=\"width=device-width\">\n"
          "<meta name=\"color-scheme\" content=\"light dark\">\n"
          "<link rel=\"icon\" href=\"data:,\">\n<title>",
          out);
    for (size_t i = 0; i < count; i++) {
        fputs(i > 0 ? "; " : "", out);
        put_title(out, records[i]);
    }
    fputs(" - cfbench report</title>\n<style>\n", out);
    for (size_t i = 0; report_style[i] != NULL; i++)
        fputs(report_style[i], out);
    fputs("</style>\n</head>\n<body>\n<main>\n", out);
}

void report_end(FILE *out)
{
    fputs("</main>\n<footer>\n<p>Made by cfbench from the record alone; "
          "figures by "
          "gnuplot. Nothing on this page is loaded from elsewhere.</p>\n"
          "</footer>\n</body>\n</html>\n",
          out);
}

/* The figure at the top: the GIL panel of the first answer that has one and
 * computes, else the speed-up of the first answer. */
static void choose_hero(struct page *page)
{
    const struct findings *answers = &page->answers;

    for (int pass = 0; pass < 2 && page->hero == NULL; pass++)
        for (size_t i = 0; i < answers->count && page->hero == NULL; i++) {
            struct subject subject =
                subject_of(&page->details, answers->list[i].workload);
            struct drawing drawing = {0};
            bool computes = subject.workload->klass != NULL &&
                            strcmp(subject.workload->klass, "cpu") == 0;
            const struct figure *figure =
                pass == 0 ? &figure_gil : &figure_speedup;
            if ((pass == 1 || computes) &&
                figure->compose(&drawing, &subject)) {
                page->hero = figure;
                page->hero_workload = answers->list[i].workload;
            }
            drawing_finish(&drawing);
        }
}

static bool write_record(struct page *page)
{
    if (!details_collect(page->record, &page->details) ||
        !findings_answers(page->record, &page->answers) ||
        !findings_notes(page->record, &page->notes))
        return false;
    choose_hero(page);
    report_answer(page);
    for (size_t i = 0; i < page->record->workload_count; i++)
        report_workload(page, i);
    report_method(page);
    fputs("</article>\n", page->out);
    return page->error.text[0] == '\0';
}

bool report_write(FILE *out, struct record *const *records, size_t count,
                  struct drawer *drawer, struct plots_error *error)
{
    bool good = true;

    report_begin(out, records, count);
    for (size_t i = 0; i < count && good; i++) {
        struct page page = {.out = out,
                            .record = records[i],
                            .ordinal = i + 1,
                            .drawer = drawer};
        good = write_record(&page);
        if (!good)
            snprintf(error->text, sizeof error->text, "%s",
                     page.error.text[0] != '\0' ? page.error.text
                                                : "out of memory");
        findings_finish(&page.answers);
        findings_finish(&page.notes);
        details_finish(&page.details);
    }
    report_end(out);
    return good;
}
