/* SPDX-License-Identifier: MIT */
#ifndef BENCH_COMMAND_FLAGS_H
#define BENCH_COMMAND_FLAGS_H

/* The flags of `-- COMMAND`: a second table beside that of options.c. */
#include <stdbool.h>
#include <stddef.h>

#include "flags.h"

/* Texts point into argv; NULL where not given. */
struct command_options {
    char **words; /* what stands after `--`, up to `:::` */
    size_t word_count;
    char **inputs; /* what stands after `:::` */
    size_t input_count;
    bool has_inputs; /* there was a `:::` */
    const char *input_file;
    bool is_null_separated;
    bool is_shell;
    double timeout_s; /* 0: none */
    const char *keep_output;
    const char *joblog;
    const char *setup;
    const char *prepare;
    const char *conclude;
    const char *cleanup;
    const char *throughput_regex;
    const char *flag; /* the last one given, other than --joblog */
};

/* All its ids are COMMAND_FLAGS and above. */
enum { COMMAND_FLAGS = 1000 };
extern const struct flag command_flags[];

/* False: one line has been said. */
bool command_flags_take(const struct flag *flag, const char *value,
                        struct command_options *options);

/* Takes the words after `--`. */
void command_flags_words(char **words, size_t count,
                         struct command_options *options);

/* Does it, or one of the tables with larger ids, say what is measured? */
bool command_flags_shape_plan(const struct flag *flag);

/* What --help says beside the table. */
void command_flags_help(void);

/* Are there flags for a command and no command? False: one line has been said.
 * A run that is resumed has its commands in the record, and a log of its own. */
bool command_flags_check(const struct command_options *options,
                         bool is_resumed);

#endif
