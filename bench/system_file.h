/* SPDX-License-Identifier: MIT */
#ifndef BENCH_SYSTEM_FILE_H
#define BENCH_SYSTEM_FILE_H

/* The small text files in which the system describes itself (/proc, /sys). */
#include <stdbool.h>
#include <stddef.h>

/* Reads the file, as much as fits, ended by a NUL. False: not readable. */
bool system_file_read(const char *path, char *text, size_t text_bytes);

/* Its first line alone. */
bool system_file_line(const char *path, char *line, size_t line_bytes);

/*
 * The value behind `key` at the start of one of the text's lines, without
 * blanks, a colon or an equals sign around it and without quotes. False: no
 * such line.
 */
bool system_file_value(const char *text, const char *key, char *value,
                       size_t value_bytes);

/* The same as a number; `fallback` where there is none. */
double system_file_number(const char *text, const char *key, double fallback);

#endif
