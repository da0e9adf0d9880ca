/* SPDX-License-Identifier: MIT */
/*
 * Sentences about scaling: what is recommended, what limits, what the model of
 * a backend says and whether it is to be believed. Where nobody has asked for
 * a recommendation, the limits are those of the case that the answer names.
 */
#include "findings.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cause.h"
#include "grain.h"
#include "quantity.h"

enum { WORKERS_BYTES = 200 };

static void append(struct finding *finding, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void append(struct finding *finding, const char *format, ...)
{
    size_t used = strlen(finding->text);
    va_list arguments;

    va_start(arguments, format);
    vsnprintf(finding->text + used, sizeof finding->text - used, format,
              arguments);
    va_end(arguments);
}

static const struct record_recommendation *
recommendation_of(const struct record *record, size_t workload)
{
    const struct record_recommendation *one =
        record_find_recommendation(record, record->workloads[workload].id);

    return one != NULL && one->workers >= 1 ? one : NULL;
}

static void append_range(struct finding *finding, const double range[2])
{
    if (range[0] == range[1])
        append(finding, "%.0f", range[0]);
    else
        append(finding, "%.0f to %.0f", range[0], range[1]);
}

/* Of an open loop there is none: throughput is what comes. */
static void append_regret(struct finding *finding,
                          const struct record_recommendation *one)
{
    if (isfinite(one->regret_ratio))
        append(finding, "; it loses %.1f %% against the best measured",
               100 * one->regret_ratio);
    if (isfinite(one->regret_ci95[0]) && isfinite(one->regret_ci95[1]))
        append(finding, " [%.1f, %.1f]", 100 * one->regret_ci95[0],
               100 * one->regret_ci95[1]);
}

bool findings_advice(const struct record *record, size_t workload,
                     struct finding *finding)
{
    const struct record_recommendation *one =
        recommendation_of(record, workload);
    char workers[WORKERS_BYTES], goal[160], asked[64];

    *finding = (struct finding){.workload = workload};
    if (one == NULL)
        return false;
    findings_workers(workers, sizeof workers, one->backend,
                     (size_t)fmin(one->workers, 1e9));
    append(finding, "Recommended: %s", workers);
    if (isfinite(one->confidence_set[0]) && isfinite(one->confidence_set[1])) {
        append(finding, "; ");
        append_range(finding, one->confidence_set);
        append(finding, " may be the right count");
    }
    if (findings_goal(record, one, (size_t)fmin(one->workers, 1e9), goal,
                      sizeof goal)) {
        findings_goal_asked(one, asked, sizeof asked);
        append(finding, "; %s%s", goal, asked);
    }
    if (!(findings_rate(record) > 0))
        append_regret(finding, one);
    append(finding, one->confirmed ? ", confirmed by fresh samples."
                                   : ", not confirmed by fresh samples.");
    return true;
}

/* --- limits --- */

/* The case of the workload with the highest throughput; NO_CASE: none. */
static size_t best_case(const struct record *record, const char *workload)
{
    double most = 0;
    size_t best = NO_CASE;

    for (size_t i = 0; i < record->summary_count; i++) {
        const struct record_summary *summary = &record->summaries[i];
        const struct record_case *one = &record->cases[summary->case_index];
        if (strcmp(summary->metric, "throughput_per_s") == 0 &&
            strcmp(one->workload, workload) == 0 && one->workers >= 1 &&
            !record_is_loop(one->backend) && summary->estimate > most) {
            most = summary->estimate;
            best = summary->case_index;
        }
    }
    return best;
}

static size_t most_workers(const struct record *record, const char *workload,
                           const char *backend)
{
    size_t most = 0;

    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        if (strcmp(one->workload, workload) == 0 &&
            strcmp(one->backend, backend) == 0 && one->workers > most)
            most = one->workers;
    }
    return most;
}

