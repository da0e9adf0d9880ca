/* SPDX-License-Identifier: MIT */
/*
 * The workloads of a plan: by name, from a file, as a command, as the two sides
 * of a comparison; and their parameters, each dealt to those that have it.
 */
#include "plan.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "command_plan.h"
#include "parameters.h"
#include "python_work.h"
#include "say.h"
#include "source.h"
#include "versus_plan.h"

static bool refuse_memory(void)
{
    say_trouble("run: no memory for the plan");
    return false;
}

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

bool plan_add_workloads(struct plan *plan, const struct options *options)
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
