/* SPDX-License-Identifier: MIT */
/*
 * Each function walks the samples of one case that count (blocks.h), which
 * details_collect() has sorted once for all of them.
 */
#include "details.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "histogram.h"
#include "summarize.h"

static double median_of(const struct record *record, size_t case_index)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, "elapsed_s", NO_CASE);

    return summary != NULL && summary->median > 0 ? summary->median : NAN;
}

bool details_collect(const struct record *record, struct details *details)
{
    *details = (struct details){.record = record};
    if (!blocks_collect(record, &details->blocks)) {
        details->blocks = (struct all_blocks){0};
        return false;
    }
    details->medians = calloc(record->case_count + 1, sizeof *details->medians);
    for (size_t i = 0; details->medians != NULL && i < record->case_count; i++)
        details->medians[i] = median_of(record, i);
    if (details->medians == NULL)
        details_finish(details);
    return details->medians != NULL;
}

void details_finish(struct details *details)
{
    blocks_finish(&details->blocks);
    free(details->medians);
    *details = (struct details){0};
}

/* --- time --- */

/* Sums over the samples of a case. */
struct spent {
    double tasks;
    double elapsed_s;
    double cpu_s;
    double task_s; /* NAN where a sample kept no latencies */
};

static double task_seconds(const struct record_latency *latency)
{
    struct histogram_bucket bucket;
    size_t cursor = 0;
    double sum = 0;

    if (latency->n == 0 || latency->histogram == NULL)
        return NAN;
    while (histogram_next(latency->histogram, &cursor, &bucket))
        sum += bucket.upper_s * (double)bucket.count;
    return sum;
}

static struct spent spent_of(const struct details *details, size_t case_index)
{
    const struct case_blocks *one = &details->blocks.cases[case_index];
    struct spent spent = {0};

    for (size_t i = 0; i < one->sample_count; i++) {
        const struct record_sample *sample =
            &details->record->samples[one->samples[i]];
        spent.tasks += (double)sample->tasks;
        spent.elapsed_s += sample->elapsed_s;
        spent.cpu_s += sample->cpu_user_s + sample->cpu_sys_s;
        spent.task_s += task_seconds(&sample->latency);
    }
    return spent;
}

/* The loop whose CPU time is that of the work itself, in the case's own
 * language; that of a language is its own. */
static size_t loop_of(const struct record *record, size_t case_index)
{
    const struct record_case *one = &record->cases[case_index];

    return record_is_loop(one->backend)
               ? case_index
               : record_serial_case(record, one->workload, one->backend);
}

bool details_time_split(const struct details *details, size_t case_index,
                        struct time_split *split)
{
    const struct record_case *one = &details->record->cases[case_index];
    size_t serial = loop_of(details->record, case_index);

    if (serial == NO_CASE)
        return false;
    struct spent base = spent_of(details, serial);
    struct spent spent = spent_of(details, case_index);
    double had_s = spent.elapsed_s * (double)one->workers;
    double useful_s = base.cpu_s / base.tasks * spent.tasks;

    if (!(had_s > 0) || !isfinite(had_s) || !(useful_s >= 0) ||
        !(spent.cpu_s >= 0) || !(spent.task_s >= 0))
        return false;
    split->busy = fmin(fmin(useful_s, spent.cpu_s) / had_s, 1);
    split->overhead =
        fmin(fmax(spent.cpu_s - useful_s, 0) / had_s, 1 - split->busy);
    double left = 1 - split->busy - split->overhead;
    split->waiting = fmin(fmax(spent.task_s - spent.cpu_s, 0) / had_s, left);
    split->idle = fmax(left - split->waiting, 0);
    return true;
}

/* --- distributions --- */

double details_relative(const struct details *details,
                        const struct record_sample *sample)
{
    if (!sample->verified || !(sample->elapsed_s > 0))
        return NAN;
    return sample->elapsed_s / details->medians[sample->case_index];
}

static int by_value(const void *left, const void *right)
{
    const struct details_step *a = left, *b = right;

    return (a->value_s > b->value_s) - (a->value_s < b->value_s);
}

size_t details_blocks(const struct details *details, size_t case_index,
                      struct details_step *steps, size_t most)
{
    const struct case_blocks *one = &details->blocks.cases[case_index];
    size_t count = one->count < most ? one->count : most;

    for (size_t i = 0; i < count; i++)
        steps[i].value_s = one->blocks[i].elapsed_s;
    qsort(steps, count, sizeof *steps, by_value);
    for (size_t i = 0; i < count; i++)
        steps[i].fraction = (double)(i + 1) / (double)count;
    return count;
}

/* Steps of a histogram, `room` of them at most. */
static size_t walk(const struct histogram *pool, double tasks,
                   struct details_step *steps, size_t room)
{
    static const double nearest = 0.02; /* of a decade */
    struct histogram_bucket bucket;
    double below = 0, last = -1;
    size_t cursor = 0, count = 0;

    while (histogram_next(pool, &cursor, &bucket) && count < room) {
        double tail = (tasks - below) / tasks; /* at this value or above it */
        double decade = -log10(tail);
        below += (double)bucket.count;
        bool is_last = !(below < tasks);
        if (decade - last < nearest && !is_last)
            continue;
        last = decade;
        steps[count++] = (struct details_step){bucket.upper_s, below / tasks};
    }
    return count;
}

size_t details_tasks(const struct details *details, size_t case_index,
                     struct details_step **steps, double *tasks)
{
    enum { ROOM = 2048 };
    struct histogram *pool = summarize_pool_latencies(
        details->record, &details->blocks.cases[case_index]);
    size_t count = 0;

    *steps = NULL;
    *tasks = pool == NULL ? 0 : (double)histogram_total(pool);
    if (*tasks > 0)
        *steps = calloc(ROOM, sizeof **steps);
    if (*steps != NULL)
        count = walk(pool, *tasks, *steps, ROOM);
    histogram_destroy(pool);
    return count;
}
