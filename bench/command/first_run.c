/* SPDX-License-Identifier: MIT */
/*
 * Only the very first sample over a workload's inputs tells, whatever case it
 * fell on: all others come after it. A factor of two is far outside what a
 * machine at rest does between two samples of one case.
 */
#include "first_run.h"

#include <math.h>

#include "command.h"
#include "say.h"

enum { LATER_LEAST = 2 };

static const double factor = 2;

/* Of the case's later samples. */
struct later {
    size_t count;
    double fastest_s;
    double slowest_s;
};

static bool is_usable(const struct record_sample *sample)
{
    return sample->verified && isfinite(sample->elapsed_s) &&
           isfinite(sample->started_s);
}

static const struct record_sample *find_first(const struct record *record,
                                              const char *workload)
{
    const struct record_sample *first = NULL;

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];

        if (record_workload(record,
                            record->cases[sample->case_index].workload) ==
                record_workload(record, workload) &&
            is_usable(sample) &&
            (first == NULL || sample->started_s < first->started_s))
            first = sample;
    }
    return first;
}

static struct later later_than(const struct record *record,
                               const struct record_sample *first)
{
    struct later later = {.fastest_s = INFINITY};

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];

        if (sample == first || !is_usable(sample) ||
            sample->case_index != first->case_index)
            continue;
        later.count++;
        later.fastest_s = fmin(later.fastest_s, sample->elapsed_s);
        later.slowest_s = fmax(later.slowest_s, sample->elapsed_s);
    }
    return later;
}

void first_run_warn(const struct record *record)
{
    for (size_t i = 0; i < record->workload_count; i++) {
        const char *workload = record->workloads[i].id;
        const struct record_sample *first;
        struct later later;

        if (!command_is(workload))
            continue;
        first = find_first(record, workload);
        if (first == NULL)
            continue;
        later = later_than(record, first);
        if (later.count >= LATER_LEAST &&
            (first->elapsed_s > factor * later.slowest_s ||
             first->elapsed_s * factor < later.fastest_s))
            say_warning("%.60s: the first run took %.3g s, later ones of the "
                        "same case %.3g to %.3g s: does it change its input, "
                        "or is a cache cold? --prepare runs before each sample",
                        workload, first->elapsed_s, later.fastest_s,
                        later.slowest_s);
    }
}
