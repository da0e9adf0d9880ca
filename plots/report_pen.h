/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_REPORT_PEN_H
#define PLOTS_REPORT_PEN_H

#include <stdio.h>

/* How a form of the page writes a table, which is rows of cells below a heading;
 * texts are escaped by it. */
struct report_pen {
    void (*heading)(FILE *out, const char *text);
    void (*open)(FILE *out, const char *caption);
    void (*head)(FILE *out, const char *text);
    void (*end_head)(FILE *out, size_t columns);
    void (*open_row)(FILE *out, const char *text);
    void (*cell)(FILE *out, const char *text);
    void (*close_row)(FILE *out);
    void (*close)(FILE *out);
};

extern const struct report_pen report_pen_html;
extern const struct report_pen report_pen_md;

#endif
