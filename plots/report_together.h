/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_REPORT_TOGETHER_H
#define PLOTS_REPORT_TOGETHER_H

#include "report.h"

/* What several records have in common and what differs, before each of them
 * alone: who won in each, the same cases beside each other, and what changed
 * around them. The first page's stream is written to. */
void report_together_html(struct page *pages, size_t count);
void report_together_md(struct page *pages, size_t count);

#endif
