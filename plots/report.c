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

#include <stdlib.h>
#include <string.h>

#include "grain.h"
#include "report_python.h"
#include "report_style.h"
#include "report_together.h"
#include "text.h"

void report_name(struct page *page, const char *text)
{
    text_to_html(page->out, text, REPORT_NAME_MAX);
}

void report_text(struct page *page, const char *text)
{
    text_to_html(page->out, text, REPORT_TEXT_MAX);
}

void report_finding(struct page *page, const struct finding *finding)
{
    text_to_html(page->out, finding->text, FINDING_BYTES);
}

bool report_has_section(const struct record *record, size_t workload)
{
    return !grain_is_later(record, workload);
}

const char *report_workload_name(const struct record *record, size_t workload)
{
    const struct record_workload *one = &record->workloads[workload];

    return grain_is_of_lengths(record, workload) ? one->grain.of : one->id;
}

void report_landmark(struct page *page)
{
    if (page->of > 1)
        fprintf(page->out, ", record %zu", page->ordinal);
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
        if (!report_has_section(record, i))
            continue;
        fputs(i > 0 ? ", " : "", out);
        text_to_html(out, report_workload_name(record, i), REPORT_NAME_MAX);
    }
}

void report_begin(FILE *out, const struct report_input *inputs, size_t count)
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
        put_title(out, inputs[i].record);
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

/* The figure at the top: of two sides the one against the other; the GIL panel
 * of the first answer that has one and computes; else what a recommendation rests
 * on; else the speed-up of the first answer, or what its tasks' length does; else
 * what gets done. */
static void choose_hero(struct page *page)
{
    static const struct figure *const heroes[] = {
        &figure_versus,  &figure_gil,         &figure_recommendation,
        &figure_speedup, &figure_granularity, &figure_throughput};
    static const size_t hero_count = sizeof heroes / sizeof heroes[0];
    const struct findings *answers = &page->answers;

    for (size_t pass = 0; pass < hero_count && page->hero == NULL; pass++)
        for (size_t i = 0; i < answers->count && page->hero == NULL; i++) {
            struct subject subject =
                subject_of(&page->details, answers->list[i].workload);
            struct drawing drawing = {0};
            bool computes = subject.workload->klass != NULL &&
                            strcmp(subject.workload->klass, "cpu") == 0;
            const struct figure *figure = heroes[pass];
            if ((figure != &figure_gil || computes) &&
                figure_compose(figure, &drawing, &subject)) {
                page->hero = figure;
                page->hero_workload = answers->list[i].workload;
            }
            drawing_finish(&drawing);
        }
}

static bool write_html(struct page *page)
{
    choose_hero(page);
    if (!report_draw(page))
        return false;
    report_answer(page);
    if (!report_python_html(page))
        return false;
    for (size_t i = 0; i < page->record->workload_count; i++) {
        if (!report_has_section(page->record, i))
            continue;
        if (!report_section_begin(page, i))
            return false;
        report_workload(page, i);
        report_section_end(page);
        if (page->error.text[0] != '\0')
            return false;
    }
    report_method(page);
    fputs("</article>\n", page->out);
    page->is_drawn = false; /* the next record's figures are named alike */
    return true;
}

static const struct report_form forms[] = {
    {".html", REPORT_MARK, true, report_begin, write_html, report_end,
     report_together_html},
    {".md", REPORT_MD_MARK, false, report_md_begin, report_md_record,
     report_md_end, report_together_md},
    {".json", REPORT_JSON_MARK, false, report_json_begin, report_json_record,
     report_json_end, NULL},
};

const struct report_form *report_form_of(const char *path)
{
    const char *ending = strrchr(path, '.');

    for (size_t i = 0; ending != NULL && i < sizeof forms / sizeof *forms; i++)
        if (strcmp(forms[i].ending, ending) == 0)
            return &forms[i];
    return NULL;
}

/* What is said about a record, before it is written. */
static bool prepare(struct page *page)
{
    page->parts = record_parts_create(page->record);
    return page->parts != NULL &&
           details_collect(page->record, &page->details) &&
           findings_answers(page->record, &page->answers) &&
           findings_notes(page->record, &page->notes);
}

static bool write_pages(struct page *pages, size_t count,
                        const struct report_form *form)
{
    if (count > 1 && form->write_together != NULL)
        form->write_together(pages, count);
    for (size_t i = 0; i < count; i++)
        if (pages[i].error.text[0] != '\0' || !form->write_record(&pages[i]) ||
            pages[i].error.text[0] != '\0')
            return false;
    return true;
}

/* The first trouble of any page. */
static void tell(const struct page *pages, size_t count,
                 struct plots_error *error)
{
    strcpy(error->text, "out of memory");
    for (size_t i = count; i-- > 0;)
        if (pages[i].error.text[0] != '\0')
            *error = pages[i].error;
}

bool report_write(FILE *out, const struct report_form *form,
                  const struct report_input *inputs, size_t count,
                  struct drawer *drawer, struct plots_error *error)
{
    struct page *pages = calloc(count, sizeof *pages);
    bool good = pages != NULL;

    for (size_t i = 0; i < count && good; i++) {
        pages[i] = (struct page){.out = out,
                                 .record = inputs[i].record,
                                 .source = &inputs[i].source,
                                 .ordinal = i + 1,
                                 .of = count,
                                 .drawer = drawer};
        good = prepare(&pages[i]);
    }
    form->begin(out, inputs, count);
    good = good && write_pages(pages, count, form);
    form->end(out);
    if (!good)
        tell(pages, pages == NULL ? 0 : count, error);
    for (size_t i = 0; i < count && pages != NULL; i++) {
        findings_finish(&pages[i].answers);
        findings_finish(&pages[i].notes);
        details_finish(&pages[i].details);
        record_parts_destroy(pages[i].parts);
    }
    free(pages);
    return good;
}
