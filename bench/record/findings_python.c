/* SPDX-License-Identifier: MIT */
/*
 * Ratios are of the time that a task takes, in blocks that have both cases, as
 * all comparisons are: geometric mean and t interval on logs (statistics.h).
 *
 *   lane        cpython-thread beside cpython-serial of the same interpreter
 *   interpreter cpython-serial beside serial: the same task, without a pool
 *   GIL         the gil backend beside thread, with as many workers
 *
 * findings_python_costs.c has what a process' border costs.
 */
#include "findings_python_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quantity.h"
#include "statistics.h"

/* --- which case --- */

/* Is it a lane of a Python interpreter? `label` is "cpython", "cpython3.14t". */
static bool read_label(const char *backend, char label[PYTHON_LABEL_BYTES])
{
    const char *dash = strrchr(backend, '-');

    if (strncmp(backend, PYTHON_PREFIX, strlen(PYTHON_PREFIX)) != 0 ||
        dash == NULL || dash - backend >= PYTHON_LABEL_BYTES)
        return false;
    snprintf(label, PYTHON_LABEL_BYTES, "%.*s", (int)(dash - backend), backend);
    return true;
}

/* The knee of a lane, a case that was measured; NO_CASE: it was not. */
size_t python_knee(const struct record *record, const char *workload,
                   const char *label, const char *executor)
{
    char backend[PYTHON_LABEL_BYTES + 16];

    snprintf(backend, sizeof backend, "%s-%s", label, executor);
    return findings_knee(record, workload, backend);
}

double python_rate(const struct record *record, size_t case_index)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, "throughput_per_s", NO_CASE);

    return summary != NULL ? summary->estimate : NAN;
}

/* The time of a task in `a` over that in `b`. */
struct estimate python_ratio(const struct python_findings *work, size_t a,
                             size_t b)
{
    struct estimate none = {NAN, NAN, NAN}, estimate;
    double *ratios;

    if (a == NO_CASE || b == NO_CASE)
        return none;
    ratios = calloc(work->blocks.cases[a].count + 1, sizeof *ratios);
    if (ratios == NULL)
        return none;
    estimate = statistics_geometric_mean(
        ratios,
        blocks_pair(&work->blocks.cases[a], &work->blocks.cases[b], ratios),
        0.95);
    free(ratios);
    return estimate;
}

/* --- sentences --- */

void python_say(struct python_findings *work, size_t workload,
                const char *headline, const char *text)
{
    struct finding *finding = findings_add(work->findings, workload);

    if (finding == NULL) {
        work->has_memory = false;
        return;
    }
    snprintf(finding->headline, sizeof finding->headline, "%s", headline);
    snprintf(finding->text, sizeof finding->text, "%s", text);
}

const char *python_ratio_text(const struct estimate *ratio, char text[96])
{
    quantity_interval_text(text, 96, QUANTITY_RATIO, ratio->value,
                           (const double[]){ratio->low, ratio->high});
    return text;
}

/* Is this entry of env.python what the label tells apart? */
static bool is_labelled(const struct facts *python, const char *label,
                        bool is_only)
{
    const char *version = facts_text(python, "version", "");
    const char *wanted = label + strlen(PYTHON_PREFIX);
    size_t length = strspn(wanted, "0123456789.");
    bool has_gil = facts_bool(python, "gil_enabled", true);

    return is_only || (length > 0 && strncmp(version, wanted, length) == 0 &&
                       !(version[length] >= '0' && version[length] <= '9') &&
                       has_gil == (wanted[length] != 't'));
}

