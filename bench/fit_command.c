/* SPDX-License-Identifier: MIT */
/* `cfbench fit`: which model throughput follows over worker counts, from our
 * records, other tools' files, or a table of N and X. */
#include "commands.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "findings.h"
#include "fit.h"
#include "fit_print.h"
#include "flags.h"
#include "formats.h"
#include "nearest.h"
#include "record_json.h"
#include "record_memory.h"
#include "say.h"
#include "scaling.h"

enum { MODEL = 1, OBJECTIVE, JSON };

static const struct flag flags[] = {
    {"model", 'm', "NAME",
     "auto (default), flat, linear, amdahl, saturation,\nsmt, usl", MODEL},
    {"objective", 0, "log|ols",
     "least squares of logs (default) or of differences", OBJECTIVE},
    {"json", 0, NULL, "one JSON object: {\"models\": [...]}", JSON},
    {NULL, 0, NULL, NULL, 0},
};

struct request {
    const char *path;
    struct scaling_request scaling;
    bool json;
};

static void help(void)
{
    printf(
        "cfbench fit: how throughput follows the worker count\n\n"
        "usage: cfbench fit DATA [--model NAME] [--objective log|ols] "
        "[--json]\n"
        "\n"
        "DATA is a record of cfbench, a JSON file of hyperfine, pyperf or "
        "Google\nBenchmark, or a table with the columns N and X (workers, "
        "throughput_per_s)\nbetween commas, semicolons, tabs or blanks; - is "
        "stdin. For X there may be\nelapsed_s, time_ms, ...: of the row's "
        "tasks, "
        "or of one.\n\n");
    flag_print(flags);
    printf("\nexample:\n"
           "  printf '1 98\\n2 190\\n4 350\\n8 560\\n16 640\\n32 480\\n' | "
           "cfbench fit -\n");
}

static bool choose_model(const char *name, struct request *request)
{
    struct nearest nearest = nearest_start(name);
    char meant[80];

    request->scaling.model = strcmp(name, "auto") == 0 ? NULL : name;
    if (request->scaling.model == NULL || model_find(name) != NULL)
        return true;
    nearest_offer(&nearest, "auto");
    for (size_t i = 0; models[i] != NULL; i++)
        nearest_offer(&nearest, models[i]->name);
    say_trouble("--model %.60s: no such model%s", name,
                nearest_text(&nearest, meant));
    return false;
}

static bool choose_objective(const char *name, struct request *request)
{
    static const char *const words[] = {"log", "ols", NULL};
    bool is_ols = strcmp(name, "ols") == 0;
    char meant[80];

    request->scaling.objective = is_ols ? OBJECTIVE_OLS : OBJECTIVE_LOG;
    if (is_ols || strcmp(name, "log") == 0)
        return true;
    say_trouble("--objective %.60s: neither log nor ols%s", name,
                nearest_among(name, words, meant));
    return false;
}

static bool take_flag(const struct flag_reader *reader, struct request *request)
{
    switch (reader->flag->id) {
    case MODEL:
        return choose_model(reader->value, request);
    case OBJECTIVE:
        return choose_objective(reader->value, request);
    default:
        request->json = true;
        return true;
    }
}

/* Why a series has no model. */
static int complain(const struct series *series, enum scaling_outcome outcome,
                    const struct request *request, size_t counts)
{
    const char *name = request->scaling.model;
    char workload[80];
    size_t needed =
        fit_counts_needed(name == NULL ? models[0] : model_find(name));

    say_safe(series->workload, workload, sizeof workload);
    if (outcome == SCALING_NO_MEMORY)
        return say_trouble("%s: no memory", workload);
    if (outcome == SCALING_UNKNOWN)
        return say_trouble("%s: the model %s does not apply", workload, name);
    return say_trouble("%s: %zu worker count%s, but %s takes %zu", workload,
                       counts, counts == 1 ? "" : "s",
                       name == NULL ? "a fit" : name, needed);
}

