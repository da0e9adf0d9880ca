/* SPDX-License-Identifier: MIT */
/* A table of worker counts and throughputs as a record: each row is a sample of
 * its tasks, or of one, that took as long as the throughput says. */
#include <math.h>

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
    foreign_take_tasks(foreign, index, (size_t)tasks);
    if (value->block != NO_BLOCK)
        sample->block = value->block;
    return true;
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
    return true;
}