const char *python_interpreter(const struct python_findings *work,
                               const char *label, char text[PYTHON_TEXT_BYTES])
{
    const struct facts *env = work->record->env;
    size_t count = facts_count(env, "python");
    char version[48];

    for (size_t i = 0; i < count; i++) {
        const struct facts *python = facts_object_at(env, "python", i);

        if (!is_labelled(python, label, count == 1))
            continue;
        findings_plain(version, sizeof version,
                       facts_text(python, "version", "?"), 10);
        snprintf(text, PYTHON_TEXT_BYTES, "CPython %s (GIL %s)", version,
                 facts_bool(python, "gil_enabled", true) ? "on" : "off");
        return text;
    }
    snprintf(text, PYTHON_TEXT_BYTES, "%s", label);
    return text;
}

void python_name(const struct python_findings *work, size_t workload,
                 char name[PYTHON_NAME_BYTES])
{
    findings_plain(name, PYTHON_NAME_BYTES,
                   work->record->workloads[workload].id, PYTHON_NAME_CHARS);
}

/* "2 threads 0.98x [0.97, 1.00] over its own serial loop, 8.7 /s"; "" where the
 * lane was not measured. */
static size_t describe(const struct python_findings *work, const char *workload,
                       const char *label, const char *executor, const char *one,
                       const char *many, char *text, size_t text_bytes)
{
    size_t chosen = python_knee(work->record, workload, label, executor);
    size_t serial = python_knee(work->record, workload, label, "serial");
    struct estimate ratio = python_ratio(work, serial, chosen);
    char value[96], rate[48];

    text[0] = '\0';
    if (chosen == NO_CASE)
        return chosen;
    quantity_text(rate, sizeof rate, QUANTITY_RATE,
                  python_rate(work->record, chosen));
    snprintf(
        text, text_bytes, "%zu %s %s, %s", work->record->cases[chosen].workers,
        work->record->cases[chosen].workers == 1 ? one : many,
        isfinite(ratio.value) ? python_ratio_text(&ratio, value) : "measured",
        rate);
    return chosen;
}

static void say_lanes(struct python_findings *work, size_t workload,
                      const char *label)
{
    const struct record *record = work->record;
    const char *id = record->workloads[workload].id;
    char parts[3][160], name[PYTHON_NAME_BYTES], text[FINDING_BYTES],
        headline[32];
    static const char *const executors[] = {"thread", "process", "interpreter"};
    static const char *const ones[] = {"thread", "process", "interpreter"};
    static const char *const words[] = {"threads", "processes", "interpreters"};
    const double within = 0.95; /* as near is as good; the first is cheapest */
    char interpreter[PYTHON_TEXT_BYTES];
    size_t cases[3], best = 3;
    int used;

    for (size_t i = 0; i < 3; i++) {
        cases[i] = describe(work, id, label, executors[i], ones[i], words[i],
                            parts[i], sizeof parts[i]);
        if (cases[i] != NO_CASE &&
            (best == 3 || python_rate(record, cases[best]) <
                              within * python_rate(record, cases[i])))
            best = i;
    }
    if (best == 3)
        return;
    python_name(work, workload, name);
    used = snprintf(text, sizeof text, "%s in %s: ", name,
                    python_interpreter(work, label, interpreter));
    for (size_t i = 0; i < 3; i++)
        if (cases[i] != NO_CASE)
            used += snprintf(text + used, sizeof text - (size_t)used, "%s; ",
                             parts[i]);
    snprintf(text + used, sizeof text - (size_t)used,
             "over its own serial loop. Use %zu %s.",
             record->cases[cases[best]].workers,
             record->cases[cases[best]].workers == 1 ? ones[best]
                                                     : words[best]);
    snprintf(
        headline, sizeof headline, "%zu %s", record->cases[cases[best]].workers,
        record->cases[cases[best]].workers == 1 ? ones[best] : words[best]);
    python_say(work, workload, headline, text);
}

