/* SPDX-License-Identifier: MIT */
/*
 * A plan from options: workloads x backends x worker counts. The serial backend
 * has no workers and so is one case whatever the list says. A backend that this
 * build lacks is a skipped case where a default brought it in, and refused where
 * it was asked for.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "backends.h"
#include "command.h"
#include "command_plan.h"
#include "hooks.h"
#include "parameters.h"
#include "say.h"
#include "source.h"

enum {
    TASKS_STANDARD = 64,
    SAMPLES_MAX = 1000000,
};

static bool refuse_memory(void)
{
    say_trouble("run: no memory for the plan");
    return false;
}

/* --- workloads and their parameters --- */

struct plan_workload *plan_add_workload(struct plan *plan, const char *name,
                                        size_t text_capacity)
{
    bool is_owned;
    const struct wl_workload *workload = source_open(name, &is_owned);
    struct plan_workload *grown, *added;

    if (workload == NULL)
        return NULL;
    grown =
        realloc(plan->workloads, (plan->workload_count + 1) * sizeof *grown);
    if (grown == NULL)
        return refuse_memory(), NULL;
    plan->workloads = grown;
    added = &grown[plan->workload_count++];
    *added =
        (struct plan_workload){.workload = workload, .owns_workload = is_owned};
    added->texts = calloc(text_capacity + 1, sizeof *added->texts);
    added->values =
        calloc(wl_parameter_count(workload) + 1, sizeof *added->values);
    if (added->texts == NULL || added->values == NULL)
        return refuse_memory(), NULL;
    return added;
}

bool plan_read_values(struct plan_workload *work)
{
    char why[256];

    if (wl_parameters_parse(work->workload, (const char *const *)work->texts,
                            work->text_count, work->values, why,
                            sizeof why) == CF_OK)
        return source_try(work->workload, work->values);
    say_trouble("%s: %s", work->workload->name, why);
    return false;
}

static bool has_parameter(const struct wl_workload *workload, const char *text)
{
    size_t length = strcspn(text, "=");

    for (size_t i = 0; i < wl_parameter_count(workload); i++) {
        const char *name = workload->parameters[i].name;

        if (strlen(name) == length && memcmp(name, text, length) == 0)
            return true;
    }
    return false;
}

/* What follows "WORKLOAD." in `text`, where it is that workload's; else NULL. */
static const char *own_part(const struct wl_workload *workload,
                            const char *text)
{
    size_t length = strlen(workload->name);

    if (strncmp(text, workload->name, length) != 0 || text[length] != '.')
        return NULL;
    return text + length + 1;
}

/* Hands a -p to the workloads that it is for. */
static bool deal_parameter(struct plan *plan, const char *text)
{
    bool is_taken = false;

    for (size_t i = 0; i < plan->workload_count; i++) {
        struct plan_workload *work = &plan->workloads[i];
        const char *own = own_part(work->workload, text);

        if (own == NULL && has_parameter(work->workload, text))
            own = text;
        if (own == NULL && plan->workload_count == 1 &&
            memchr(text, '.', strcspn(text, "=")) == NULL)
            own = text; /* a slip: its own table says what was meant */
        if (own == NULL)
            continue;
        work->texts[work->text_count] = strdup(own);
        if (work->texts[work->text_count++] == NULL)
            return refuse_memory();
        is_taken = true;
    }
    if (!is_taken)
        say_trouble("--param %.60s: none of these workloads has it "
                    "(cfbench list shows who has what)",
                    text);
    return is_taken;
}

static bool is_in_plan(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->workload_count; i++)
        if (strcmp(plan->workloads[i].workload->name, name) == 0)
            return true;
    return false;
}

static bool add_workloads(struct plan *plan, const struct options *options)
{
    for (size_t i = 0; i < options->workload_count; i++) {
        const char *name = options->workloads[i];

        if (!is_in_plan(plan, name) &&
            plan_add_workload(plan, name, options->parameter_count) == NULL)
            return false;
    }
    if (options->command.word_count > 0 && !command_plan_add(options, plan))
        return false;
    for (size_t i = 0; i < options->parameter_count; i++)
        if (!deal_parameter(plan, options->parameters[i]))
            return false;
    for (size_t i = 0; i < plan->workload_count; i++)
        if (!plan_read_values(&plan->workloads[i]))
            return false;
    return true;
}

/* --- cases --- */

static bool choose_workers(const struct options *options,
                           const struct plan_machine *machine,
                           struct plan_workload *work, struct workers *workers)
{
    enum wl_class klass = work->workload->klass;

    bool is_whole = work->lane_only != NULL && work->lane_only->is_whole;

    *workers = options->workers;
    if (options->tasks != 0 && !is_whole)
        work->tasks = options->tasks;
    if (workers->length == 0) {
        workers_auto(!is_whole && (klass == WL_IO || klass == WL_MIXED),
                     machine->usable, machine->cores, workers);
        if (work->tasks != 0 && !is_whole)
            workers_limit(workers, work->tasks);
    }
    if (work->tasks == 0)
        work->tasks = workers_even_tasks(workers, TASKS_STANDARD);
    if (is_whole || workers->counts[workers->length - 1] <= work->tasks)
        return true;
    say_trouble("--workers: %zu workers for %zu tasks: some would never work; "
                "raise --tasks",
                workers->counts[workers->length - 1], work->tasks);
    return false;
}

