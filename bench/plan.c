/* SPDX-License-Identifier: MIT */
/*
 * A plan from options: workloads x backends x worker counts. The serial backend
 * has no workers and so is one case whatever the list says. A backend that this
 * build lacks is a skipped case where a default brought it in, and refused where
 * it was asked for.
 */
#include "plan.h"

#include <stdlib.h>

#include "command.h"
#include "grain.h"
#include "hooks.h"
#include "parameters.h"
#include "say.h"
#include "source.h"

enum {
    SAMPLES_MAX = 1000000,
};

static bool refuse_memory(void)
{
    say_trouble("run: no memory for the plan");
    return false;
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
    if (!plan_add_workloads(plan, options) || !grain_expand(plan, options) ||
        !plan_add_cases(plan, options, machine))
        return false;
    if (!is_feasible(plan) || !is_in_time(plan, options->limit_s))
        return false;
    grain_warn(plan);
    return true;
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
    for (size_t i = 0; i < plan->case_count; i++)
        if (plan->cases[i].tasks > 0)
            plan->cases[i].tasks = tasks;
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

size_t plan_told_tasks(const struct plan *plan,
                       const struct plan_case *plan_case)
{
    const struct plan_workload *work = &plan->workloads[plan_case->workload];

    if (plan_case->tasks > 0)
        return plan_case->tasks;
    if (wl_has(work->workload, tasks_for) ||
        (plan->is_in_rounds && plan_case->lane == NULL))
        return 0;
    return work->tasks;
}

size_t plan_tasks(const struct plan *plan, const struct plan_case *plan_case)
{
    const struct plan_workload *work = &plan->workloads[plan_case->workload];
    size_t told = plan_told_tasks(plan, plan_case);

    if (told > 0)
        return told;
    if (wl_has(work->workload, tasks_for))
        return source_tasks_for(work->workload, work->values, work->tasks,
                                plan_case->workers);
    return plan_case->workers <= work->tasks
               ? work->tasks - work->tasks % plan_case->workers
               : work->tasks;
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

bool plan_free(struct plan *plan)
{
    bool is_clean =
        !plan->is_set_up || hooks_run(plan, COMMAND_CLEANUP, INT64_MAX);

    plan_free_workloads(plan);
    pythons_close(plan->pythons);
    free(plan->cases);
    return is_clean;
}
