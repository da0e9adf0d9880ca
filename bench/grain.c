/* SPDX-License-Identifier: MIT */
/*
 *     sum_squares --grain 10us,1ms  ->  sum_squares@10us  n = 31
 *                                       sum_squares@1ms   n = 3140
 *
 * What a parameter cannot reach stays as near as it gets (grain_search.h), with
 * a warning.
 */
#include "grain.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "command.h"
#include "grain_search.h"
#include "histogram.h"
#include "keeper.h"
#include "number.h"
#include "parameters.h"
#include "python_work.h"
#include "quantity.h"
#include "sample.h"
#include "say.h"
#include "source.h"

enum {
    LENGTHS_MAX = 16,
    TRIAL_BATCHES_MOST = 8,
    TRIAL_TASKS_FEW = 4,
    TRIAL_TASKS_MOST = 32768,
    TASKS_LEAST = 16,
    TASKS_MOST = 50000,
};

/* A batch of a trial: long beside what starts it, and so short that some of a
 * few pass undisturbed where other programs want the same CPUs. */
static const double TRIAL_S = 0.001;
/* Long tasks hide what disturbs them: few do, and not more of them than take
 * so long in a batch, and in all. */
static const double LONG_BATCH_S = 0.1, LONG_TRIAL_S = 2;
static const double BATCH_S = 0.03; /* a serial batch of the run */
static const double FAR = 0.4;      /* worth a warning */
static const double LIMIT_S = 30;

struct grain_list {
    char parameter[64]; /* "": the first number of the workload */
    struct grain_length {
        char text[24]; /* as typed */
        double s;
    } lengths[LENGTHS_MAX];
    size_t count;
};

static bool refuse(const char *text, const char *why)
{
    say_trouble("--grain %.60s: %s", text, why);
    return false;
}

static bool read_length(const char *from, size_t length,
                        struct grain_list *list)
{
    struct grain_length *next = &list->lengths[list->count];

    if (list->count == LENGTHS_MAX || length >= sizeof next->text)
        return false;
    memcpy(next->text, from, length);
    next->text[length] = '\0';
    list->count++;
    return number_duration(next->text, &next->s) && next->s >= 1e-7 &&
           next->s <= 60;
}

static bool read_list(const char *text, struct grain_list *list)
{
    const char *equals = strchr(text, '='), *at = text;

    *list = (struct grain_list){0};
    if (equals != NULL) {
        size_t length = (size_t)(equals - text);
        if (length == 0 || length >= sizeof list->parameter)
            return refuse(text, "not of the form PARAMETER=LIST");
        memcpy(list->parameter, text, length);
        at = equals + 1;
    }
    for (;;) {
        size_t length = strcspn(at, ",");
        if (!read_length(at, length, list))
            return refuse(text, "not a list of up to 16 lengths of a task, "
                                "such as 10us,100us,1ms");
        if (at[length] == '\0')
            return true;
        at += length + 1;
    }
}

bool grain_check(const char *text)
{
    struct grain_list list;

    return read_list(text, &list);
}

/* The index of the parameter that sets the length; SIZE_MAX: none does, which
 * has been said. */
static size_t choose_parameter(const struct wl_workload *workload,
                               const char *name)
{
    size_t count = wl_parameter_count(workload), i = 0;

    while (i < count &&
           (name[0] != '\0' ? strcmp(workload->parameters[i].name, name) != 0
                            : workload->parameters[i].kind == WL_TEXT))
        i++;
    if (i < count && workload->parameters[i].kind != WL_TEXT)
        return i;
    say_trouble("--grain: %.60s has no %s%.60s that is a number",
                workload->name, name[0] != '\0' ? "parameter " : "parameter",
                name);
    return SIZE_MAX;
}

/* --- trials --- */

struct trial {
    struct plan_workload *work;
    size_t parameter;
    size_t text; /* the place of its text among the work's */
    uint64_t seed;
    double wanted_s;
    char why[256]; /* why the last one did not come to an end */
};

