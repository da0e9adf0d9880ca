/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_REPORT_PYTHON_H
#define PLOTS_REPORT_PYTHON_H

#include "report.h"

/* The Python user's answer, where the record has lanes of an interpreter:
 * what its own executors bring, what GIL, interpreter and process border cost,
 * and what to use. Nothing where it has none. False without memory. */
bool report_python_html(struct page *page);
bool report_python_md(struct page *page);

/* What several records say of the process' border, by size of the payload;
 * nothing where fewer than two do. The first page's stream is written to. */
void report_python_sweep_html(struct page *pages, size_t count);
void report_python_sweep_md(struct page *pages, size_t count);

#endif
