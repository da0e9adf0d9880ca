/* SPDX-License-Identifier: MIT */
/*
 * What it costs Python to go to another process, and when that pays.
 *
 *   border      payload on cpython-process beside process
 *   crossover   the C where o_p + C / S_p = o_t + C / S_t: what an empty task
 *               costs in processes and in threads, and what each brings to
 *               computing; worked out in each block, then averaged like any
 *               ratio. Two planes through measured points, no fit.
 */
#include "findings_python_impl.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "quantity.h"

/* --- the border --- */

static double parameter(const struct record_workload *workload,
                        const char *name)
{
    for (size_t i = 0; i < workload->parameter_count; i++)
        if (strcmp(workload->parameters[i].name, name) == 0)
            return strtod(workload->parameters[i].value, NULL);
    return NAN;
}

/* Both with as many workers, the most that both were measured with. */
static bool pair_up(const struct record *record, const char *workload,
                    const char *one, const char *other, size_t pair[2])
{
    size_t most = 0;

    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *here = &record->cases[i];
        size_t there;

        if (strcmp(here->workload, workload) != 0 ||
            strcmp(here->backend, one) != 0 || here->workers <= most)
            continue;
        there = record_find_case(record, workload, other, here->workers);
        if (there == NO_CASE || !isfinite(python_rate(record, i)) ||
            !isfinite(python_rate(record, there)))
            continue;
        most = here->workers;
        pair[0] = i;
        pair[1] = there;
    }
    return most > 0;
}

bool python_is_payload(const struct record_workload *workload)
{
    return isfinite(parameter(workload, "in_bytes")) &&
           isfinite(parameter(workload, "out_bytes"));
}

static bool find_boundary(const struct python_findings *work, size_t workload,
                          struct python_boundary *boundary)
{
    const struct record *record = work->record;
    const struct record_workload *payload = &record->workloads[workload];
    size_t pair[2];
    struct estimate ratio;

    if (!python_is_payload(payload) ||
        !pair_up(record, payload->id, PYTHON_PREFIX "-process", "process",
                 pair))
        return false;
    ratio = python_ratio(work, pair[0], pair[1]);
    *boundary =
        (struct python_boundary){.in_bytes = parameter(payload, "in_bytes"),
                                 .out_bytes = parameter(payload, "out_bytes"),
                                 .workers = record->cases[pair[0]].workers,
                                 .python_s = 1 / python_rate(record, pair[0]),
                                 .c_s = 1 / python_rate(record, pair[1]),
                                 .ratio = ratio.value,
                                 .ci95 = {ratio.low, ratio.high}};
    return isfinite(ratio.value);
}

bool findings_python_boundary(const struct record *record, size_t workload,
                              struct python_boundary *boundary)
{
    struct python_findings work = {.record = record};
    bool is_found = blocks_collect(record, &work.blocks) &&
                    find_boundary(&work, workload, boundary);

    blocks_finish(&work.blocks);
    return is_found;
}

void python_say_boundary(struct python_findings *work, size_t workload)
{
    struct python_boundary boundary;
    char python[48], c[48], value[96], text[FINDING_BYTES];
    struct estimate ratio;

    if (!find_boundary(work, workload, &boundary))
        return;
    ratio =
        (struct estimate){boundary.ratio, boundary.ci95[0], boundary.ci95[1]};
    quantity_text(python, sizeof python, QUANTITY_SECONDS, boundary.python_s);
    quantity_text(c, sizeof c, QUANTITY_SECONDS, boundary.c_s);
    snprintf(
        text, sizeof text,
        "The border of a process: %.0f bytes to a worker and %.0f back, "
        "with %zu workers, take %s a task pickled by CPython and %s copied "
        "by libcf, %s.",
        boundary.in_bytes, boundary.out_bytes, boundary.workers, python, c,
        python_ratio_text(&ratio, value));
    python_say(work, workload, python, text);
}

/* --- from which length of a task on --- */

/* The time of a task in each block of a case, by the number of the block. */
static double task_s(const struct case_blocks *blocks, size_t number)
{
    for (size_t i = 0; i < blocks->count; i++)
        if (blocks->blocks[i].number == number)
            return blocks->blocks[i].elapsed_s / blocks->blocks[i].tasks;
    return NAN;
}

