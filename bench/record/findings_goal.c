/* SPDX-License-Identifier: MIT */
/*
 * What a recommendation's goal is about, of a count that was measured: how long
 * its tasks took, what each worker brought, what a task cost. The throughput
 * says that of the goals knee and throughput alone.
 */
#include "findings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "quantity.h"

static const struct record_summary *
latency_of(const struct record *record, const struct record_recommendation *one,
           size_t case_index)
{
    char metric[40];

    snprintf(metric, sizeof metric, "latency_p%.0f_s",
             fmax(0, fmin(100, 100 * one->slo_percentile)));
    return record_find_summary(record, case_index, metric, NO_CASE);
}

/* "p90 5.25 ms [5.21, 5.30]": the blocks' median where that has an interval,
 * else of all tasks. */
static bool tell_latency(const struct record *record,
                         const struct record_recommendation *one,
                         size_t case_index, char *text, size_t text_bytes)
{
    const struct record_summary *summary = latency_of(record, one, case_index);
    char value[96];

    if (summary == NULL || !isfinite(summary->estimate))
        return false;
    quantity_interval_text(
        value, sizeof value, QUANTITY_SECONDS,
        isfinite(summary->median_ci95[0]) ? summary->median : summary->estimate,
        summary->median_ci95);
    snprintf(text, text_bytes, "p%.0f %s", 100 * one->slo_percentile, value);
    return true;
}

/* "96 % [94, 97] of one worker's" */
static bool tell_efficiency(const struct record *record, size_t case_index,
                            char *text, size_t text_bytes)
{
    const struct record_case *one = &record->cases[case_index];
    size_t alone = record_find_case(record, one->workload, one->backend, 1);
    const struct record_summary *summary =
        alone == NO_CASE ? NULL
                         : record_find_summary(record, case_index,
                                               "efficiency_ratio", alone);
    char value[96];

    if (summary == NULL || !isfinite(summary->estimate))
        return false;
    quantity_interval_text(value, sizeof value, QUANTITY_PERCENT,
                           summary->estimate, summary->ci95);
    snprintf(text, text_bytes, "%s of one worker's", value);
    return true;
}

/* "1.21 ms of CPU time a task" */
static bool tell_cpu(const struct record *record, size_t case_index, char *text,
                     size_t text_bytes)
{
    double cpu_s = 0, tasks = 0;
    char value[96];

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];
        double spent_s = sample->cpu_user_s + sample->cpu_sys_s;

        if (sample->case_index != case_index || sample->warmup ||
            sample->excluded_by != NULL || !sample->verified ||
            !isfinite(spent_s))
            continue;
        cpu_s += spent_s;
        tasks += (double)sample->tasks;
    }
    if (!(tasks > 0))
        return false;
    quantity_text(value, sizeof value, QUANTITY_SECONDS, cpu_s / tasks);
    snprintf(text, text_bytes, "%s of CPU time a task", value);
    return true;
}

bool findings_goal(const struct record *record,
                   const struct record_recommendation *one, size_t workers,
                   char *text, size_t text_bytes)
{
    size_t index =
        one->backend == NULL
            ? NO_CASE
            : record_find_case(record, one->workload, one->backend, workers);

    if (index == NO_CASE)
        return false;
    if (strcmp(one->goal, "latency") == 0)
        return tell_latency(record, one, index, text, text_bytes);
    if (strcmp(one->goal, "efficiency") == 0)
        return tell_efficiency(record, index, text, text_bytes);
    return strcmp(one->goal, "cpu-cost") == 0 &&
           tell_cpu(record, index, text, text_bytes);
}

void findings_goal_asked(const struct record_recommendation *one, char *text,
                         size_t text_bytes)
{
    char value[40];

    text[0] = '\0';
    if (strcmp(one->goal, "latency") == 0) {
        quantity_text(value, sizeof value, QUANTITY_SECONDS, one->slo_s);
        snprintf(text, text_bytes, ", %s allowed", value);
    } else if (strcmp(one->goal, "efficiency") == 0) {
        quantity_text(value, sizeof value, QUANTITY_PERCENT,
                      one->min_efficiency_ratio);
        snprintf(text, text_bytes, ", %s asked for", value);
    }
}

void findings_goal_missed(const struct record *record,
                          const struct record_recommendation *one, char *text,
                          size_t text_bytes)
{
    const struct record_summary *least = NULL;
    char workers[200], value[40];

    text[0] = '\0';
    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_summary *summary = latency_of(record, one, i);

        if (strcmp(record->cases[i].workload, one->workload) == 0 &&
            summary != NULL && isfinite(summary->estimate) &&
            (least == NULL || summary->estimate < least->estimate))
            least = summary;
    }
    if (strcmp(one->goal, "latency") != 0 || least == NULL)
        return;
    findings_workers(workers, sizeof workers,
                     record->cases[least->case_index].backend,
                     record->cases[least->case_index].workers);
    quantity_text(value, sizeof value, QUANTITY_SECONDS, least->estimate);
    snprintf(text, text_bytes, "; the shortest p%.0f is %s, of %s",
             100 * one->slo_percentile, value, workers);
}
