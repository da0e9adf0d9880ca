/* SPDX-License-Identifier: MIT */
/* `cfbench export`: a record as another tool would have written it. */
#include "commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "flags.h"
#include "formats.h"
#include "nearest.h"
#include "say.h"

enum { FORMAT = 1, OUTPUT, FORCE };

static const struct flag flags[] = {
    {"format", 'f', "NAME", "one of those above", FORMAT},
    {"output", 'o', "FILE", "where it goes; default, and -: stdout", OUTPUT},
    {"force", 0, NULL, "replace a file that is there", FORCE},
    {NULL, 0, NULL, NULL, 0},
};

struct request {
    const char *input;
    const char *output;
    const struct export_format *format;
    bool force;
};

static void help(void)
{
    printf("cfbench export: a record in another tool's format\n\n"
           "usage: cfbench export --format NAME RESULT.json [-o FILE]\n\n");
    for (const struct export_format *one = export_formats; one->name; one++)
        printf("  %-20s %s\n", one->name, one->about);
    putchar('\n');
    flag_print(flags);
    printf("\nexample:\n"
           "  cfbench run sleep -j 1,2 --tasks 4 --blocks 2 -o r.json\n"
           "  cfbench export -f md r.json\n");
}

static bool choose_format(const char *name, struct request *request)
{
    struct nearest nearest = nearest_start(name);
    char meant[80];

    request->format = export_format_find(name);
    if (request->format != NULL)
        return true;
    for (const struct export_format *one = export_formats; one->name; one++)
        nearest_offer(&nearest, one->name);
    say_trouble("--format %.60s: no such format%s", name,
                nearest.best != NULL ? nearest_text(&nearest, meant)
                                     : " (cfbench export --help lists them)");
    return false;
}

static bool take_flag(const struct flag_reader *reader, struct request *request)
{
    switch (reader->flag->id) {
    case FORMAT:
        return choose_format(reader->value, request);
    case OUTPUT:
        /* "-" is where it goes without the flag, too */
        request->output =
            strcmp(reader->value, "-") == 0 ? NULL : reader->value;
        return true;
    default:
        request->force = true;
        return true;
    }
}

static int export_record(const struct request *request)
{
    struct record_error error;
    struct record *record;
    struct stat there;
    bool is_written;

    if (request->input == NULL)
        return say_trouble("export: which record? (cfbench export --help)");
    if (request->format == NULL)
        return say_trouble(
            "export: --format NAME is missing (cfbench export --help)");
    if (request->output != NULL && !request->force &&
        lstat(request->output, &there) == 0)
        return say_trouble("%.300s: exists already (--force replaces it)",
                           request->output);
    record = record_read(request->input, &error);
    if (record == NULL)
        return say_trouble("%s", error.text);
    fflush(stdout);
    is_written =
        formats_export(record, request->format, request->output, &error);
    record_destroy(record);
    return is_written ? EXIT_FINE : say_trouble("%s", error.text);
}

int export_command(int argc, char **argv)
{
    struct flag_reader reader = {
        .table = flags, .argc = argc, .argv = argv, .next = 1};
    struct request request = {0};

    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (request.input != NULL)
                return say_trouble("export: one record at a time");
            request.input = reader.value;
            break;
        case FLAG_GIVEN:
            if (!take_flag(&reader, &request))
                return EXIT_TROUBLE;
            break;
        case FLAG_HELP:
            help();
            return EXIT_FINE;
        case FLAG_WRONG:
            return EXIT_TROUBLE;
        case FLAG_END:
            return export_record(&request);
        }
    }
}
