/* SPDX-License-Identifier: MIT */
/*
 * One line for each thing that goes wrong, in one form. File names and flags
 * in it are the user's, or of a record that anybody may have written.
 */
#include "command.h"

#include <stdio.h>
#include <string.h>

#include "nearest.h"
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

/* "; did you mean --format?", or "" where `flag` is like no long one. */
static void guess(const char *flag, const struct option *flags, char text[80])
{
    struct nearest nearest;
    char name[32];

    text[0] = '\0';
    if (strncmp(flag, "--", 2) != 0)
        return;
    snprintf(name, sizeof name, "%.*s", (int)strcspn(flag + 2, "="), flag + 2);
    nearest = nearest_start(name);
    for (; flags->name != NULL; flags++)
        nearest_offer(&nearest, flags->name);
    if (nearest.best != NULL)
        snprintf(text, 80, "; did you mean --%s?", nearest.best);
}

int command_bad_flag(int option, char **argv, const struct option *flags)
{
    const char *flag = argv[optind > 1 ? optind - 1 : 1];
    char letter[] = {'-', (char)optopt, '\0'};
    char meant[80] = "", why[160];

    if (optopt != 0 && flag[0] == '-' && flag[1] != '-')
        flag = letter;
    if (option != ':')
        guess(flag, flags, meant);
    if (meant[0] == '\0')
        snprintf(meant, sizeof meant, "; see cfbench %s --help", argv[0]);
    snprintf(why, sizeof why, "%s%s",
             option == ':' ? "needs a value" : "no such flag", meant);
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
