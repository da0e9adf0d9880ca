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

#include "command.h"
#include "command_plan.h"
#include "grain.h"
#include "hooks.h"
#include "parameters.h"
#include "python_work.h"
#include "say.h"
#include "source.h"
#include "versus_plan.h"

enum {
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
                            sizeof why) == CF_OK) {
        source_try(work->workload, work->values);
        return true;
    }
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

/* What follows "NAME." in `text`; NULL where it begins otherwise. */
static const char *part_of(const char *name, const char *text)
{
    size_t length = strlen(name);

    if (strncmp(text, name, length) != 0 || text[length] != '.')
        return NULL;
    return text + length + 1;
}

/* Hands a -p to the workloads that it is for. */
static bool deal_parameter(struct plan *plan, const char *text)
{
    bool is_taken = false;

    for (size_t i = 0; i < plan->workload_count; i++) {
        struct plan_workload *work = &plan->workloads[i];
        const char *own = part_of(work->workload->name, text);

        if (own == NULL && work->side != NULL)
            own = part_of(work->side, text);
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

/* What a Python function is to be called with. */
static bool add_arguments(struct plan_workload *work,
                          const struct options *options)
{
    char *lists, *text;

    lists = python_work_arguments(options->arguments, options->argument_count,
                                  options->argument_file);
    if (lists == NULL)
        return false;
    if (asprintf(&text, "arguments=%s", lists) < 0)
        text = NULL;
    free(lists);
    if (text == NULL)
        return refuse_memory();
    work->texts[work->text_count++] = text;
    return true;
}

static bool is_in_plan(const struct plan *plan, const char *name)
{
    for (size_t i = 0; i < plan->workload_count; i++)
        if (strcmp(plan->workloads[i].workload->name, name) == 0)
            return true;
    return false;
}

bool plan_add_named(struct plan *plan, const struct options *options,
                    const char *name)
{
    struct plan_workload *work =
        plan_add_workload(plan, name, options->parameter_count + 1);

    return work != NULL &&
           (!python_work_is(name) || add_arguments(work, options));
}

/* Where no workload can be measured, or one of two sides not, there is nothing
 * to go on with. */
static bool is_good(const struct plan *plan)
{
    size_t good = 0;

    for (size_t i = 0; i < plan->workload_count; i++)
        good += source_fault(plan->workloads[i].workload) == NULL;
    if (plan->workload_count > 0 && plan->workloads[0].side != NULL)
        return good == plan->workload_count;
    return good > 0 || plan->workload_count == 0;
}

static bool add_named(struct plan *plan, const struct options *options)
{
    if (options->versus.old != NULL)
        return versus_plan_add(options, plan);
    for (size_t i = 0; i < options->workload_count; i++) {
        const char *name = options->workloads[i];

        if (!is_in_plan(plan, name) && !plan_add_named(plan, options, name))
            return false;
    }
    return options->command.word_count == 0 || command_plan_add(options, plan);
}

static bool add_workloads(struct plan *plan, const struct options *options)
{
    if (!add_named(plan, options))
        return false;
    for (size_t i = 0; i < options->parameter_count; i++)
        if (!deal_parameter(plan, options->parameters[i]))
            return false;
    for (size_t i = 0; i < plan->workload_count; i++)
        if (!plan_read_values(&plan->workloads[i]))
            return false;
    return is_good(plan);
}

/* --- cases --- */

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

/* Only an executor of ours takes tasks one by one. */
static bool has_lane(const struct plan *plan)
{
    for (size_t i = 0; i < plan->case_count; i++) {
        const struct plan_case *one = &plan->cases[i];

        if (one->lane == NULL || one->skipped != NULL)
            continue;
        say_trouble("--rate: not on %s, which takes its tasks all at once",
                    plan_backend_name(one));
        return true;
    }
    return false;
}

static bool is_feasible(const struct plan *plan)
{
    if (plan->order == ORDER_WILLIAMS &&
        plan->case_count > ORDER_WILLIAMS_MAX) {
        say_trouble("--order williams: %zu cases are more than %d",
                    plan->case_count, ORDER_WILLIAMS_MAX);
        return false;
    }
    if (plan->loop.rate_per_s > 0 && has_lane(plan))
        return false;
    if (plan_sample_count(plan) <= SAMPLES_MAX)
        return true;
    say_trouble("run: %zu cases in %zu blocks are more than %d samples",
                plan->case_count, plan->blocks, SAMPLES_MAX);
    return false;
}

/* An open loop lasts as long as its tasks take to come. */
static bool is_in_time(const struct plan *plan, double limit_s)
{
    for (size_t i = 0; i < plan->workload_count; i++) {
        const struct plan_workload *work = &plan->workloads[i];

        if (!((double)work->tasks > limit_s * plan->loop.rate_per_s) ||
            !(plan->loop.rate_per_s > 0))
            continue;
        say_trouble("--rate: %zu tasks of %s take longer to come than a sample "
                    "may last (--limit)",
                    work->tasks, work->workload->name);
        return false;
    }
    return true;
}

bool plan_make(const struct options *options,
               const struct plan_machine *machine, struct plan *plan)
{
    *plan = (struct plan){
        .blocks = options->blocks,
        .is_at_most = options->precision > 0,
        .chunk = options->chunk,
        .warmup = options->warmup == WARMUP_AUTO ? 0 : options->warmup,
        .loop = options->loop,
        .seed = options->seed,
        .order = options->order};
    if (!add_workloads(plan, options) || !grain_expand(plan, options) ||
        !plan_add_cases(plan, options, machine))
        return false;
    return is_feasible(plan) && is_in_time(plan, options->limit_s);
}

/* --- a plan that exists --- */

const char *plan_workload_id(const struct plan_workload *work)
{
    return work->id != NULL ? work->id : work->workload->name;
}

static bool make_input(struct plan *plan)
{
    for (size_t i = 0; i < plan->workload_count; i++) {
        struct plan_workload *work = &plan->workloads[i];
        char why[256] = "";
        struct wl_setup setup = {.tasks = work->tasks,
                                 .seed = plan->seed,
                                 .values = work->values,
                                 .why = why,
                                 .why_bytes = sizeof why};
        enum cf_status status;

        if (work->is_prepared || source_is_foreign(work->workload))
            continue; /* a plugin's keeper does it */
        status = work->workload->prepare(&setup, &work->work);
        if (status != CF_OK) {
            say_trouble("%s: %s", work->workload->name,
                        why[0] != '\0' ? why : cf_status_name(status));
            return false;
        }
        work->is_prepared = true;
    }
    return true;
}

static void drop_input(struct plan_workload *work)
{
    if (work->is_prepared && work->workload->dispose != NULL)
        work->workload->dispose(&work->work);
    work->is_prepared = false;
}

bool plan_set_tasks(struct plan *plan, size_t tasks)
{
    for (size_t i = 0; i < plan->workload_count; i++) {
        drop_input(&plan->workloads[i]);
        plan->workloads[i].tasks = tasks;
    }
    return make_input(plan);
}

bool plan_prepare(struct plan *plan)
{
    if (!make_input(plan))
        return false;
    if (plan->is_set_up)
        return true;
    plan->is_set_up = true;
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

    if (plan_case->tasks > 0)
        return plan_case->tasks;
    if (!wl_has(work->workload, tasks_for))
        return plan->is_in_rounds && plan_case->lane == NULL &&
                       plan_case->workers <= work->tasks
                   ? work->tasks - work->tasks % plan_case->workers
                   : work->tasks;
    return source_tasks_for(work->workload, work->values, work->tasks,
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

void plan_free_workloads(struct plan *plan)
{
    for (size_t i = 0; i < plan->workload_count; i++) {
        struct plan_workload *work = &plan->workloads[i];

        drop_input(work);
        for (size_t t = 0; t < work->text_count; t++)
            free(work->texts[t]);
        if (work->owns_workload)
            free((void *)work->workload);
        free(work->texts);
        free(work->id);
        free(work->values);
    }
    free(plan->workloads);
}

void plan_free(struct plan *plan)
{
    if (plan->is_set_up)
        hooks_run(plan, COMMAND_CLEANUP, INT64_MAX);
    plan_free_workloads(plan);
    pythons_close(plan->pythons);
    free(plan->cases);
}
