/* SPDX-License-Identifier: MIT */
/*
 * Sentences from summaries. Nothing is estimated here; what is chosen (which
 * count of workers to name, which workload comes first) is chosen by rules
 * that a reader can check in the table:
 *
 *   advice    what was recommended, where somebody asked; or else
 *   count     the fewest workers within 5 % of the backend's best throughput
 *   backend   thread where it was measured, else the first but gil and loops
 *             without workers, else a loop but serial
 *   base      one worker of the same backend, else the serial loop
 *   order     the first workload of each class, then the others
 */
#include "findings.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "grain.h"
#include "quantity.h"
#include "utf8.h"

enum { NAME_CHARS_MAX = 40, NAME_BYTES = 4 * NAME_CHARS_MAX + 4 };

static const struct {
    const char *backend;
    const char *one, *many;
} words[] = {
    {"thread", "thread", "threads"},
    {"process", "process", "processes"},
    {"openmp", "OpenMP thread", "OpenMP threads"},
    {"gil", "thread under a GIL", "threads under a GIL"},
    {"mpi", "rank", "ranks"},
    {"command", "worker", "workers"}, /* its own, or another tool's */
};

void findings_plain(char *text, size_t text_bytes, const char *name,
                    size_t max_chars)
{
    size_t used = 0, left = strlen(name);

    for (size_t i = 0; i < max_chars && left > 0; i++) {
        struct utf8_char c = utf8_take(name, left);
        if (used + (c.is_plain ? c.bytes : 1) + 4 > text_bytes)
            break;
        if (c.is_plain)
            memcpy(text + used, name, c.bytes);
        else
            text[used] = '?';
        used += c.is_plain ? c.bytes : 1;
        name += c.bytes;
        left -= c.bytes;
    }
    strcpy(text + used, left > 0 ? "\xE2\x80\xA6" : "");
}

/* "8 workers on 2 ranks" */
static bool tell_ranks(char *text, size_t text_bytes, const char *backend,
                       size_t workers)
{
    static const char mpi[] = "mpi:";
    const char *number = backend + strlen(mpi);
    size_t each, ranks;

    if (strncmp(backend, mpi, strlen(mpi)) != 0 || *number == '\0' ||
        strspn(number, "0123456789") != strlen(number) || strlen(number) > 9)
        return false; /* a record can say anything */
    each = (size_t)strtoul(number, NULL, 10);
    if (each == 0)
        return false;
    ranks = workers / each + (workers % each != 0);
    snprintf(text, text_bytes, "%zu worker%s on %zu rank%s", workers,
             workers == 1 ? "" : "s", ranks, ranks == 1 ? "" : "s");
    return true;
}

/* "2 CPython threads", "1 CPython 3.14t process", "the CPython loop" */
static bool tell_python(char *text, size_t text_bytes, const char *backend,
                        size_t workers)
{
    static const char start[] = "cpython";
    static const char *const executors[][2] = {
        {"-thread", "s"}, {"-process", "es"}, {"-interpreter", "s"}};
    const char *version = backend + strlen(start);
    const char *dash = strrchr(backend, '-');
    int length = dash == NULL ? 0 : (int)(dash - version);

    if (strncmp(backend, start, strlen(start)) != 0 || length < 0 ||
        length > 12 || strspn(version, "0123456789.t") != (size_t)length)
        return false; /* a record can say anything */
    for (size_t i = 0; i < sizeof executors / sizeof executors[0]; i++)
        if (strcmp(version + length, executors[i][0]) == 0) {
            snprintf(text, text_bytes, "%zu CPython%s%.*s %s%s", workers,
                     length > 0 ? " " : "", length, version,
                     executors[i][0] + 1, workers == 1 ? "" : executors[i][1]);
            return true;
        }
    if (strcmp(version + length, "-serial") != 0)
        return false;
    snprintf(text, text_bytes, "the CPython%s%.*s loop", length > 0 ? " " : "",
             length, version);
    return true;
}

void findings_workers(char *text, size_t text_bytes, const char *backend,
                      size_t workers)
{
    char name[NAME_BYTES];

    if (tell_ranks(text, text_bytes, backend, workers) ||
        tell_python(text, text_bytes, backend, workers))
        return;
    if (strcmp(backend, "serial") == 0) {
        snprintf(text, text_bytes, "the serial loop");
        return;
    }
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].backend, backend) == 0) {
            snprintf(text, text_bytes, "%zu %s", workers,
                     workers == 1 ? words[i].one : words[i].many);
            return;
        }
    findings_plain(name, sizeof name, backend, NAME_CHARS_MAX);
    snprintf(text, text_bytes, "%s, %zu", name, workers);
}

