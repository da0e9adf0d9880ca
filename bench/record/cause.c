/* SPDX-License-Identifier: MIT */
/*
 * Questions in a fixed order, the ones with the hardest evidence first; the
 * first yes is the cause. Thresholds are conventions and stand in the evidence
 * beside the value, so that a reader can disagree.
 */
#include "cause.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "exclusion.h"

/* Means over the samples of one case that count. */
struct usage {
    double count;
    double elapsed_s;
    double tasks;
    double cpu_s;
    double submit_s;
    double switches; /* voluntary */
    double throttled_s;
    double io_stalled_s;
    double disk_bytes;
    double service_s; /* median of a task's time */
};

struct inquiry {
    const struct record *record;
    struct record_recommendation *to;
    const char *klass;
    bool is_computing;
    struct usage one; /* with one worker                  */
    struct usage top; /* with the best count              */
    double usable;
    double quota;
    bool is_more_better;
    bool has_failed; /* for want of memory */
};

static const double QUIET_SHARE = 0.9;

static void evidence(struct inquiry *inquiry, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

static void evidence(struct inquiry *inquiry, const char *format, ...)
{
    va_list arguments;
    char text[200];

    va_start(arguments, format);
    vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    if (!record_add_text(&inquiry->to->evidence, text))
        inquiry->has_failed = true;
}

static struct usage usage_of(const struct record *record, size_t case_index)
{
    struct usage usage = {0};

    for (size_t i = 0; case_index != NO_CASE && i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];

        if (sample->case_index != case_index || !sample->verified ||
            sample->warmup || sample->excluded_by != NULL ||
            !isfinite(sample->elapsed_s))
            continue;
        usage.count++;
        usage.elapsed_s += sample->elapsed_s;
        usage.tasks += (double)sample->tasks;
        usage.cpu_s += sample->cpu_user_s + sample->cpu_sys_s;
        usage.submit_s += sample->submit_s;
        usage.switches += sample->switches_voluntary;
        usage.throttled_s += sample->throttled_s;
        usage.io_stalled_s += sample->io_stalled_s;
        usage.disk_bytes +=
            sample->disk_read_bytes + sample->disk_written_bytes;
        usage.service_s += sample->latency.p50_s;
    }
    usage.service_s /= usage.count;
    return usage;
}

/* How many CPUs were used. NAN where that is more than there are: then batches
 * were too short to be told from the start and end of their worker processes. */
static double used_cpus(const struct inquiry *inquiry)
{
    double cpus = inquiry->top.cpu_s / inquiry->top.elapsed_s;

    return cpus <= 1.1 * inquiry->usable ? cpus : NAN;
}

static double utilisation(const struct inquiry *inquiry)
{
    return used_cpus(inquiry) / inquiry->usable;
}

/* --- the questions --- */

static bool is_throttled(struct inquiry *inquiry)
{
    bool is_full = utilisation(inquiry) >= 0.85;

    if (inquiry->quota <= 0 ||
        (!(inquiry->top.throttled_s > 0.01 * inquiry->top.elapsed_s) &&
         !is_full))
        return false;
    evidence(inquiry, "a cgroup quota allows %.3g CPUs", inquiry->quota);
    if (inquiry->top.throttled_s > 0)
        evidence(inquiry, "held back by it for %.2g s in %.2g s",
                 inquiry->top.throttled_s, inquiry->top.elapsed_s);
    if (is_full)
        evidence(inquiry, "%.0f %% of them are used",
                 100 * utilisation(inquiry));
    return true;
}

static bool is_gil(struct inquiry *inquiry)
{
    double cpus = used_cpus(inquiry);

    if (strcmp(inquiry->to->backend, "gil") != 0 || !(cpus >= 0.7))
        return false;
    evidence(inquiry, "workers share one lock: %.2f CPUs are used", cpus);
    return true;
}

static bool is_exhausted(struct inquiry *inquiry)
{
    if (!(utilisation(inquiry) >= 0.85))
        return false;
    evidence(inquiry, "%.0f %% of %.3g usable CPU%s are used",
             100 * utilisation(inquiry), inquiry->usable,
             inquiry->usable == 1 ? "" : "s");
    return true;
}

/* The same instructions take longer the more of them run side by side. */
static bool is_memory(struct inquiry *inquiry)
{
    double grown = inquiry->top.cpu_s / inquiry->top.tasks /
                   (inquiry->one.cpu_s / inquiry->one.tasks);

    if (strcmp(inquiry->klass, "memory") != 0 || !(grown > 1.2))
        return false;
    evidence(inquiry,
             "a task takes %.2f times the CPU time that it takes alone", grown);
    evidence(inquiry, "it sweeps through memory");
    return true;
}

