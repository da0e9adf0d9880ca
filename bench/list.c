/* SPDX-License-Identifier: MIT */
/*
 * `cfbench list`: what there is to run, and on what. The texts come from the
 * tables of workloads and backends themselves, so the list cannot be wrong.
 */
#include "commands.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include <cf/backend.h>

#include "flags.h"
#include "nearest.h"
#include "pythons.h"
#include "say.h"
#include "workloads.h"

enum { JSON };

static const struct flag flags[] = {
    {"json", 0, NULL, "for programs", JSON},
    {NULL, 0, NULL, NULL, 0},
};

static void help(void)
{
    printf("cfbench list: what can be run, and on what\n\n"
           "usage: cfbench list [workloads|backends] [--json]\n\n");
    flag_print(flags);
    printf("\nexample:\n  cfbench list workloads\n");
}

static const char *class_text(enum wl_class klass)
{
    switch (klass) {
    case WL_CPU:
        return "cpu";
    case WL_IO:
        return "io";
    case WL_MIXED:
        return "mixed";
    case WL_MEMORY:
        return "memory";
    }
    return "unknown";
}

static void print_workload(const struct wl_workload *workload)
{
    const struct wl_parameter *parameter = workload->parameters;

    printf("  %s (%s): %s\n", workload->name, class_text(workload->klass),
           workload->about);
    printf("      limited by %s\n", workload->limit);
    for (; parameter != NULL && parameter->name != NULL; parameter++)
        printf("      -p %s=%s  %s\n", parameter->name, parameter->standard,
               parameter->about);
}

static void print_workloads(void)
{
    const struct wl_workload *workload;

    printf("workloads, their class, what limits them, their parameters with "
           "defaults:\n");
    for (size_t i = 0; (workload = wl_at(i)) != NULL; i++)
        print_workload(workload);
}

static void print_backends(void)
{
    const struct cf_backend *backend;
    const char *lane, *about;

    printf("backends:\n");
    for (size_t i = 0; (backend = cf_backend_at(i)) != NULL; i++) {
        const char *missing = cf_backend_missing(backend);

        printf("  %-12s %s\n", cf_backend_name(backend),
               cf_backend_about(backend));
        if (missing != NULL)
            printf("%15snot here: %s\n", "", missing);
    }
    printf(
        "lanes in a Python interpreter (--python), where the work has a twin "
        "there:\n");
    for (size_t i = 0; (lane = pythons_name_at(i, &about)) != NULL; i++)
        printf("  %-20s %s\n", lane, about);
}

/* Our own constant texts: only what they may hold needs escaping. */
static void json_text(const char *key, const char *text, const char *after)
{
    printf("\"%s\": ", key);
    if (text == NULL) {
        printf("null%s", after);
        return;
    }
    putchar('"');
    for (; *text != '\0'; text++) {
        if (*text == '"' || *text == '\\')
            putchar('\\');
        putchar(*text);
    }
    printf("\"%s", after);
}

static void json_workload(const struct wl_workload *workload)
{
    const struct wl_parameter *parameter = workload->parameters;

    printf("    {");
    json_text("name", workload->name, ", ");
    json_text("class", class_text(workload->klass), ", ");
    json_text("about", workload->about, ", ");
    json_text("limit", workload->limit, ", ");
    printf("\"parameters\": [");
    for (; parameter != NULL && parameter->name != NULL; parameter++) {
        printf("%s{", parameter == workload->parameters ? "" : ", ");
        json_text("name", parameter->name, ", ");
        json_text("default", parameter->standard, ", ");
        json_text("about", parameter->about, "}");
    }
    printf("]}");
}

static void json_workloads(void)
{
    const struct wl_workload *workload;

    printf("  \"workloads\": [");
    for (size_t i = 0; (workload = wl_at(i)) != NULL; i++) {
        printf(i == 0 ? "\n" : ",\n");
        json_workload(workload);
    }
    printf("\n  ]");
}

static void json_backends(void)
{
    const struct cf_backend *backend;
    const char *lane, *about;

    printf("  \"backends\": [");
    for (size_t i = 0; (backend = cf_backend_at(i)) != NULL; i++) {
        printf(i == 0 ? "\n    {" : ",\n    {");
        json_text("name", cf_backend_name(backend), ", ");
        json_text("about", cf_backend_about(backend), ", ");
        json_text("missing", cf_backend_missing(backend), "}");
    }
    for (size_t i = 0; (lane = pythons_name_at(i, &about)) != NULL; i++) {
        printf(",\n    {");
        json_text("name", lane, ", ");
        json_text("about", about, ", ");
        json_text("missing", NULL, "}");
    }
    printf("\n  ]");
}

static void print(bool workloads, bool backends, bool json)
{
    if (json)
        printf("{\n");
    if (workloads && json)
        json_workloads();
    else if (workloads)
        print_workloads();
    if (workloads && backends)
        printf(json ? ",\n" : "\n");
    if (backends && json)
        json_backends();
    else if (backends)
        print_backends();
    if (json)
        printf("\n}\n");
}

static int refuse(const char *word)
{
    struct nearest nearest = nearest_start(word);
    char meant[80];

    nearest_offer(&nearest, "workloads");
    nearest_offer(&nearest, "backends");
    return say_trouble("list %.60s: neither workloads nor backends%s", word,
                       nearest_text(&nearest, meant));
}

int list_command(int argc, char **argv)
{
    struct flag_reader reader = {
        .table = flags, .argc = argc, .argv = argv, .next = 1};
    const char *what = NULL;
    bool json = false;

    for (;;) {
        switch (flag_next(&reader)) {
        case FLAG_WORD:
            if (what != NULL)
                return say_trouble("list %.60s: one list at a time",
                                   reader.value);
            what = reader.value;
            break;
        case FLAG_GIVEN:
            json = true;
            break;
        case FLAG_HELP:
            help();
            return EXIT_FINE;
        case FLAG_WRONG:
            return EXIT_TROUBLE;
        case FLAG_END:
            if (what != NULL && strcmp(what, "workloads") != 0 &&
                strcmp(what, "backends") != 0)
                return refuse(what);
            print(what == NULL || what[0] == 'w',
                  what == NULL || what[0] == 'b', json);
            return EXIT_FINE;
        }
    }
}