const char *findings_cause(const char *cause)
{
    static const char *const words[][2] = {
        {"cpu_exhausted", "the CPUs are used up"},
        {"quota", "the cgroup's quota"},
        {"lock", "a lock, or a limit of what is waited for"},
        {"coherency", "workers that disturb each other"},
        {"memory_bandwidth", "the memory"},
        {"io_device", "the device"},
        {"granularity", "tasks that are too short"},
        {"submitter", "the thread that hands over the tasks"},
        {"gil", "the global lock"},
    };

    for (size_t i = 0; i < sizeof words / sizeof *words && cause != NULL; i++)
        if (strcmp(words[i][0], cause) == 0)
            return words[i][1];
    return NULL;
}

static void tell_limits(const struct record_recommendation *one,
                        struct finding *finding)
{
    const char *words = findings_cause(one->cause);
    char workers[WORKERS_BYTES], text[WORKERS_BYTES];

    findings_workers(workers, sizeof workers, one->backend,
                     (size_t)fmin(one->workers, 1e9));
    if (words != NULL)
        append(finding, "What limits %s: %s.", workers, words);
    else
        append(finding, "Nothing that limits %s was found.", workers);
    for (size_t i = 0; i < one->evidence.count; i++) {
        findings_plain(text, sizeof text, one->evidence.list[i],
                       WORKERS_BYTES / 4 * 3);
        append(finding, "%s %s%s", i == 0 ? " Evidence:" : ";", text,
               i + 1 == one->evidence.count ? "." : "");
    }
}

bool findings_limits(const struct record *record, size_t workload,
                     struct finding *finding)
{
    const struct record_recommendation *asked =
        recommendation_of(record, workload);
    const char *id = record->workloads[workload].id;
    size_t best = best_case(record, id), most;
    struct record_recommendation own = {0};
    bool is_found;

    *finding = (struct finding){.workload = workload};
    if (asked != NULL && asked->cause != NULL) {
        tell_limits(asked, finding);
        return true;
    }
    if (best == NO_CASE || grain_is_first(record, workload) ||
        findings_rate(record) > 0) /* else its rate is the limit */
        return false;
    own.workload = record->workloads[workload].id;
    own.backend = own.best_backend = record->cases[best].backend;
    own.best_workers = (double)record->cases[best].workers;
    size_t knee = findings_knee(record, id, own.backend);
    own.workers = (double)record->cases[knee == NO_CASE ? best : knee].workers;
    most = most_workers(record, id, own.backend);
    is_found = cause_find(record, facts_number(record->env, "cpu.usable", NAN),
                          facts_number(record->env, "cpu.quota_cpus", 0),
                          record->cases[best].workers == most, &own);
    /* that nothing was found means nothing where one worker is all there is */
    if (is_found && most == 1 && findings_cause(own.cause) == NULL)
        is_found = false;
    if (is_found)
        tell_limits(&own, finding);
    for (size_t i = 0; i < own.evidence.count; i++)
        free(own.evidence.list[i]);
    free(own.evidence.list);
    free(own.cause);
    return is_found;
}

/* --- models --- */

static void append_parameters(const struct record_model *model,
                              struct finding *finding)
{
    for (size_t i = 0; i < model->parameter_count; i++) {
        const struct record_model_parameter *one = &model->parameters[i];
        append(finding, "%s %s %.3g", i == 0 ? ":" : ",", one->name,
               one->value);
        if (isfinite(one->ci95[0]) && isfinite(one->ci95[1]))
            append(finding, " [%.3g, %.3g]", one->ci95[0], one->ci95[1]);
    }
}

static void append_peak(const struct record_model *model,
                        struct finding *finding)
{
    const struct record_peak *peak = &model->peak;
    char text[WORKERS_BYTES];

    if (peak->identified && isfinite(peak->workers)) {
        append(finding, "; most at %.1f workers", peak->workers);
        if (isfinite(peak->ci95[0]) && isfinite(peak->ci95[1]))
            append(finding, " [%.1f, %.1f]", peak->ci95[0], peak->ci95[1]);
    } else if (peak->reason != NULL) {
        findings_plain(text, sizeof text, peak->reason, 100);
        append(finding, "; no peak is shown (%s)", text);
    }
}