/* In a loop without workers submitting is the work itself. */
static bool is_submitter(struct inquiry *inquiry)
{
    double share = inquiry->top.submit_s / inquiry->top.elapsed_s;

    if (record_is_loop(inquiry->to->best_backend) || !(share > 0.8))
        return false;
    evidence(inquiry, "submitting takes %.0f %% of the time", 100 * share);
    return true;
}

static bool is_granular(struct inquiry *inquiry)
{
    const double short_s = 20e-6;

    if (!(inquiry->top.service_s < short_s))
        return false;
    evidence(inquiry, "a task takes %.2g us, too little to hand out one by one",
             inquiry->top.service_s * 1e6);
    return true;
}

static const struct record_model *model_of(const struct inquiry *inquiry)
{
    for (size_t i = 0; i < inquiry->record->model_count; i++) {
        const struct record_model *model = &inquiry->record->models[i];

        if (model->backend != NULL &&
            strcmp(model->workload, inquiry->to->workload) == 0 &&
            strcmp(model->backend, inquiry->to->backend) == 0)
            return model;
    }
    return NULL;
}

static const struct record_model_parameter *
parameter_of(const struct record_model *model, const char *name)
{
    for (size_t i = 0; model != NULL && i < model->parameter_count; i++)
        if (strcmp(model->parameters[i].name, name) == 0)
            return &model->parameters[i];
    return NULL;
}

/* The same where the curve does not refute it: what does not fit explains
 * nothing, and its intervals are too narrow (residuals.c). */
static const struct record_model *fitting_model(const struct inquiry *inquiry)
{
    const struct record_model *model = model_of(inquiry);

    return model != NULL && !model->misfit ? model : NULL;
}

/* Does `name` surely cost the most workers that were measured more than two
 * counts may differ by and be as good? A parameter that is surely not zero may
 * still be of no consequence. */
static bool is_costly(const struct inquiry *inquiry,
                      const struct record_model *model, const char *name)
{
    const double usual = 0.05; /* where nobody asked for advice */
    const struct record_model_parameter *one = parameter_of(model, name);
    double within = inquiry->to->within_ratio;
    double n, pairs, added;

    if (one == NULL)
        return false;
    n = model->range[1];
    pairs = strcmp(name, "beta") == 0 ? n * (n - 1) : n - 1;
    added = one->ci95[0] * pairs; /* to 1, the time of a task alone */
    return added / (1 + added) > (within > 0 ? within : usual);
}

/* What the cores do not explain, and the curve turns down. */
static bool is_coherency(struct inquiry *inquiry)
{
    const struct record_model *model = fitting_model(inquiry);
    const struct record_model_parameter *beta = parameter_of(model, "beta");

    if (!is_costly(inquiry, model, "beta"))
        return false;
    evidence(inquiry,
             "beta %.2g [%.2g, %.2g] of the %s model: workers cost each "
             "other more the more there are",
             beta->value, beta->ci95[0], beta->ci95[1], model->model);
    if (isfinite(model->peak.workers))
        evidence(inquiry, "its peak is at %.3g workers", model->peak.workers);
    return true;
}

/* What one worker that computes gets of a CPU; others have the rest. */
static double share_of_cpu(const struct inquiry *inquiry)
{
    return inquiry->one.count > 0 && inquiry->is_computing
               ? inquiry->one.cpu_s / inquiry->one.elapsed_s
               : NAN;
}

/* Does the model's throughput stop below the most workers that were measured?
 * A bend that may lie beyond them has been seen by nobody, and one with a
 * single count behind it may be that count's noise. */
static bool has_bent(const struct record_model *model)
{
    return parameter_of(model, "cap_per_s") != NULL && model->peak.identified &&
           model->peak.ci95[1] < model->range[1];
}

/* Does the curve say that workers take turns at something? */
static bool takes_turns(const struct inquiry *inquiry)
{
    const struct record_model *model = fitting_model(inquiry);

    return has_bent(model) || is_costly(inquiry, model, "alpha");
}

/* At a disk: there something waits while nothing runs. Others may wait for it,
 * too, so it has to be our tasks' own data. Who else runs hides it. */
