/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_PDF_H
#define PLOTS_PDF_H

#include <stdbool.h>

/* Blanks the time of its making out of a PDF, so that the same record gives
 * the same bytes. False with errno. */
bool pdf_forget_date(const char *path);

#endif
