/* SPDX-License-Identifier: MIT */
#ifndef BENCH_VERSUS_FLAGS_H
#define BENCH_VERSUS_FLAGS_H

/* The flags of `cfbench compare` and `gate`. With --vs they measure, and take
 * those of `run` as well. */
#include <stdbool.h>

#include "flags.h"

struct options;

/* Texts point into argv. */
struct versus_options {
    const char *old; /* a command's line, or a workload; NULL: two records */
    const char *baseline;
    double threshold; /* the smallest difference that counts */
    bool is_strict;
};

/* All their ids are VERSUS_FLAGS and above. */
enum { VERSUS_FLAGS = 3000 };

/* The table of that command; NULL: it is neither. */
const struct flag *versus_flags_of(const char *command);

void versus_flags_defaults(struct versus_options *options);

/* Does the command line ask for a measurement? */
bool versus_is_asked(int argc, char **argv);

/* False: one line has been said. */
bool versus_flags_take(const struct flag *flag, const char *value,
                       struct versus_options *options);

/* Is there an old and a new? Chooses what was not given. False: one line has
 * been said. */
bool versus_flags_check(struct options *options);

void versus_flags_help(const char *command);

#endif