static bool is_device(struct inquiry *inquiry)
{
    const double much = 0.3, block_bytes = 512;
    double share = inquiry->top.io_stalled_s / inquiry->top.elapsed_s;
    double bytes = inquiry->top.disk_bytes / inquiry->top.tasks;

    if (!takes_turns(inquiry) || !(share > much) || !(bytes >= block_bytes))
        return false;
    evidence(inquiry,
             "%.0f %% of the time nothing ran and something waited for a disk",
             100 * fmin(share, 1));
    evidence(inquiry, "a task reads and writes %.3g %s there",
             bytes < 1 << 20 ? bytes / 1024 : bytes / (1 << 20),
             bytes < 1 << 20 ? "KiB" : "MiB");
    return true;
}

static bool is_lock(struct inquiry *inquiry)
{
    const struct record_model *model = fitting_model(inquiry);
    const struct record_model_parameter *alpha = parameter_of(model, "alpha");
    bool is_saturated = has_bent(model);
    double switches = inquiry->top.switches / inquiry->top.tasks /
                      (inquiry->one.switches / inquiry->one.tasks);

    if (share_of_cpu(inquiry) < QUIET_SHARE)
        return false; /* it waits for other people's work */
    if (!takes_turns(inquiry))
        return false;
    if (isfinite(utilisation(inquiry)))
        evidence(inquiry, "%.0f %% of the usable CPUs are used: workers wait",
                 100 * utilisation(inquiry));
    if (is_saturated)
        evidence(inquiry, "throughput stops at one value, as behind a lock or "
                          "a limit of what is waited for");
    else
        evidence(inquiry, "alpha %.2g [%.2g, %.2g] of the %s model",
                 alpha->value, alpha->ci95[0], alpha->ci95[1], model->model);
    if (switches > 1.5)
        evidence(inquiry, "%.1f times the voluntary switches a task", switches);
    return true;
}

static const struct {
    const char *cause;
    bool (*is_it)(struct inquiry *inquiry);
} questions[] = {
    {"quota", is_throttled},
    {"gil", is_gil},
    {"memory_bandwidth", is_memory},
    {"cpu_exhausted", is_exhausted},
    {"submitter", is_submitter},
    {"granularity", is_granular},
    {"io_device", is_device},
    {"coherency", is_coherency},
    {"lock", is_lock},
};

static void say_none(struct inquiry *inquiry)
{
    const struct record_model *model = model_of(inquiry);

    evidence(inquiry, inquiry->is_more_better
                          ? "nothing stops it up to what was measured"
                          : "no evidence of any that is known here");
    if (model != NULL && model->misfit)
        evidence(inquiry, "no scaling model fits, so that none tells");
}

/* Beside any cause: whether the machine was quiet. */
static void look_at_quiet(struct inquiry *inquiry)
{
    double share = share_of_cpu(inquiry);
    size_t counts[EXCLUSION_CAUSES];
    size_t all =
        exclusion_count(inquiry->record, inquiry->to->workload, counts);

    for (size_t i = 0; i < EXCLUSION_CAUSES; i++)
        if (4 * counts[i] > all)
            evidence(inquiry, "machine not quiet: %s in %zu of %zu samples",
                     exclusion_words(exclusion_name(i)), counts[i], all);
    if (share < QUIET_SHARE)
        evidence(inquiry,
                 "machine not quiet: a worker alone got %.0f %% of a CPU",
                 100 * share);
}

bool cause_find(const struct record *record, double usable, double quota,
                bool is_more_better, struct record_recommendation *to)
{
    const struct record_workload *workload =
        record_workload(record, to->workload);
    struct inquiry inquiry = {
        .record = record,
        .to = to,
        .klass = workload != NULL ? workload->klass : "mixed",
        .is_computing = workload != NULL && record_is_computing(workload),
        .one = usage_of(record,
                        record_find_case(record, to->workload, to->backend, 1)),
        .top = usage_of(record,
                        record_find_case(record, to->workload, to->best_backend,
                                         (size_t)to->best_workers)),
        .usable = usable,
        .quota = quota,
        .is_more_better = is_more_better};
    const char *cause = "none";

    for (size_t i = 0; i < sizeof questions / sizeof *questions; i++)
        if (inquiry.top.count > 0 && questions[i].is_it(&inquiry)) {
            cause = questions[i].cause;
            break;
        }
    if (strcmp(cause, "none") == 0)
        say_none(&inquiry);
    look_at_quiet(&inquiry);
    to->cause = strdup(cause);
    return to->cause != NULL && !inquiry.has_failed;
}
