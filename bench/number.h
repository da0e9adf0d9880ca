/* SPDX-License-Identifier: MIT */
#ifndef BENCH_NUMBER_H
#define BENCH_NUMBER_H

/* Numbers as people type them. Nothing is guessed: text that is not wholly a
 * number of the kind asked for, within its limits, is refused. */
#include <stdbool.h>
#include <stdint.h>

/* Decimal digits only, minimum <= value <= maximum. */
bool number_whole(const char *text, uint64_t minimum, uint64_t maximum,
                  uint64_t *value);

/* As above with the full range, and "0x..." as well. */
bool number_seed(const char *text, uint64_t *value);

/* A plain number, finite and above zero. */
bool number_positive(const char *text, double *number);

/* "90s", "1.5m", "2h", "500ms", "10us" or plain seconds; above zero, below a year. */
bool number_duration(const char *text, double *seconds);

/* "5%", "0.5%" or a plain ratio such as 0.05; above zero, at most one. */
bool number_ratio(const char *text, double *ratio);

/* "65s" -> "1m05s": for people, at most 15 characters. */
char *number_format_duration(double seconds, char text[16]);

/* Three significant digits or all before the point: "0.0123", "98.0", "12346",
 * "1.23e+07". */
char *number_format(double number, char text[16]);

/* With so many decimals; three significant digits where these would not show
 * them, below 0.1, and from a million on. */
char *number_format_decimals(double number, int decimals, char text[16]);

#endif