struct finding *findings_add(struct findings *findings, size_t workload)
{
    struct finding *list =
        realloc(findings->list, (findings->count + 1) * sizeof *list);

    if (list == NULL)
        return NULL;
    findings->list = list;
    list += findings->count++;
    *list = (struct finding){.workload = workload};
    return list;
}

void findings_finish(struct findings *findings)
{
    free(findings->list);
    *findings = (struct findings){0};
}

static double throughput(const struct record *record, size_t case_index)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, "throughput_per_s", NO_CASE);

    return summary != NULL && isfinite(summary->estimate) ? summary->estimate
                                                          : 0;
}

static bool is_case_of(const struct record_case *one, const char *workload,
                       const char *backend)
{
    return strcmp(one->workload, workload) == 0 &&
           strcmp(one->backend, backend) == 0;
}

size_t findings_knee(const struct record *record, const char *workload,
                     const char *backend)
{
    static const double within = 0.95;
    double best = 0;
    size_t knee = NO_CASE;

    for (size_t i = 0; i < record->case_count; i++)
        if (is_case_of(&record->cases[i], workload, backend))
            best = fmax(best, throughput(record, i));
    for (size_t i = 0; i < record->case_count && best > 0; i++)
        if (is_case_of(&record->cases[i], workload, backend) &&
            throughput(record, i) >= within * best &&
            (knee == NO_CASE ||
             record->cases[i].workers < record->cases[knee].workers))
            knee = i;
    return knee;
}

/* What was recommended, where somebody asked; NO_CASE: nobody, or there is no
 * answer. */
static size_t recommended_case(const struct record *record,
                               const char *workload)
{
    const struct record_recommendation *one =
        record_find_recommendation(record, workload);

    return one != NULL && one->workers >= 1 && one->workers <= 1 << 20
               ? record_find_case(record, workload, one->backend,
                                  (size_t)one->workers)
               : NO_CASE;
}

/* The case that an answer is about. */
static size_t choose_case(const struct record *record, const char *workload)
{
    size_t asked = recommended_case(record, workload);
    size_t chosen = findings_knee(record, workload, "thread");

    if (asked != NO_CASE && throughput(record, asked) > 0)
        return asked;
    for (size_t i = 0; chosen == NO_CASE && i < 2 * record->case_count; i++) {
        const struct record_case *one = &record->cases[i % record->case_count];
        bool takes_loops = i >= record->case_count;
        if (strcmp(one->workload, workload) == 0 &&
            strcmp(one->backend, "serial") != 0 &&
            strcmp(one->backend, "gil") != 0 &&
            (takes_loops || !record_is_loop(one->backend)))
            chosen = findings_knee(record, workload, one->backend);
    }
    return chosen;
}

static const struct record_summary *speedup_over(const struct record *record,
                                                 size_t case_index, size_t base)
{
    const struct record_summary *summary =
        base == NO_CASE
            ? NULL
            : record_find_summary(record, case_index, "speedup_ratio", base);

    return summary != NULL && isfinite(summary->estimate) ? summary : NULL;
}

/* The speed-up of a case over one worker of its backend, else over the serial
 * loop; NULL: neither was measured in the same blocks. */
static const struct record_summary *speedup(const struct record *record,
                                            size_t case_index)
{
    const struct record_case *one = &record->cases[case_index];
    const struct record_summary *over_one =
        speedup_over(record, case_index,
                     record_find_case(record, one->workload, one->backend, 1));

    return over_one != NULL
               ? over_one
               : speedup_over(
                     record, case_index,
                     record_serial_case(record, one->workload, one->backend));
}

/* What a speed-up is over: "the serial loop", "one thread". */
static const char *base_words(const struct record *record, size_t base,
                              const char **number)
{
    const char *backend = record->cases[base].backend;

    *number = record_is_loop(backend) ? "" : "one ";
    if (record_is_loop(backend))
        return strcmp(backend, "serial") == 0 ? "the serial loop"
                                              : "its own serial loop";
    for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
        if (strcmp(words[i].backend, backend) == 0)
            return words[i].one;
    return "worker";
}

/* Appends "; under a GIL 1.00x [0.99, 1.01]", of the same number of workers
 * and, the base of each being its own, of the same kind of base. */
