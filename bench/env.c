/* SPDX-License-Identifier: MIT */
/* `cfbench env`: the machine as a record would describe it, and what about it
 * makes numbers doubtful. */
#include "commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "environment.h"
#include "flags.h"
#include "nearest.h"
#include "say.h"

static const struct flag flags[] = {{NULL, 0, NULL, NULL, 0}};

static void help(void)
{
    printf("cfbench env: the machine that measures\n\n"
           "usage: cfbench env [show|check]\n\n"
           "  show    what a record says about this machine (default)\n"
           "  check   what makes its numbers doubtful, with advice\n\n");
    flag_print(flags);
    printf("\nexample:\n  cfbench env check\n");
}

static void show_members(const struct facts *env, const char *path)
{
    char value[256], safe[256];
    const char *name;

    for (size_t i = 0;
         (name = facts_member(env, path, i, value, sizeof value)) != NULL;
         i++) {
        char full[128];

        snprintf(full, sizeof full, "%s%s%s", path, path[0] ? "." : "", name);
        if (value[0] != '\0')
            printf("%-20s %s\n", full, say_safe(value, safe, sizeof safe));
        else
            show_members(env, full);
    }
}

static void show_checks(const struct facts *env)
{
    size_t count = facts_count(env, "checks");

    if (count == 0)
        printf("nothing about this machine makes its numbers doubtful\n");
    for (size_t i = 0; i < count; i++) {
        const struct facts *check = facts_object_at(env, "checks", i);

        printf("%-12s %s\n%12s %s\n", facts_text(check, "id", ""),
               facts_text(check, "message", ""), "",
               facts_text(check, "advice", ""));
    }
}

static int print(bool checks_only)
{
    struct facts *env = facts_create();
    struct machine_cpu cpu = machine_cpu();
    bool is_described = env != NULL && environment_describe(&cpu, env);

    if (is_described) {
        if (!checks_only) {
            show_members(env, "");
            putchar('\n');
        }
        show_checks(env);
    }
    facts_destroy(env);
    return is_described ? EXIT_FINE : say_trouble("env: no memory");
}

static int refuse(const char *word)
{
    static const char *const words[] = {"show", "check", NULL};
    char meant[80];

    return say_trouble("env %.60s: neither show nor check%s", word,
                       nearest_among(word, words, meant));
}

int env_command(int argc, char **argv)
{
    struct flag_reader reader = {
        .table = flags, .argc = argc, .argv = argv, .next = 1};
    const char *what = NULL;

    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (what != NULL)
                return say_trouble("env %.60s: one at a time", reader.value);
            what = reader.value;
            if (strcmp(what, "show") != 0 && strcmp(what, "check") != 0)
                return refuse(what);
            break;
        case FLAG_HELP:
            help();
            return EXIT_FINE;
        case FLAG_GIVEN:
        case FLAG_WRONG:
            return EXIT_TROUBLE;
        case FLAG_END:
            return print(what != NULL && strcmp(what, "check") == 0);
        }
    }
}
