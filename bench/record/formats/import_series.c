/* SPDX-License-Identifier: MIT */
/* A table of worker counts and throughputs as a record: each row is a sample of
 * its tasks, or of one, that took as long as the throughput says. All rows of a
 * case must say the same number: where they do not, each of them is one task.
 */
#include <math.h>
#include <string.h>

#include "foreign.h"

static bool add_value(struct foreign *foreign, const struct series *series,
                      const struct scaling_value *value, double said)
{
    double tasks = said > 0 ? said : 1;
    struct record_sample *sample;
    size_t index;

    if (value->workers > 1e9 || value->workers != floor(value->workers))
        return foreign_fail(foreign, "%g is no whole number of workers",
                            value->workers);
    index = foreign_case(foreign, series->workload,
                         series->backend != NULL ? series->backend : "command",
                         (size_t)value->workers);
    if (index == NO_CASE)
        return false;
    sample = foreign_sample(foreign, index, tasks, tasks / value->rate);
    if (sample == NULL)
        return false;
    if (value->block != NO_BLOCK)
        sample->block = value->block;
    return true;
}

/* Gives each case the tasks of its samples. */
static void settle_cases(struct record *record)
{
    const size_t disagree = 0;

    for (size_t i = 0; i < record->sample_count; i++)
        record->cases[record->samples[i].case_index].tasks =
            record->samples[i].tasks;
    for (size_t i = 0; i < record->sample_count; i++) {
        struct record_case *one = &record->cases[record->samples[i].case_index];
        if (one->tasks != record->samples[i].tasks)
            one->tasks = disagree;
    }
    for (size_t i = 0; i < record->sample_count; i++) {
        struct record_sample *sample = &record->samples[i];
        if (record->cases[sample->case_index].tasks != disagree)
            continue;
        sample->elapsed_s /= (double)sample->tasks;
        sample->tasks = 1;
    }
    for (size_t i = 0; i < record->case_count; i++)
        if (record->cases[i].tasks == disagree)
            record->cases[i].tasks = 1;
}

/* The tasks of a workload are those of all its cases, or one. */
static void settle_workload(const struct record *record,
                            struct record_workload *workload)
{
    size_t tasks = 0;

    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        if (strcmp(one->workload, workload->id) != 0)
            continue;
        if (tasks != 0 && tasks != one->tasks)
            return;
        tasks = one->tasks;
    }
    workload->tasks = tasks;
}

bool import_series(struct foreign *foreign, const struct series_list *series)
{
    for (size_t i = 0; i < series->count; i++) {
        for (size_t k = 0; k < series->series[i].count; k++) {
            if (!add_value(foreign, &series->series[i],
                           &series->series[i].values[k],
                           series->series[i].tasks[k]))
                return false;
        }
    }
    settle_cases(foreign->record);
    for (size_t i = 0; i < foreign->record->workload_count; i++)
        settle_workload(foreign->record, &foreign->record->workloads[i]);
    return true;
}
