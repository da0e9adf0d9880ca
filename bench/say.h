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

/* Copies `text` with control bytes replaced by '?', cut to fit with "..." at
 * the end. Returns `safe`. */
char *say_safe(const char *text, char *safe, size_t safe_bytes);

/* Flushes stdout. False, after saying so, if something could not be written;
 * a reader that has gone away (`| head`) is none of our business: silent. */
int say_end(void);

#endif