/* Above the measured is plus, as cfbench fit has it. */
static void append_last_error(const struct record_model *model,
                              struct finding *finding)
{
    double percent = round(100 * model->last_error_ratio);

    if (isfinite(percent))
        append(finding,
               " Without the last count it would have missed it by %+.0f %%.",
               percent == 0 ? 0 : percent); /* not -0 */
}

bool findings_model(const struct record *record, size_t model,
                    struct finding *finding)
{
    const struct record_model *one = &record->models[model];
    char name[WORKERS_BYTES], text[WORKERS_BYTES];

    *finding = (struct finding){0};
    if (one->backend == NULL || one->model == NULL)
        return false;
    findings_plain(name, sizeof name, one->backend, 40);
    findings_plain(text, sizeof text, one->model, 20);
    append(finding, "%s: %s", name, text);
    append_parameters(one, finding);
    append_peak(one, finding);
    findings_plain(text, sizeof text, one->reason != NULL ? one->reason : "",
                   120);
    if (one->misfit)
        append(finding, ". Misfit: %s.", text);
    else if (isfinite(one->lack_of_fit_p))
        append(finding, ". It fits (lack of fit: p = %.2g).",
               one->lack_of_fit_p);
    else
        append(finding, ". Whether it fits was not tested.");
    append_last_error(one, finding);
    return true;
}

/* --- lengths --- */

/* As many workers as can compute at a time, or the nearest measured. */
static size_t workers_of(const struct grain *grain, double usable)
{
    size_t most = 0;

    for (size_t i = 0; i < grain->lane_count; i++) {
        size_t workers = grain->lanes[i].workers;
        if (workers > most && (most == 0 || (double)workers <= usable))
            most = workers;
    }
    return most;
}

static const char *place_words(enum grain_place place)
{
    return place == GRAIN_BELOW   ? "less than "
           : place == GRAIN_ABOVE ? "more than "
                                  : "";
}

static void append_crossing(const struct grain *grain, size_t workers,
                            struct finding *finding)
{
    char text[24];

    for (size_t i = 0; i < grain->crossing_count; i++) {
        const struct grain_crossing *one = &grain->crossings[i];
        if (one->workers != workers)
            continue;
        if (one->place == GRAIN_UNKNOWN) {
            append(finding, " Processes and threads are not told apart.");
            continue;
        }
        quantity_text(text, sizeof text, QUANTITY_SECONDS, one->crossing_s);
        append(finding, " Processes are as fast as threads from %s%s on.",
               place_words(one->place), text);
    }
}

bool findings_lengths(const struct grain *grain, const char *of, double usable,
                      struct finding *finding)
{
    size_t workers = workers_of(grain, usable), told = 0;
    char name[WORKERS_BYTES], text[24];

    *finding = (struct finding){0};
    if (isnan(usable))
        return false;
    findings_plain(name, sizeof name, of, 40);
    append(finding, "%s: half of the workers' time is well spent on tasks of",
           name);
    for (size_t i = 0; i < grain->lane_count; i++) {
        const struct grain_lane *lane = &grain->lanes[i];
        if (lane->metg_place == GRAIN_UNKNOWN || lane->workers != workers)
            continue;
        findings_workers(name, sizeof name, lane->backend, lane->workers);
        quantity_text(text, sizeof text, QUANTITY_SECONDS, lane->metg_s);
        if (finding->headline[0] == '\0')
            snprintf(finding->headline, sizeof finding->headline, "%s%s",
                     lane->metg_place == GRAIN_BELOW   ? "< "
                     : lane->metg_place == GRAIN_ABOVE ? "> "
                                                       : "",
                     text);
        append(finding, "%s %s%s (%s)", told++ > 0 ? "," : "",
               place_words(lane->metg_place), text, name);
    }
    append(finding, " or longer.");
    append_crossing(grain, workers, finding);
    return told > 0;
}
