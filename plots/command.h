/* SPDX-License-Identifier: MIT */
#ifndef PLOTS_COMMAND_H
#define PLOTS_COMMAND_H

/* What the commands `plot` and `report` share. */
#include <getopt.h>
#include <stddef.h>

#include "record.h"

enum { EXIT_FINE = 0, EXIT_TROUBLE = 2 };

/* Prints "cfbench: WHAT: WHY" to stderr, both cut and without control bytes,
 * and returns EXIT_TROUBLE. */
int command_fail(const char *what, const char *why);

/* Complains about what getopt_long() did not take: `option` is what it
 * returned, '?' or ':', and `flags` what it was given. */
int command_bad_flag(int option, char **argv, const struct option *flags);

/* Reads a record; complains and returns NULL where there is none. */
struct record *command_read(const char *path);

#endif
