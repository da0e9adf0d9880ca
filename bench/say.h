/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SAY_H
#define BENCH_SAY_H

/*
 * What cfbench says about trouble: lines on stderr that start with its name.
 * Whatever a name or a file brings in (control bytes, escape sequences, a
 * hundred thousand characters) reaches the terminal as harmless text.
 */
#include <stddef.h>
#include <stdio.h>

enum { EXIT_FINE = 0, EXIT_TROUBLE = 2 };

/* "cfbench: what failed: why". Always returns EXIT_TROUBLE. */
int say_trouble(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* "cfbench: warning: ..." */
void say_warning(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* Copies `text` with control characters and bytes that are no UTF-8 replaced by
 * '?', cut to fit with "..." at the end. Returns `safe`. */
char *say_safe(const char *text, char *safe, size_t safe_bytes);

/* The same as a cell of a table: of at least `least` columns, with blanks at the
 * end, and at most `most`. `cell` has room for 4 bytes a column, and 1. */
char *say_cell(const char *text, size_t least, size_t most, char *cell);

/* How many columns it takes there. */
size_t say_width(const char *text);

/* Prints `length` bytes of `text` to stdout, as safe. */
void say_text(const char *text, size_t length);

/* "written: PATH" on stdout, below an empty line. */
void say_written(const char *path);

/* What makes a noun fit `count` of them: "" or "s". */
const char *say_plural(size_t count);

/* Flushes stdout. False, after saying so, if something could not be written;
 * a reader that has gone away (`| head`) is none of our business: silent. */
int say_end(void);

#endif
