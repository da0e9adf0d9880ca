/* SPDX-License-Identifier: MIT */
/*
 * One line for each thing that goes wrong, in one form. File names and flags
 * in it are the user's, or of a record that anybody may have written.
 */
#include "command.h"

#include <getopt.h>
#include <stdio.h>

#include "text.h"

enum { WHAT_CHARS_MAX = 200, WHY_CHARS_MAX = 400 };

int command_fail(const char *what, const char *why)
{
    fputs("cfbench: ", stderr);
    text_to_terminal(stderr, what, WHAT_CHARS_MAX);
    fputs(": ", stderr);
    text_to_terminal(stderr, why, WHY_CHARS_MAX);
    putc('\n', stderr);
    return EXIT_TROUBLE;
}

int command_bad_flag(int option, char **argv)
{
    const char *flag = argv[optind > 1 ? optind - 1 : 1];
    char letter[] = {'-', (char)optopt, '\0'};
    char why[64];

    if (optopt != 0 && flag[0] == '-' && flag[1] != '-')
        flag = letter;
    snprintf(why, sizeof why, "%s; see cfbench %s --help",
             option == ':' ? "needs a value" : "no such flag", argv[0]);
    return command_fail(flag, why);
}

struct record *command_read(const char *path)
{
    struct record_error error = {{0}};
    struct record *record = record_read(path, &error);

    if (record == NULL) {
        fputs("cfbench: ", stderr);
        text_to_terminal(stderr, error.text, WHY_CHARS_MAX);
        putc('\n', stderr);
    }
    return record;
}
