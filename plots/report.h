/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_REPORT_H
#define PLOTS_REPORT_H

/*
 * The report: one HTML page that needs nothing but itself. It is written from
 * top to bottom; each part is one function over the page.
 */
#include <stdbool.h>
#include <stdio.h>

#include "draw.h"
#include "figure.h"
#include "findings.h"
#include "part.h"
#include "record.h"
#include "report_source.h"

/* How far user text may run on before it is cut, in characters. */
enum { REPORT_NAME_MAX = 60, REPORT_TEXT_MAX = 300, REPORT_COMMAND_MAX = 4000 };

/* By the start of a page we know that it is ours to replace. */
#define REPORT_MARK      "<!doctype html>\n<!-- cfbench report -->\n"
#define REPORT_MD_MARK   "<!-- cfbench report -->\n\n"
#define REPORT_JSON_MARK "{\"schema\": {\"name\": \"cfbench.report\", "

/* Writing a page about one record. */
struct page {
    FILE *out;
    const struct record *record;
    const struct report_source *source; /* the file it was read from */
    struct details details;
    struct record_parts *parts;
    const struct record *whole; /* while `record` is a part of it, with */
    struct details whole_details;
    size_t ordinal;        /* of the record on the page, from 1 */
    size_t of;             /* records on the page */
    struct drawer *drawer; /* draws into a folder that nobody keeps */
    bool is_drawn;         /* all figures of this record are in there */
    struct findings answers;
    struct findings notes;
    const struct figure *hero; /* the figure at the top; NULL: none */
    size_t hero_workload;
    struct plots_error error; /* the first trouble with a figure */
};

/* What a page is made from. */
struct report_input {
    struct record *record;
    struct report_source source;
};

/* A kind of page, by the ending of its name. */
struct report_form {
    const char *ending; /* ".html" */
    const char *mark;   /* its first bytes */
    bool has_figures;
    void (*begin)(FILE *out, const struct report_input *inputs, size_t count);
    bool (*write_record)(struct page *page); /* false: out of memory */
    void (*end)(FILE *out);
    /* Before the first of several records; NULL: nothing is. */
    void (*write_together)(struct page *pages, size_t count);
};

/* NULL where no page's name ends like that. */
const struct report_form *report_form_of(const char *path);

/* Writes the page about `count` records. False with one line in `error` where
 * a figure could not be drawn or memory ran out; a missing gnuplot is none. */
bool report_write(FILE *out, const struct report_form *form,
                  const struct report_input *inputs, size_t count,
                  struct drawer *drawer, struct plots_error *error);

/* In between `record` and `details` have what the section of that workload is
 * about. False, with the page's error, without memory. */
bool report_section_begin(struct page *page, size_t workload);
void report_section_end(struct page *page);

/* The parts, in the order of the page. */
void report_begin(FILE *out, const struct report_input *inputs, size_t count);
void report_answer(struct page *page);
void report_workload(struct page *page, size_t workload);
void report_table(struct page *page, size_t workload);
void report_lengths(struct page *page, size_t workload);
void report_method(struct page *page);
void report_end(FILE *out);

/* The other forms. */
void report_md_begin(FILE *out, const struct report_input *inputs,
                     size_t count);
bool report_md_record(struct page *page);
void report_md_end(FILE *out);
void report_json_begin(FILE *out, const struct report_input *inputs,
                       size_t count);
bool report_json_record(struct page *page);
void report_json_end(FILE *out);

/* The columns of the table of numbers; one without a heading ends them. */
struct report_column {
    const char *heading;
    const char *metric;
    enum quantity quantity;
    enum panel_base base;
    bool median; /* instead of the mean */
};
extern const struct report_column report_columns[];
const struct record_summary *
report_column_find(const struct record *record, size_t case_index,
                   const struct report_column *column);

/* The cases of a workload by backend and workers, the caller's; NULL without
 * memory. */
size_t *report_rows(const struct record *record, size_t workload,
                    size_t *count);

/* The command that repeats the run, the caller's; NULL without memory. */
char *report_repeat(const struct record *record);

/* Writes the figure about that workload, with its text alternative; false
 * where there is nothing to draw. */
bool report_picture(struct page *page, const struct figure *figure,
                    size_t workload, bool is_hero);

/* Is there something to draw? */
bool report_has_picture(struct page *page, const struct figure *figure,
                        size_t workload);

/* Draws all figures that are about one record of the page, several at once. Each
 * report_picture() would wait for its own. False with the page's error. */
bool report_draw(struct page *page);

/* Has the workload a section of its own, and what is it called there? (Several
 * that differ in their tasks' length share one.) */
bool report_has_section(const struct record *record, size_t workload);
const char *report_workload_name(const struct record *record, size_t workload);

/* Ends the name of a landmark: ", record 2" where there are several. */
void report_landmark(struct page *page);

/* Writes user text, cut to REPORT_NAME_MAX or REPORT_TEXT_MAX characters; and a
 * finding, which is as long as it is. */
void report_name(struct page *page, const char *text);
void report_text(struct page *page, const char *text);
void report_finding(struct page *page, const struct finding *finding);

/* What a report is about, before the names of its workloads. */
const char *report_title(const struct record *record);

#endif