static void append_gil(const struct record *record, size_t case_index,
                       struct finding *finding)
{
    const struct record_case *free_case = &record->cases[case_index];
    size_t gil = record_find_case(record, free_case->workload, "gil",
                                  free_case->workers);
    const struct record_summary *summary =
        gil == NO_CASE ? NULL : speedup(record, gil);
    size_t used = strlen(finding->text);
    char value[96];

    if (summary == NULL || free_case->workers < 2)
        return;
    quantity_interval_text(value, sizeof value, QUANTITY_RATIO,
                           summary->estimate, summary->ci95);
    snprintf(finding->text + used, sizeof finding->text - used,
             "; under a GIL %s", value);
}

/* Of a case without a base: ", 490 /s [485, 495] (tasks per second)". */
static void tell_rate(const struct record *record, size_t case_index,
                      struct finding *finding)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, "throughput_per_s", NO_CASE);
    size_t used = strlen(finding->text);
    char value[96];

    quantity_text(finding->headline, sizeof finding->headline, QUANTITY_RATE,
                  summary->estimate);
    quantity_interval_text(value, sizeof value, QUANTITY_RATE,
                           summary->estimate, summary->ci95);
    snprintf(finding->text + used, sizeof finding->text - used,
             ", %s (tasks per second)", value);
}

static void tell_speedup(const struct record *record, size_t case_index,
                         const struct record_summary *summary,
                         struct finding *finding)
{
    const char *number, *base = base_words(record, summary->base, &number);
    size_t used = strlen(finding->text);
    char value[96];

    quantity_interval_text(value, sizeof value, QUANTITY_RATIO,
                           summary->estimate, summary->ci95);
    quantity_text(finding->headline, sizeof finding->headline, QUANTITY_RATIO,
                  summary->estimate);
    snprintf(finding->text + used, sizeof finding->text - used, " %s over %s%s",
             value, number, base);
    append_gil(record, case_index, finding);
}

/* Says what workers bring to a workload; false where nothing is known. */
static bool answer(const struct record *record, size_t workload,
                   struct finding *finding)
{
    const char *id = record->workloads[workload].id;
    size_t chosen = choose_case(record, id);
    const struct record_summary *summary;
    char name[NAME_BYTES], workers[NAME_BYTES + 24];

    if (findings_rate(record) > 0)
        return findings_open_loop(record, workload, finding);
    if (chosen == NO_CASE)
        return false;
    summary = speedup(record, chosen);
    findings_plain(name, sizeof name, id, NAME_CHARS_MAX);
    findings_workers(workers, sizeof workers, record->cases[chosen].backend,
                     record->cases[chosen].workers);
    snprintf(finding->text, sizeof finding->text, "%s: %s", name, workers);
    if (summary == NULL || summary->base == chosen)
        tell_rate(record, chosen, finding);
    else
        tell_speedup(record, chosen, summary, finding);
    return true;
}

/* Is it the first workload of its class? */
static bool leads_class(const struct record *record, size_t workload)
{
    const char *klass = record->workloads[workload].klass;

    for (size_t i = 0; klass != NULL && i < workload; i++)
        if (record->workloads[i].klass != NULL &&
            strcmp(record->workloads[i].klass, klass) == 0)
            return false;
    return true;
}

/* The answer about a workload whose tasks come in several lengths. */
static bool answer_lengths(const struct record *record, size_t workload,
                           struct finding *finding)
{
    struct details details;
    struct grain grain;
    bool is_found = false;

    if (!grain_is_first(record, workload))
        return false;
    if (details_collect(record, &details) &&
        grain_collect(&details, workload, &grain)) {
        is_found = findings_lengths(
            &grain, record->workloads[workload].grain.of,
            facts_number(record->env, "cpu.usable", NAN), finding);
        finding->workload = workload;
        grain_finish(&grain);
    }
    details_finish(&details);
    return is_found;
}

bool findings_answers(const struct record *record, struct findings *findings)
{
    *findings = (struct findings){0};
    if (!findings_sides(record, findings))
        return false;
    for (int pass = 0; pass < 2; pass++)
        for (size_t i = 0; i < record->workload_count; i++) {
            struct finding finding = {.workload = i};
            if (leads_class(record, i) != (pass == 0) ||
                !(grain_is_of_lengths(record, i)
                      ? answer_lengths(record, i, &finding)
                      : answer(record, i, &finding)))
                continue;
            struct finding *place = findings_add(findings, i);
            if (place == NULL)
                return false;
            *place = finding;
        }
    return true;
}
