/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_TEXT_H
#define PLOTS_TEXT_H

/*
 * User text on its way into a picture or a page. Names, labels and host names
 * come from a file that anybody may have written: control bytes, broken UTF-8,
 * invisible and direction-changing characters become U+FFFD, white space
 * becomes a blank, and what is longer than `max_chars` ends in an ellipsis. In a
 * picture and on a terminal a wide character (Chinese, emoji) counts as two.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

/* Writes `text` (NULL is empty) as HTML text, safe inside an element and
 * inside a quoted attribute. */
void text_to_html(FILE *out, const char *text, size_t max_chars);

/* Writes it as one quoted column of a gnuplot data file. */
void text_to_data(FILE *out, const char *text, size_t max_chars);

/* Writes it as Markdown text of GitHub's kind: no emphasis, code, link, table
 * cell, HTML, mention or reference begins or ends in it. */
void text_to_markdown(FILE *out, const char *text, size_t max_chars);

/* Writes it for a terminal. */
void text_to_terminal(FILE *out, const char *text, size_t max_chars);

/* Takes one character off `*text`, which is not at its end: that which would be
 * written. */
uint32_t text_letter(const char **text);

/* Writes "NAME-ORDINAL-text" into `slug`, of [a-z0-9_-] alone, to name files
 * by; `name` is ours. */
void text_slug(char *slug, size_t slug_bytes, const char *name, size_t ordinal,
               const char *text);

#endif