static bool set_value(const struct trial *trial, double value)
{
    struct plan_workload *work = trial->work;
    const struct wl_parameter *parameter =
        &work->workload->parameters[trial->parameter];
    char *text;

    if (asprintf(&text, parameter->kind == WL_INTEGER ? "%s=%.0f" : "%s=%.6g",
                 parameter->name, value) < 0)
        return say_trouble("run: no memory for the plan"), false;
    free(work->texts[trial->text]);
    work->texts[trial->text] = text;
    work->text_count = trial->text + 1;
    return plan_read_values(work);
}

/* The time of a task, of a batch at its best or of the middle one of those in
 * the last batch: what disturbs them only makes them longer, and while others
 * want the CPUs few tasks that are shorter than a time slice are disturbed. */
static double task_time_s(const struct sample_numbers *numbers, size_t tasks)
{
    int64_t least_ns = INT64_MAX;

    for (size_t i = 0; i < numbers->batch_count; i++)
        if (numbers->batches[i].elapsed_ns < least_ns)
            least_ns = numbers->batches[i].elapsed_ns;
    return fmin(clock_seconds(least_ns) / (double)tasks,
                histogram_percentile_s(numbers->service, 0.5));
}

static double trial_tasks_least(const struct trial *trial)
{
    return fmin(fmax(floor(LONG_BATCH_S / trial->wanted_s), 1),
                TRIAL_TASKS_FEW);
}

static size_t trial_batches(const struct trial *trial)
{
    double batch_s = trial->wanted_s * trial_tasks_least(trial);

    return (size_t)fmin(fmax(floor(LONG_TRIAL_S / batch_s), 1),
                        TRIAL_BATCHES_MOST);
}

/* The time of a task in the plain loop; NAN where it cannot be run. It may be a
 * plugin's, so all of it happens in a keeper. */
static double batch_task_s(struct trial *trial, size_t tasks)
{
    const struct plan_workload *work = trial->work;
    const size_t warmup = trial_batches(trial) - 1;
    const int64_t limit_ns = (int64_t)(1e9 * (LIMIT_S + 4 * trial->wanted_s));
    const struct wl_setup wanted = {
        .tasks = tasks, .seed = trial->seed, .values = work->values};
    const struct sample_setup setup = {.workload = work->workload,
                                       .tasks = tasks,
                                       .seed = trial->seed,
                                       .values = work->values,
                                       .input_seed = trial->seed,
                                       .backend = CF_SERIAL,
                                       .workers = 1,
                                       .chunk = 1,
                                       .warmup = warmup,
                                       .limit_ns = limit_ns};
    struct sample_room *room = sample_room_create(warmup, 0);
    const struct sample_numbers *numbers;
    struct keeper *keeper = NULL;
    double task_s = NAN;

    snprintf(trial->why, sizeof trial->why, "no memory for a trial");
    if (room != NULL)
        keeper = keeper_start(work->workload, &wanted, room, limit_ns,
                              trial->why, sizeof trial->why);
    if (keeper != NULL) {
        keeper_measure(keeper, &setup, &numbers);
        if (numbers->why[0] == '\0')
            task_s = task_time_s(numbers, tasks);
        snprintf(trial->why, sizeof trial->why, "%s", numbers->why);
    }
    keeper_stop(keeper);
    sample_room_destroy(room);
    return task_s;
}

/* The time of a task with this value, from as many tasks as take TRIAL_S. */
static double try_value(void *context, double value, double expected_s)
{
    struct trial *trial = context;
    double task_s = expected_s, tasks;

    if (!set_value(trial, value))
        return NAN;
    do {
        tasks = floor(fmin(fmax(TRIAL_S / task_s, trial_tasks_least(trial)),
                           TRIAL_TASKS_MOST));
        task_s = batch_task_s(trial, (size_t)tasks);
    } while (tasks * task_s < TRIAL_S / 2 && tasks < TRIAL_TASKS_MOST);
    return task_s;
}

/* Sets the parameter so that a task takes as long as is wanted, or as near as
 * can be; `*task_s` is how long it took. */
static bool find_value(struct trial *trial, double *value, double *task_s)
{
    const struct wl_parameter *parameter =
        &trial->work->workload->parameters[trial->parameter];
    const struct grain_search search = {.wanted_s = trial->wanted_s,
                                        .minimum = parameter->minimum,
                                        .maximum = parameter->maximum,
                                        .is_whole =
                                            parameter->kind == WL_INTEGER,
                                        .try_value = try_value,
                                        .context = trial};

    return grain_search(&search, value, task_s) && set_value(trial, *value);
}

