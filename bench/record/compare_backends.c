/* SPDX-License-Identifier: MIT */
/*
 * Who won: per workload, the case with the best throughput against the best
 * case of each other backend. The winner was picked by the same numbers, so
 * the intervals are widened to hold for the whole family (family.h).
 */
#include "summarize.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "family.h"
#include "record_memory.h"
#include "statistics.h"

static double throughput(const struct record *record, size_t case_index)
{
    const struct record_summary *summary =
        record_find_summary(record, case_index, "throughput_per_s", NO_CASE);

    return summary == NULL || isnan(summary->estimate) ? -1 : summary->estimate;
}

static bool is_of(const struct record_case *one, const char *workload,
                  const char *backend)
{
    return one->status == CASE_MEASURED &&
           strcmp(one->workload, workload) == 0 &&
           (backend == NULL || strcmp(one->backend, backend) == 0);
}

/* The fastest case of the workload, on that backend or on any. */
static size_t best_case(const struct record *record, const char *workload,
                        const char *backend)
{
    size_t best = NO_CASE;
    double most = 0;

    for (size_t i = 0; i < record->case_count; i++) {
        double now;
        if (!is_of(&record->cases[i], workload, backend))
            continue;
        now = throughput(record, i);
        if (now > most) {
            most = now;
            best = i;
        }
    }
    return best;
}

static bool add_pair(struct record *record, size_t a, size_t b)
{
    struct record_comparison *comparison = record_add_comparison(record);

    if (comparison == NULL)
        return false;
    comparison->a = a;
    comparison->b = b;
    comparison->paired = true;
    comparison->delta_ratio = DELTA_RATIO;
    comparison->detectable_ratio = NAN;
    comparison->metric = strdup("elapsed_s");
    return comparison->metric != NULL;
}

/* Adds the pairs of a workload, one for each backend other than the best's. */
static bool add_family(struct record *record, const char *workload)
{
    size_t a = best_case(record, workload, NULL);

    for (size_t i = 0; a != NO_CASE && i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        if (strcmp(one->backend, record->cases[a].backend) != 0 &&
            is_of(one, workload, NULL) &&
            best_case(record, workload, one->backend) == i &&
            !add_pair(record, a, i))
            return false;
    }
    return true;
}

static bool judge(struct record_comparison *comparison,
                  const struct all_blocks *all,
                  const struct family_width *width)
{
    const struct case_blocks *a = &all->cases[comparison->a];
    double *ratios = calloc(a->count + 1, sizeof *ratios);
    struct estimate estimate = {NAN, NAN, NAN};
    double mean, error, half;
    struct verdict verdict;
    size_t count;

    if (ratios == NULL)
        return false;
    count = blocks_pair(a, &all->cases[comparison->b], ratios);
    statistics_log_moments(ratios, count, &mean, &error);
    estimate.value = exp(mean);
    if (count >= BLOCKS_FOR_MEAN) {
        half = family_quantile(width, (double)count - 1) * error;
        estimate.low = exp(mean - half);
        estimate.high = exp(mean + half);
        comparison->method = strdup(width->method);
    }
    verdict = statistics_verdict(&estimate, comparison->delta_ratio, count);
    comparison->ratio = estimate.value;
    comparison->ci95[0] = estimate.low;
    comparison->ci95[1] = estimate.high;
    comparison->p_adjusted = statistics_p_of_ratio(ratios, count);
    comparison->blocks_needed = verdict.blocks_needed;
    comparison->verdict = strdup(verdict.word);
    comparison->reason = verdict.reason == NULL ? NULL : strdup(verdict.reason);
    free(ratios);
    return comparison->verdict != NULL &&
           (verdict.reason == NULL || comparison->reason != NULL);
}

bool comparisons_adjust(struct record_comparison *family, size_t count)
{
    double *p = calloc(count + 1, sizeof *p);
    bool is_done;

    if (p == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        p[i] = family[i].p_adjusted;
    is_done = statistics_holm(p, count);
    for (size_t i = 0; i < count; i++)
        family[i].p_adjusted = p[i];
    free(p);
    return is_done;
}

/* The log ratios of the pairs, block by block. */
static bool fill_family(const struct record_comparison *pairs, size_t count,
                        const struct all_blocks *all, struct family *family)
{
    if (!family_create(family, count, all->block_count, 0))
        return false;
    for (size_t i = 0; i < count; i++)
        blocks_pair_logs(&all->cases[pairs[i].a], &all->cases[pairs[i].b],
                         family->values[0] + i * all->block_count);
    family_compact(family);
    return true;
}

static bool judge_family(struct record_comparison *pairs, size_t count,
                         const struct all_blocks *all, double level)
{
    struct family_width width;
    struct family family;
    bool is_done;

    if (!fill_family(pairs, count, all, &family))
        return false;
    is_done = family_judge(&family, level, &width);
    family_finish(&family);
    for (size_t i = 0; i < count && is_done; i++)
        is_done = judge(&pairs[i], all, &width);
    return is_done && comparisons_adjust(pairs, count);
}

static bool compare_workload(struct record *record,
                             const struct all_blocks *all, const char *workload,
                             double level)
{
    size_t start = record->comparison_count;
    size_t count;

    if (!add_family(record, workload))
        return false;
    count = record->comparison_count - start;
    return count == 0 ||
           judge_family(&record->comparisons[start], count, all, level);
}

bool compare_backends(struct record *record, const struct all_blocks *all,
                      double level)
{
    for (size_t i = 0; i < record->workload_count; i++) {
        if (!compare_workload(record, all, record->workloads[i].id, level))
            return false;
    }
    return true;
}
