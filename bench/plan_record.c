/* SPDX-License-Identifier: MIT */
/*
 * The plan as a record keeps it, and back. A resumed run takes its plan from
 * here, not from its old command line: what `auto` meant, and which seed was
 * drawn, stays as it was, on another machine too. What a file says is checked
 * as what a person types is.
 */
#include "plan.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends.h"
#include "lane.h"
#include "number.h"
#include "parameters.h"
#include "say.h"
#include "source.h"
#include "summarize.h"

static const char *class_name(enum wl_class klass)
{
    static const char *const names[] = {[WL_CPU] = "cpu",
                                        [WL_IO] = "io",
                                        [WL_MIXED] = "mixed",
                                        [WL_MEMORY] = "memory"};

    return names[klass];
}

static bool copy(char **to, const char *text)
{
    *to = strdup(text);
    return *to != NULL;
}

static bool record_parameters(const struct plan_workload *work,
                              struct record_workload *to)
{
    size_t count = wl_parameter_count(work->workload);

    to->parameters = calloc(count + 1, sizeof *to->parameters);
    if (to->parameters == NULL)
        return false;
    to->parameter_count = count;
    for (size_t i = 0; i < count; i++)
        if (!copy(&to->parameters[i].name,
                  work->workload->parameters[i].name) ||
            !copy(&to->parameters[i].value, work->values[i].text))
            return false;
    return true;
}

static bool record_grain_of(const struct plan_workload *work,
                            struct record_grain *to)
{
    if (!(work->grain.wanted_s > 0))
        return true;
    to->wanted_s = work->grain.wanted_s;
    return copy(&to->of, work->workload->name) &&
           copy(&to->parameter,
                work->workload->parameters[work->grain.parameter].name);
}

static bool record_workload_of(const struct plan_workload *work,
                               struct record *record)
{
    struct record_workload *to = record_add_workload(record);

    if (to == NULL)
        return false;
    to->tasks = work->tasks;
    return copy(&to->id, plan_workload_id(work)) &&
           copy(&to->klass, class_name(work->workload->klass)) &&
           copy(&to->about, work->workload->about) &&
           record_parameters(work, to) && record_grain_of(work, &to->grain);
}

bool plan_record_case(const struct plan *plan, size_t i, struct record *record)
{
    const struct plan_case *from = &plan->cases[i];
    const struct plan_workload *work = &plan->workloads[from->workload];
    struct record_case *to = record_add_case(record);
    const char *reason;
    char id[32];

    if (to == NULL)
        return false;
    snprintf(id, sizeof id, "c%zu", i + 1);
    to->workers = from->workers;
    to->tasks = plan_tasks(plan, from); /* which may find a fault */
    reason =
        from->skipped != NULL ? from->skipped : source_fault(work->workload);
    to->status = source_fault(work->workload) != NULL ? CASE_FAILED
                 : from->skipped != NULL              ? CASE_SKIPPED
                                                      : CASE_MEASURED;
    return copy(&to->id, id) && copy(&to->workload, plan_workload_id(work)) &&
           copy(&to->backend, plan_backend_name(from)) &&
           (reason == NULL || copy(&to->reason, reason));
}

static bool record_run_of(const struct plan *plan, struct facts *run)
{
    char seed[32], chunk[32];

    snprintf(seed, sizeof seed, "0x%" PRIx64, plan->seed);
    snprintf(chunk, sizeof chunk, "%zu", plan->chunk);
    return facts_set_text(run, "seed", seed) &&
           facts_set_text(run, "order", order_name(plan->order)) &&
           facts_set_number(run, "blocks", (double)plan->blocks) &&
           facts_set_number(run, "warmup", (double)plan->warmup) &&
           (!(plan->loop.rate_per_s > 0) ||
            (facts_set_number(run, RATE_FACT, plan->loop.rate_per_s) &&
             facts_set_text(run, "arrivals",
                            arrivals_name(plan->loop.arrivals)))) &&
           facts_set_text(run, "chunk",
                          plan->chunk == CHUNK_AUTO ? "auto" : chunk);
}

bool plan_record(const struct plan *plan, struct record *record)
{
    for (size_t i = 0; i < plan->workload_count; i++)
        if (!record_workload_of(&plan->workloads[i], record))
            return false;
    for (size_t i = 0; i < plan->case_count; i++)
        if (!plan_record_case(plan, i, record))
            return false;
    return pythons_record(plan->pythons, record->env) &&
           record_run_of(plan, record->run);
}

/* --- and back --- */

static bool refuse(const char *what, const char *why)
{
    say_trouble("--resume: %.60s: %s", what, why);
    return false;
}

