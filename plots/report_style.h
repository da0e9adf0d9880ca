/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_REPORT_STYLE_H
#define PLOTS_REPORT_STYLE_H

/* The style sheet of the report, in pieces; NULL ends it. */
extern const char *const report_style[];

#endif
