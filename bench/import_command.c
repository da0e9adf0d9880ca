/* SPDX-License-Identifier: MIT */
/* `cfbench import`: another tool's file as a record, so that plot, report and
 * fit can read it. */
#include "commands.h"

#include <stdbool.h>
#include <stdio.h>

#include "flags.h"
#include "formats.h"
#include "output.h"
#include "say.h"
#include "scaling.h"

enum { OUTPUT = 1, FORCE };

static const struct flag flags[] = {
    {"output", 'o', "FILE.json", "where the record goes", OUTPUT},
    {"force", 0, NULL, "replace a file that is no record of cfbench", FORCE},
    {NULL, 0, NULL, NULL, 0},
};

struct request {
    const char *input;
    const char *output;
    bool force;
};

static void help(void)
{
    printf("cfbench import: a record from another tool's file\n\n"
           "usage: cfbench import FILE -o RESULT.json\n\n"
           "FILE is a JSON file of hyperfine, pyperf or Google Benchmark, or a "
           "table with\nthe columns N and X (workers, throughput_per_s), or "
           "times for X (elapsed_s,\ntime_ms, ...). A parameter, a name or the "
           "metadata says how many workers there\nwere. Such runs were not "
           "interleaved, so nothing in them is compared in pairs.\n\n");
    flag_print(flags);
    printf("\nexample:\n"
           "  printf '1 98\\n2 190\\n4 350\\n' | cfbench import - -o "
           "imported.json\n");
}

static int import_file(const struct request *request)
{
    const char *path = request->input[0] == '-' && request->input[1] == '\0'
                           ? "/dev/stdin"
                           : request->input;
    struct record_error error;
    struct record *record;
    const char *reason;
    bool is_written;

    if (!output_check(request->output, request->force))
        return EXIT_TROUBLE;
    record = formats_import(path, &error);
    if (record == NULL)
        return say_trouble("%s", error.text);
    if (!scaling_fit_record(record, &(struct scaling_request){0}, &reason)) {
        record_destroy(record);
        return say_trouble("no memory");
    }
    is_written = record_write(record, request->output, &error);
    if (is_written)
        printf("%zu sample%s of %zu case%s, %zu model%s\n",
               record->sample_count, say_plural(record->sample_count),
               record->case_count, say_plural(record->case_count),
               record->model_count, say_plural(record->model_count));
    record_destroy(record);
    return is_written ? EXIT_FINE : say_trouble("%s", error.text);
}

static int finish(const struct request *request)
{
    if (request->input == NULL)
        return say_trouble("import: which file? (cfbench import --help)");
    if (request->output == NULL)
        return say_trouble("import: -o FILE.json says where the record goes");
    return import_file(request);
}

int import_command(int argc, char **argv)
{
    struct flag_reader reader = {
        .table = flags, .argc = argc, .argv = argv, .next = 1};
    struct request request = {0};

    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (request.input != NULL)
                return say_trouble("import: one file at a time");
            request.input = reader.value;
            break;
        case FLAG_GIVEN:
            if (reader.flag->id == OUTPUT)
                request.output = reader.value;
            else
                request.force = true;
            break;
        case FLAG_HELP:
            help();
            return EXIT_FINE;
        case FLAG_WRONG:
            return EXIT_TROUBLE;
        case FLAG_END:
            return finish(&request);
        }
    }
}