/* A whole number among the facts, within limits. */
static bool read_count(const struct facts *run, const char *path, double least,
                       double most, size_t *count)
{
    double number = facts_number(run, path, -1);

    if (!(number >= least && number <= most))
        return refuse(path, "missing from the record, or out of range");
    *count = (size_t)number;
    return true;
}

static bool resume_run(const struct facts *run, struct plan *plan)
{
    const char *chunk = facts_text(run, "chunk", "1");
    uint64_t number = 0;

    if (!number_seed(facts_text(run, "seed", ""), &plan->seed))
        return refuse("seed", "missing from the record");
    if (!order_find(facts_text(run, "order", ""), &plan->order))
        return refuse("order", "missing from the record");
    plan->loop.rate_per_s = facts_number(run, RATE_FACT, 0);
    if (!arrivals_find(facts_text(run, "arrivals", "fixed"),
                       &plan->loop.arrivals))
        return refuse("arrivals", "neither fixed nor poisson");
    if (strcmp(chunk, "auto") == 0)
        plan->chunk = CHUNK_AUTO;
    else if (number_whole(chunk, 1, 100000000, &number))
        plan->chunk = (size_t)number;
    else
        return refuse("chunk", "not a chunk");
    return read_count(run, "blocks", 1, 10000, &plan->blocks) &&
           read_count(run, "warmup", 0, 1000, &plan->warmup);
}

/* One of several with tasks of different lengths is known by another name. */
static bool resume_grain(const struct record_workload *from,
                         struct plan_workload *work)
{
    size_t count = wl_parameter_count(work->workload), i = 0;

    if (from->grain.of == NULL)
        return true;
    while (i < count && (from->grain.parameter == NULL ||
                         strcmp(work->workload->parameters[i].name,
                                from->grain.parameter) != 0))
        i++;
    if (i == count || !(from->grain.wanted_s > 0))
        return refuse(from->id, "not known what sets the length of its tasks");
    work->grain = (struct plan_grain){i, from->grain.wanted_s};
    return copy(&work->id, from->id) || refuse(from->id, "no memory");
}

static bool resume_workload(const struct record_workload *from,
                            struct plan *plan)
{
    struct plan_workload *work = plan_add_workload(
        plan, from->grain.of != NULL ? from->grain.of : from->id,
        from->parameter_count);

    if (work == NULL || !resume_grain(from, work))
        return false;
    if (from->tasks < 1 || from->tasks > 100000000)
        return refuse(from->id, "has no number of tasks");
    work->tasks = from->tasks;
    for (size_t i = 0; i < from->parameter_count; i++) {
        char *text;

        if (asprintf(&text, "%s=%s", from->parameters[i].name,
                     from->parameters[i].value) < 0)
            return refuse(from->id, "no memory");
        work->texts[work->text_count++] = text;
    }
    return plan_read_values(work);
}

static bool resume_case(const struct record *record,
                        const struct record_case *from, struct plan *plan)
{
    struct plan_case *to = plan_add_case(plan);
    const struct record_workload *work =
        record_workload(record, from->workload);
    enum cf_status status;
    size_t rank_workers = 0;

    if (to == NULL)
        return false;
    if (work == NULL)
        return refuse(from->id, "its workload is not in the record");
    to->lane = pythons_find(plan->pythons, from->backend);
    if (to->lane != NULL)
        to->tasks = from->tasks;
    else
        to->lane = lane_find(from->backend);
    status = to->lane != NULL
                 ? CF_OK
                 : backends_find(from->backend, &to->backend, &rank_workers);
    if (status != CF_OK &&
        (status != CF_UNSUPPORTED || from->status != CASE_SKIPPED))
        return refuse(from->backend, "this build has no such backend");
    if (from->workers < 1 || from->workers > WORKERS_MAX)
        return refuse(from->id, "has no worker count");
    plan_set_rank_workers(to, rank_workers);
    to->workload = (size_t)(work - record->workloads);
    to->workers = from->workers;
    to->skipped = from->status != CASE_MEASURED
                      ? (from->reason ? from->reason : "skipped before")
                      : NULL;
    return true;
}

bool plan_resume(const struct record *record, struct plan *plan)
{
    bool is_fine;

    *plan = (struct plan){.pythons = pythons_resume(record->env, &is_fine)};
    if (!is_fine)
        return false;
    for (size_t i = 0; i < record->workload_count; i++)
        if (!resume_workload(&record->workloads[i], plan))
            return false;
    for (size_t i = 0; i < record->case_count; i++)
        if (!resume_case(record, &record->cases[i], plan))
            return false;
    if (plan->case_count == 0)
        return refuse("the record", "has no cases to measure");
    return resume_run(record->run, plan);
}