/* The cases whose times make the crossover. */
struct crossing {
    size_t empty[2]; /* in processes, in threads */
    size_t work[2];  /* the same                 */
    size_t serial;   /* the computing, alone     */
    size_t workers;
};

static double crossover_s(const struct python_findings *work,
                          const struct crossing *crossing, size_t number)
{
    const struct case_blocks *cases = work->blocks.cases;
    double serial_s = task_s(&cases[crossing->serial], number);
    double saved = (task_s(&cases[crossing->work[1]], number) -
                    task_s(&cases[crossing->work[0]], number)) /
                   serial_s;

    return (task_s(&cases[crossing->empty[0]], number) -
            task_s(&cases[crossing->empty[1]], number)) /
           saved;
}

static bool find_crossing(const struct record *record, size_t workload,
                          const char *label, struct crossing *crossing)
{
    const char *id = record->workloads[workload].id;
    char thread[PYTHON_LABEL_BYTES + 16], process[PYTHON_LABEL_BYTES + 16];
    size_t workers;

    snprintf(thread, sizeof thread, "%s-thread", label);
    snprintf(process, sizeof process, "%s-process", label);
    crossing->work[0] = findings_knee(record, id, process);
    crossing->serial = python_knee(record, id, label, "serial");
    if (crossing->work[0] == NO_CASE || crossing->serial == NO_CASE)
        return false;
    workers = record->cases[crossing->work[0]].workers;
    crossing->workers = workers;
    crossing->work[1] = record_find_case(record, id, thread, workers);
    crossing->empty[0] = record_find_case(record, "empty", process, workers);
    crossing->empty[1] = record_find_case(record, "empty", thread, workers);
    return workers > 1 && crossing->work[1] != NO_CASE &&
           crossing->empty[0] != NO_CASE && crossing->empty[1] != NO_CASE;
}

static struct estimate measure_crossing(const struct python_findings *work,
                                        const struct crossing *crossing)
{
    const struct case_blocks *blocks = &work->blocks.cases[crossing->serial];
    struct estimate estimate = {NAN, NAN, NAN};
    double *values = calloc(blocks->count + 1, sizeof *values);
    size_t count = 0;

    for (size_t i = 0; values != NULL && i < blocks->count; i++) {
        double value = crossover_s(work, crossing, blocks->blocks[i].number);

        if (isnan(value))
            continue; /* a block that lacks one of the five */
        if (!(value > 0) || !isfinite(value)) {
            count = 0; /* no crossing in one of them: not to be relied on */
            break;
        }
        values[count++] = value;
    }
    if (count > 0)
        estimate = statistics_geometric_mean(values, count, 0.95);
    free(values);
    return estimate;
}

void python_say_crossover(struct python_findings *work, size_t workload,
                          const char *label)
{
    const struct record_workload *one = &work->record->workloads[workload];
    struct crossing crossing;
    struct estimate length;
    char name[PYTHON_NAME_BYTES], interpreter[PYTHON_TEXT_BYTES], value[96];
    char headline[48], text[FINDING_BYTES];

    if (one->klass == NULL || strcmp(one->klass, "cpu") != 0 ||
        strcmp(one->id, "empty") == 0 || python_is_payload(one) ||
        !find_crossing(work->record, workload, label, &crossing))
        return;
    length = measure_crossing(work, &crossing);
    python_name(work, workload, name);
    python_interpreter(work, label, interpreter);
    if (!isfinite(length.value)) {
        snprintf(text, sizeof text,
                 "From which length on? None was found for work like %s in %s: "
                 "%zu processes do not gain on as many threads in every block.",
                 name, interpreter, crossing.workers);
        python_say(work, workload, "none", text);
        return;
    }
    quantity_text(headline, sizeof headline, QUANTITY_SECONDS, length.value);
    quantity_interval_text(value, sizeof value, QUANTITY_SECONDS, length.value,
                           (const double[]){length.low, length.high});
    snprintf(text, sizeof text,
             "From which length on? Work like %s in %s: %zu processes gain on "
             "as many threads from tasks of %s on.",
             name, interpreter, crossing.workers, value);
    python_say(work, workload, headline, text);
}
