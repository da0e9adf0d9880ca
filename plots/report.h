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
#include "record.h"

/* How far user text may run on before it is cut, in characters. */
enum { REPORT_NAME_MAX = 60, REPORT_TEXT_MAX = 300, REPORT_COMMAND_MAX = 4000 };

/* By the start of a page we know that it is ours to replace. */
#define REPORT_MARK "<!doctype html>\n<!-- cfbench report -->\n"

/* Writing a page about one record. */
struct page {
    FILE *out;
    const struct record *record;
    struct details details;
    size_t ordinal;        /* of the record on the page, from 1 */
    struct drawer *drawer; /* draws into a folder that nobody keeps */
    struct findings answers;
    struct findings notes;
    const struct figure *hero; /* the figure at the top; NULL: none */
    size_t hero_workload;
    struct plots_error error; /* the first trouble with a figure */
};

/* Writes the page about `count` records. False with one line in `error` where
 * a figure could not be drawn or memory ran out; a missing gnuplot is none. */
bool report_write(FILE *out, struct record *const *records, size_t count,
                  struct drawer *drawer, struct plots_error *error);

/* The parts, in the order of the page. */
void report_begin(FILE *out, struct record *const *records, size_t count);
void report_answer(struct page *page);
void report_workload(struct page *page, size_t workload);
void report_table(struct page *page, size_t workload);
void report_method(struct page *page);
void report_end(FILE *out);

/* Writes the figure about that workload, with its text alternative; false
 * where there is nothing to draw. */
bool report_picture(struct page *page, const struct figure *figure,
                    size_t workload, bool is_hero);

/* Writes user text, cut to REPORT_NAME_MAX or REPORT_TEXT_MAX characters. */
void report_name(struct page *page, const char *text);
void report_text(struct page *page, const char *text);

#endif
