/* SPDX-License-Identifier: MIT */
#ifndef BENCH_FLAGS_H
#define BENCH_FLAGS_H

/*
 * Command-line flags as a table: what it lists is accepted, and is what --help
 * shows. `--name VALUE`, `--name=VALUE`, `-n VALUE`, `-nVALUE`; flags and words
 * in any order; after `--` only words. Every table understands --help and -h.
 */
#include <stdbool.h>

struct flag {
    const char *name;  /* "workers", typed --workers; NULL ends a table     */
    char letter;       /* 'j', typed -j; 0: none                            */
    const char *value; /* what follows, as --help names it; NULL: nothing   */
    const char *about; /* with unit and default; '\n' starts a further line */
    int id;
};

enum flag_kind { FLAG_GIVEN, FLAG_WORD, FLAG_HELP, FLAG_WRONG, FLAG_END };

struct flag_reader {
    const struct flag *table;
    const struct flag *more;  /* a second table, or NULL */
    const struct flag *extra; /* a third, or NULL        */
    int argc;
    char **argv; /* argv[0] is the command's own name */
    int next;    /* start at 1 */
    bool only_words;

    /* --- set by flag_next() --- */
    const struct flag *flag; /* FLAG_GIVEN                             */
    const char *value;       /* FLAG_GIVEN with a value, and FLAG_WORD */
};

/* The next flag or word. FLAG_WRONG: it has been complained about. */
enum flag_kind flag_next(struct flag_reader *reader);

/* Prints a table, one flag to a line or two, for --help. */
void flag_print(const struct flag *table);

/* The same for a second table, without --help; but for those named in `but`,
 * which ends with NULL, or is NULL: for none. */
void flag_print_table(const struct flag *table, const char *const *but);

#endif