/* The model of a series, into `record` where there is one. */
static enum scaling_outcome fit_one(const struct series *series,
                                    const struct request *request,
                                    struct record *record, size_t *counts)
{
    struct record_model model = {0}, *place = NULL;
    enum scaling_outcome outcome =
        scaling_fit(series->values, series->count, &request->scaling, &model);

    *counts = model.count_count;
    if (outcome == SCALING_FITTED)
        place = record_add_model(record);
    if (place == NULL) {
        record_finish_model(&model);
        return outcome == SCALING_FITTED ? SCALING_NO_MEMORY : outcome;
    }
    model.workload = strdup(series->workload);
    model.backend = series->backend == NULL ? NULL : strdup(series->backend);
    *place = model;
    return model.workload != NULL &&
                   (model.backend != NULL || series->backend == NULL)
               ? SCALING_FITTED
               : SCALING_NO_MEMORY;
}

/* A model for each series that has one: a table of ours has the serial loop,
 * which is one count, beside the curves. */
static int fit_series(const struct series_list *list,
                      const struct request *request, struct record *record)
{
    const struct series *first = NULL; /* without one */
    enum scaling_outcome why = SCALING_FITTED;
    size_t first_counts = 0;

    for (size_t i = 0; i < list->count; i++) {
        const struct series *series = &list->series[i];
        size_t counts;
        enum scaling_outcome outcome =
            fit_one(series, request, record, &counts);

        if (outcome == SCALING_NO_MEMORY)
            return complain(series, outcome, request, counts);
        if (outcome == SCALING_FITTED || first != NULL)
            continue;
        first = series;
        why = outcome;
        first_counts = counts;
    }
    return record->model_count > 0 || first == NULL
               ? EXIT_FINE
               : complain(first, why, request, first_counts);
}

static int fit_record(struct record *record, const struct request *request)
{
    const char *reason;

    if (findings_rate(record) > 0)
        return say_trouble("fit: %.200s: measured with --rate: its throughput "
                           "is what came; its latencies are in cfbench report",
                           request->path);
    if (!scaling_fit_record(record, &request->scaling, &reason))
        return say_trouble("%.300s: no memory", request->path);
    return reason == NULL ? EXIT_FINE
                          : say_trouble("%.300s: %s", request->path, reason);
}

static int print_json(const struct record *record)
{
    struct json_writer writer;
    bool is_written;

    fflush(stdout);
    json_init(&writer, STDOUT_FILENO);
    json_open(&writer, NULL, '{');
    record_write_models(&writer, record);
    json_close(&writer, '}');
    json_end_line(&writer);
    is_written = json_flush(&writer) || writer.error == EPIPE;
    json_finish(&writer);
    return is_written ? EXIT_FINE
                      : say_trouble("stdout: %s", strerror(writer.error));
}

static int print(const struct record *record, bool json)
{
    if (json)
        return print_json(record);
    for (size_t i = 0; i < record->model_count; i++) {
        if (i > 0)
            putchar('\n');
        fit_print(&record->models[i]);
    }
    return EXIT_FINE;
}

static int fit(const struct request *request)
{
    const char *path =
        strcmp(request->path, "-") == 0 ? "/dev/stdin" : request->path;
    struct series_list series = {0};
    struct record *record = NULL;
    struct record_error error;
    int code;

    if (!formats_read_values(path, &record, &series, &error)) {
        code = say_trouble("%s", error.text);
    } else if (record != NULL) {
        code = fit_record(record, request);
    } else {
        record = record_create();
        code = record == NULL ? say_trouble("no memory")
                              : fit_series(&series, request, record);
    }
    if (code == EXIT_FINE)
        code = print(record, request->json);
    series_finish(&series);
    record_destroy(record);
    return code;
}

int fit_command(int argc, char **argv)
{
    struct flag_reader reader = {
        .table = flags, .argc = argc, .argv = argv, .next = 1};
    struct request request = {0};

    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (request.path != NULL)
                return say_trouble("fit: one file at a time");
            request.path = reader.value;
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
            return request.path != NULL
                       ? fit(&request)
                       : say_trouble("fit: which file? (cfbench fit --help)");
        }
    }
}