/* --- the plan --- */

static bool copy_texts(struct plan_workload *to,
                       const struct plan_workload *from)
{
    for (size_t i = 0; i < from->text_count; i++) {
        to->texts[to->text_count] = strdup(from->texts[i]);
        if (to->texts[to->text_count++] == NULL)
            return say_trouble("run: no memory for the plan"), false;
    }
    return true;
}

/* `why`: what came of the last trial, "" where it was measured. */
static void say_far(const struct plan_workload *work, double task_s,
                    const char *why)
{
    char time[32];

    quantity_text(time, sizeof time, QUANTITY_SECONDS, task_s);
    say_warning("%.60s: a task takes %s; %s = %s is as near as it gets%s%s",
                work->id, time,
                work->workload->parameters[work->grain.parameter].name,
                work->values[work->grain.parameter].text,
                why[0] != '\0' ? ": " : "", why);
}

/* A plugin's cases say why, and those of the others are measured. */
static bool give_up(const struct plan_workload *work, const char *why)
{
    if (!source_is_foreign(work->workload))
        return refuse(work->id, why);
    if (source_fault(work->workload) == NULL)
        source_blame(work->workload, why);
    return true;
}

/* Adds the workload with tasks of that length. `*value` is where the search
 * begins, and where it ended. */
static bool add_length(struct plan *plan, const struct plan_workload *from,
                       size_t parameter, const struct grain_length *length,
                       double *value)
{
    struct plan_workload *added =
        plan_add_workload(plan, from->workload->name, from->text_count + 1);
    struct trial trial = {.work = added,
                          .parameter = parameter,
                          .text = from->text_count,
                          .seed = plan->seed,
                          .wanted_s = length->s};
    double task_s;

    if (added == NULL || !copy_texts(added, from))
        return false;
    added->grain =
        (struct plan_grain){.parameter = parameter, .wanted_s = length->s};
    if (asprintf(&added->id, "%s@%s", from->workload->name, length->text) < 0) {
        added->id = NULL;
        return say_trouble("run: no memory for the plan"), false;
    }
    if (!find_value(&trial, value, &task_s))
        return give_up(added, trial.why);
    if (fabs(log(task_s / length->s)) > FAR)
        say_far(added, task_s, trial.why);
    added->tasks_least =
        (size_t)fmin(fmax(BATCH_S / task_s, TASKS_LEAST), TASKS_MOST);
    return true;
}

static bool can_expand(const struct plan_workload *work)
{
    const char *name = work->workload->name;

    if (command_is(name) || python_work_is(name))
        return refuse(name, "only for workloads whose parameters set a task's "
                            "length");
    return true;
}

static bool expand(struct plan *plan, const struct plan_workload *from,
                   const struct grain_list *list)
{
    size_t parameter = choose_parameter(from->workload, list->parameter);
    double value;

    if (!can_expand(from) || parameter == SIZE_MAX)
        return false;
    value = from->values[parameter].number;
    for (size_t i = 0; i < list->count; i++)
        if (!add_length(plan, from, parameter, &list->lengths[i], &value))
            return false;
    return true;
}

bool grain_expand(struct plan *plan, const struct options *options)
{
    struct plan whole = *plan;
    struct grain_list list;
    bool is_done = true;

    if (options->grain == NULL)
        return true;
    if (!read_list(options->grain, &list))
        return false;
    plan->workloads = NULL;
    plan->workload_count = 0;
    for (size_t i = 0; i < whole.workload_count && is_done; i++)
        is_done = expand(plan, &whole.workloads[i], &list);
    plan_free_workloads(&whole);
    return is_done;
}

void grain_warn(const struct plan *plan)
{
    bool is_grain = false;

    for (size_t i = 0; i < plan->workload_count; i++)
        is_grain = is_grain || plan->workloads[i].grain.wanted_s > 0;
    for (size_t i = 0; i < plan->case_count && is_grain; i++)
        is_grain = !record_is_loop(plan_backend_name(&plan->cases[i]));
    if (is_grain)
        say_warning("--grain: without the plain loop (-b serial,...) neither "
                    "the length of a task nor what is added to it is known");
}
