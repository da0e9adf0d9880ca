/* SPDX-License-Identifier: MIT */
#include "report_pen.h"

#include "report.h"
#include "text.h"

/* --- HTML --- */

static void html_heading(FILE *out, const char *text)
{
    fprintf(out, "<h2>%s</h2>\n", text);
}

static void html_open(FILE *out, const char *caption)
{
    fprintf(out,
            "<div class=\"scroll\" role=\"region\" tabindex=\"0\" "
            "aria-label=\"%s\">\n<table>\n<caption>%s</caption>\n<thead><tr>",
            caption, caption);
}

static void html_head(FILE *out, const char *text)
{
    fputs("<th scope=\"col\">", out);
    text_to_html(out, text, REPORT_NAME_MAX);
    fputs("</th>", out);
}

static void html_end_head(FILE *out, size_t columns)
{
    (void)columns;
    fputs("</tr></thead>\n<tbody>\n", out);
}

static void html_open_row(FILE *out, const char *text)
{
    fputs("<tr><th scope=\"row\">", out);
    text_to_html(out, text, REPORT_TEXT_MAX);
    fputs("</th>", out);
}

static void html_cell(FILE *out, const char *text)
{
    fputs("<td class=\"text\">", out);
    text_to_html(out, text, REPORT_TEXT_MAX);
    fputs("</td>", out);
}

static void html_close_row(FILE *out)
{
    fputs("</tr>\n", out);
}

static void html_close(FILE *out)
{
    fputs("</tbody>\n</table>\n</div>\n", out);
}

const struct report_pen report_pen_html = {
    html_heading,  html_open, html_head,      html_end_head,
    html_open_row, html_cell, html_close_row, html_close,
};

/* --- Markdown --- */

static void md_heading(FILE *out, const char *text)
{
    fprintf(out, "\n## %s\n\n", text);
}

static void md_open(FILE *out, const char *caption)
{
    fprintf(out, "%s\n\n|", caption);
}

static void md_head(FILE *out, const char *text)
{
    putc(' ', out);
    text_to_markdown(out, text, REPORT_NAME_MAX);
    fputs(" |", out);
}

static void md_end_head(FILE *out, size_t columns)
{
    fputs("\n|", out);
    for (size_t i = 0; i < columns; i++)
        fputs(" --- |", out);
    putc('\n', out);
}

static void md_cell(FILE *out, const char *text)
{
    putc(' ', out);
    text_to_markdown(out, text, REPORT_TEXT_MAX);
    fputs(" |", out);
}

static void md_open_row(FILE *out, const char *text)
{
    putc('|', out);
    md_cell(out, text);
}

static void md_close_row(FILE *out)
{
    putc('\n', out);
}

const struct report_pen report_pen_md = {
    md_heading,  md_open, md_head,      md_end_head,
    md_open_row, md_cell, md_close_row, md_close_row,
};
