/* SPDX-License-Identifier: MIT */
#ifndef BENCH_INPUTS_H
#define BENCH_INPUTS_H

/* What goes into a command's {}: one text per task. */
#include <stdbool.h>
#include <stddef.h>

struct inputs {
    char **words; /* into `block` */
    size_t count;
    char *block;
};

/*
 * Reads the file at `path`, "-" for stdin, to its end: one input a line, or
 * with `is_null_separated` one up to each 0. Empty ones are left out. False:
 * one line has been said. inputs_free() in any case.
 */
bool inputs_read(const char *path, bool is_null_separated,
                 struct inputs *inputs);
void inputs_free(struct inputs *inputs);

#endif