struct plan_case *plan_add_case(struct plan *plan)
{
    struct plan_case *grown =
        realloc(plan->cases, (plan->case_count + 1) * sizeof *grown);

    if (grown == NULL)
        return refuse_memory(), NULL;
    plan->cases = grown;
    grown[plan->case_count] = (struct plan_case){0};
    return &grown[plan->case_count++];
}

static bool is_serial_at(const struct backends *backends, size_t b)
{
    return backends->lanes[b] != NULL ? backends->lanes[b]->is_serial
                                      : backends->list[b] == CF_SERIAL;
}

static bool add_cases(struct plan *plan, size_t workload,
                      const struct backends *asked,
                      const struct workers *workers)
{
    const struct lane *only = plan->workloads[workload].lane_only;
    const struct backends its_own = {.lanes = {only}, .count = 1};
    const struct backends *backends = only != NULL ? &its_own : asked;

    for (size_t b = 0; b < backends->count; b++) {
        bool is_serial = is_serial_at(backends, b);

        for (size_t w = 0; w < (is_serial ? 1 : workers->length); w++) {
            struct plan_case *added = plan_add_case(plan);

            if (added == NULL)
                return false;
            added->workload = workload;
            added->backend = backends->list[b];
            added->lane = backends->lanes[b];
            added->workers = is_serial ? 1 : workers->counts[w];
            added->skipped = backends->skipped[b];
        }
    }
    return true;
}

static bool is_feasible(const struct plan *plan)
{
    if (plan->order == ORDER_WILLIAMS &&
        plan->case_count > ORDER_WILLIAMS_MAX) {
        say_trouble("--order williams: %zu cases are more than %d",
                    plan->case_count, ORDER_WILLIAMS_MAX);
        return false;
    }
    if (plan_sample_count(plan) <= SAMPLES_MAX)
        return true;
    say_trouble("run: %zu cases in %zu blocks are more than %d samples",
                plan->case_count, plan->blocks, SAMPLES_MAX);
    return false;
}

bool plan_make(const struct options *options,
               const struct plan_machine *machine, struct plan *plan)
{
    struct backends backends;

    *plan = (struct plan){.blocks = options->blocks,
                          .is_at_most = options->precision > 0,
                          .chunk = options->chunk,
                          .warmup = options->warmup,
                          .seed = options->seed,
                          .order = options->order};
    if (!backends_read(options->backends, &backends) ||
        !add_workloads(plan, options))
        return false;
    for (size_t i = 0; i < plan->workload_count; i++) {
        struct workers workers;

        if (!choose_workers(options, machine, &plan->workloads[i], &workers) ||
            !add_cases(plan, i, &backends, &workers))
            return false;
    }
    return is_feasible(plan);
}

/* --- a plan that exists --- */

const char *plan_backend_name(const struct plan_case *plan_case)
{
    return plan_case->lane != NULL ? plan_case->lane->name
                                   : cf_backend_name(plan_case->backend);
}

bool plan_prepare(struct plan *plan)
{
    for (size_t i = 0; i < plan->workload_count; i++) {
        struct plan_workload *work = &plan->workloads[i];
        char why[256] = "";
        struct wl_setup setup = {.tasks = work->tasks,
                                 .seed = plan->seed,
                                 .values = work->values,
                                 .why = why,
                                 .why_bytes = sizeof why};
        enum cf_status status = work->workload->prepare(&setup, &work->work);

        if (status != CF_OK) {
            say_trouble("%s: %s", work->workload->name,
                        why[0] != '\0' ? why : cf_status_name(status));
            return false;
        }
        work->is_prepared = true;
    }
    return hooks_run(plan, COMMAND_SETUP, INT64_MAX);
}

size_t plan_sample_count(const struct plan *plan)
{
    size_t measured = 0;

    for (size_t i = 0; i < plan->case_count; i++)
        measured += plan->cases[i].skipped == NULL;
    return measured * plan->blocks;
}

size_t plan_tasks(const struct plan *plan, const struct plan_case *plan_case)
{
    const struct plan_workload *work = &plan->workloads[plan_case->workload];

    if (!wl_has(work->workload, tasks_for))
        return work->tasks;
    return work->workload->tasks_for(work->values, work->tasks,
                                     plan_case->workers);
}

size_t plan_chunk(const struct plan *plan, const struct plan_case *plan_case)
{
    const size_t chunks_per_worker = 4;
    size_t tasks = plan_tasks(plan, plan_case);
    size_t chunk = plan->chunk;

    if (chunk == CHUNK_AUTO)
        chunk = tasks / (chunks_per_worker * plan_case->workers);
    return chunk > 0 ? chunk : 1;
}

void plan_free(struct plan *plan)
{
    if (plan->workload_count > 0 && plan->workloads[0].is_prepared)
        hooks_run(plan, COMMAND_CLEANUP, INT64_MAX);
    for (size_t i = 0; i < plan->workload_count; i++) {
        struct plan_workload *work = &plan->workloads[i];

        if (work->is_prepared && work->workload->dispose != NULL)
            work->workload->dispose(&work->work);
        for (size_t t = 0; t < work->text_count; t++)
            free(work->texts[t]);
        if (work->owns_workload)
            free((void *)work->workload);
        free(work->texts);
        free(work->values);
    }
    free(plan->workloads);
    free(plan->cases);
}