static void say_interpreter(struct python_findings *work, size_t workload,
                            const char *label)
{
    const char *id = work->record->workloads[workload].id;
    struct estimate ratio =
        python_ratio(work, python_knee(work->record, id, label, "serial"),
                     findings_knee(work->record, id, "serial"));
    char name[PYTHON_NAME_BYTES], interpreter[PYTHON_TEXT_BYTES], value[96];
    char text[FINDING_BYTES], headline[32];

    if (!isfinite(ratio.value))
        return;
    python_name(work, workload, name);
    quantity_text(headline, sizeof headline, QUANTITY_RATIO, ratio.value);
    snprintf(
        text, sizeof text,
        "The interpreter: a task of %s takes %s %s as long as C, each in a "
        "loop without workers.",
        name, python_interpreter(work, label, interpreter),
        python_ratio_text(&ratio, value));
    python_say(work, workload, headline, text);
}

static void say_gil(struct python_findings *work, size_t workload)
{
    const struct record *record = work->record;
    const char *id = record->workloads[workload].id;
    size_t chosen = findings_knee(record, id, "thread");
    size_t gil = chosen == NO_CASE
                     ? NO_CASE
                     : record_find_case(record, id, "gil",
                                        record->cases[chosen].workers);
    struct estimate ratio = python_ratio(work, gil, chosen);
    char name[PYTHON_NAME_BYTES], value[96], text[FINDING_BYTES], headline[32];

    if (!isfinite(ratio.value) || record->cases[chosen].workers < 2)
        return;
    python_name(work, workload, name);
    quantity_text(headline, sizeof headline, QUANTITY_RATIO, ratio.value);
    snprintf(text, sizeof text,
             "The GIL alone: the C code of %s on %zu threads takes %s as long "
             "under a GIL as on free threads.",
             name, record->cases[chosen].workers,
             python_ratio_text(&ratio, value));
    python_say(work, workload, headline, text);
}

/* --- all of it --- */

typedef void say_about(struct python_findings *work, size_t workload,
                       const char *label);

/* Calls it once for each interpreter that a workload was measured in. */
static void each_label(struct python_findings *work, size_t workload,
                       say_about *about)
{
    enum { LABELS_MAX = 32 };
    const struct record *record = work->record;
    char labels[LABELS_MAX][PYTHON_LABEL_BYTES];
    size_t count = 0;

    for (size_t i = 0; i < record->case_count && count < LABELS_MAX; i++) {
        size_t k = 0;

        if (strcmp(record->cases[i].workload, record->workloads[workload].id) ||
            !read_label(record->cases[i].backend, labels[count]))
            continue;
        while (strcmp(labels[k], labels[count]) != 0)
            k++;
        if (k == count)
            about(work, workload, labels[count++]);
    }
}

static bool has_python(const struct record *record, size_t workload)
{
    char label[PYTHON_LABEL_BYTES];

    for (size_t i = 0; i < record->case_count; i++)
        if (strcmp(record->cases[i].workload, record->workloads[workload].id) ==
                0 &&
            read_label(record->cases[i].backend, label) &&
            isfinite(python_rate(record, i)))
            return true;
    return false;
}

bool findings_python_any(const struct record *record)
{
    for (size_t i = 0; i < record->workload_count; i++)
        if (has_python(record, i))
            return true;
    return false;
}

bool findings_python(const struct record *record, struct findings *findings)
{
    struct python_findings work = {
        .record = record, .findings = findings, .has_memory = true};

    if (!blocks_collect(record, &work.blocks))
        return false;
    for (size_t i = 0; i < record->workload_count; i++) {
        if (!has_python(record, i))
            continue;
        if (python_is_payload(&record->workloads[i])) {
            python_say_boundary(&work, i);
            continue;
        }
        if (strcmp(record->workloads[i].id, "empty") == 0)
            continue; /* there is nothing in it to be faster at */
        each_label(&work, i, say_lanes);
        each_label(&work, i, say_interpreter);
        say_gil(&work, i);
    }
    for (size_t i = 0; i < record->workload_count; i++)
        each_label(&work, i, python_say_crossover);
    blocks_finish(&work.blocks);
    return work.has_memory;
}
