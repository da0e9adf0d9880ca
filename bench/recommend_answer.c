/* SPDX-License-Identifier: MIT */
/*
 * From what the advice concludes to the record's recommendation: the number and
 * its sets, what others would have said of the same work, the line to paste.
 * What was not measured has no cost that could be told.
 */
#include "recommend_passage.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

size_t passage_python_default(const struct passage *passage, bool is_thread)
{
    size_t cpus = passage->course->cpu->usable.affinity;

    if (!is_thread)
        return cpus;
    return cpus + 4 < 32 ? cpus + 4 : 32;
}

const char *passage_backend(const struct passage *passage, size_t lane)
{
    const struct plan *plan = passage->course->plan;

    return plan_backend_name(&plan->cases[passage->lanes[lane]]);
}

static bool add_alternative(struct passage *passage, const char *name,
                            const struct advice_answer *answer, size_t workers,
                            struct record_recommendation *to)
{
    const struct advice_case what = {answer->chosen.lane, workers};
    double ratio = advice_ratio_to_best(passage->advice, &what);
    /* fmax() alone would turn "not measured" into "as good as the best" */
    double regret = isnan(ratio) ? NAN : fmax(0, 1 - ratio);

    if (workers == answer->chosen.workers)
        regret = answer->regret; /* of the fresh samples, as told beside it */
    return record_add_alternative(to, name, workers, regret);
}

static bool add_alternatives(struct passage *passage,
                             const struct advice_answer *answer,
                             struct record_recommendation *to)
{
    const struct cf_cpus *usable = &passage->course->cpu->usable;
    bool is_thread = strcmp(to->backend, "thread") == 0;
    return add_alternative(passage, "nproc", answer, usable->affinity, to) &&
           add_alternative(passage,
                           is_thread ? "CPython's thread default"
                                     : "CPython's process default",
                           answer, passage_python_default(passage, is_thread),
                           to) &&
           add_alternative(passage, "Goetz", answer, passage->limits.goetz, to);
}

static bool set_paste(struct record_recommendation *to)
{
    return asprintf(&to->paste,
                    "max_workers=%zu  xargs -P %zu  parallel -j %zu  make -j%zu"
                    "  OMP_NUM_THREADS=%zu",
                    (size_t)to->workers, (size_t)to->workers,
                    (size_t)to->workers, (size_t)to->workers,
                    (size_t)to->workers) >= 0;
}

static bool set_answer(struct passage *passage,
                       const struct advice_answer *answer,
                       struct record_recommendation *to)
{
    to->workers = (double)answer->chosen.workers;
    for (int i = 0; i < 2; i++) {
        to->confidence_set[i] = (double)answer->confidence[i];
        to->good_set[i] = answer->good[i] > 0 ? (double)answer->good[i] : NAN;
        to->regret_ci95[i] = answer->regret_ci95[i];
    }
    to->throughput_per_s = answer->per_s;
    to->regret_ratio = answer->regret;
    to->shown = answer->is_shown;
    to->confirmed = answer->is_confirmed;
    to->best_workers = (double)answer->best.workers;
    to->backend = strdup(passage_backend(passage, answer->chosen.lane));
    to->best_backend = strdup(passage_backend(passage, answer->best.lane));
    return to->backend != NULL && to->best_backend != NULL && set_paste(to) &&
           add_alternatives(passage, answer, to);
}

/* Where nothing was compared, what of its own was measured tells more: samples
 * that are as long as the budget. NULL without memory. */
static char *why_none(const struct passage *passage, const char *why)
{
    const struct record *record = passage->course->record;
    const char *id = record->workloads[passage->workload].id;
    const struct record_sample *sample = NULL;
    char *text;

    for (size_t i = 0; i < record->sample_count; i++)
        if (record->samples[i].verified &&
            strcmp(record->cases[record->samples[i].case_index].workload, id) ==
                0)
            sample = &record->samples[i];
    if (!isfinite(passage->until_s) ||
        (sample == NULL && !budget_is_over(passage, 0)))
        return strdup(why);
    if (sample == NULL)
        return asprintf(&text,
                        "%s within the budget: fewer --tasks, or more time "
                        "(--budget), may tell",
                        why) < 0
                   ? NULL
                   : text;
    if (asprintf(&text,
                 "%s within the budget: a sample, of %zu tasks, took %.3g s",
                 why, (size_t)sample->tasks, sample->elapsed_s) < 0)
        return NULL;
    return text;
}

bool passage_answer(struct passage *passage)
{
    const struct course *course = passage->course;
    const struct advice_options *asked = &course->options->advice;
    struct record_recommendation *to =
        record_add_recommendation(course->record);
    struct advice_answer answer;

    if (to == NULL)
        return false;
    *to = (struct record_recommendation){.within_ratio = asked->within,
                                         .workers = NAN,
                                         .best_workers = NAN,
                                         .throughput_per_s = NAN,
                                         .regret_ratio = NAN,
                                         .confidence_set = {NAN, NAN},
                                         .good_set = {NAN, NAN},
                                         .regret_ci95 = {NAN, NAN},
                                         .limits = passage->limits.texts};
    passage->limits.texts = (struct record_texts){0};
    to->workload = strdup(course->record->workloads[passage->workload].id);
    to->goal = strdup(advice_goal_name(asked->goal));
    if (asked->goal == ADVICE_LATENCY) {
        to->slo_s = asked->slo_s;
        to->slo_percentile = asked->slo_p;
    }
    if (asked->goal == ADVICE_EFFICIENCY)
        to->min_efficiency_ratio = asked->min_efficiency;
    if (to->workload == NULL || to->goal == NULL ||
        !advice_conclude(passage->advice, &answer))
        return false;
    to->point_count = answer.point_count;
    to->run_count = answer.runs;
    if (answer.exists)
        return set_answer(passage, &answer, to);
    to->reason =
        answer.runs == 0 ? why_none(passage, answer.why) : strdup(answer.why);
    return to->reason != NULL;
}
