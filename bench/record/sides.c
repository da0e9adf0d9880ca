/* SPDX-License-Identifier: MIT */
#include "sides.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "record_memory.h"
#include "summarize.h"
#include "wilcoxon.h"

#define OLD_FACT   "vs.old"
#define NEW_FACT   "vs.new"
#define DELTA_FACT "vs.noise_threshold_ratio"

bool sides_set(struct facts *run, const struct sides *sides)
{
    return facts_set_text(run, OLD_FACT, sides->old_id) &&
           facts_set_text(run, NEW_FACT, sides->new_id) &&
           facts_set_number(run, DELTA_FACT, sides->delta);
}

bool sides_find(const struct record *record, struct sides *sides)
{
    *sides = (struct sides){facts_text(record->run, OLD_FACT, NULL),
                            facts_text(record->run, NEW_FACT, NULL),
                            facts_number(record->run, DELTA_FACT, NAN)};
    return sides->old_id != NULL && sides->new_id != NULL && sides->delta >= 0;
}

bool sides_are(const struct record *record,
               const struct record_comparison *comparison)
{
    return strcmp(record->cases[comparison->a].workload,
                  record->cases[comparison->b].workload) != 0;
}

/* --- the family --- */

static bool add_pair(struct record *record, size_t a, size_t b, double delta)
{
    struct record_comparison *comparison = record_add_comparison(record);

    if (comparison == NULL)
        return false;
    *comparison = (struct record_comparison){.a = a,
                                             .b = b,
                                             .paired = true,
                                             .delta_ratio = delta,
                                             .detectable_ratio = NAN,
                                             .metric = strdup("elapsed_s")};
    return comparison->metric != NULL;
}

static bool add_family(struct record *record, const struct sides *sides)
{
    for (size_t a = 0; a < record->case_count; a++) {
        const struct record_case *one = &record->cases[a];
        size_t b;

        if (one->status != CASE_MEASURED ||
            strcmp(one->workload, sides->new_id) != 0)
            continue;
        b = record_find_case(record, sides->old_id, one->backend, one->workers);
        if (b != NO_CASE && record->cases[b].status == CASE_MEASURED &&
            !add_pair(record, a, b, sides->delta))
            return false;
    }
    return true;
}

/* --- the verdict --- */

/* What is not known because there are too few blocks. */
static struct verdict too_few(double level, char *why, size_t why_bytes)
{
    size_t least = wilcoxon_least(level);

    snprintf(why, why_bytes, "an interval needs %zu blocks with both cases",
             least);
    return (struct verdict){"inconclusive", (double)least, why};
}

static bool judge(struct record_comparison *comparison,
                  const struct all_blocks *all, double level)
{
    const struct case_blocks *a = &all->cases[comparison->a];
    double *ratios = calloc(a->count + 1, sizeof *ratios);
    struct wilcoxon result;
    struct verdict verdict;
    char why[80];
    size_t count;

    if (ratios == NULL)
        return false;
    count = blocks_pair(a, &all->cases[comparison->b], ratios);
    wilcoxon_judge(ratios, count, level, &result);
    free(ratios);
    verdict =
        isnan(result.ratio.low)
            ? too_few(level, why, sizeof why)
            : statistics_verdict(&result.ratio, comparison->delta_ratio, count);
    comparison->ratio = result.ratio.value;
    comparison->ci95[0] = result.ratio.low;
    comparison->ci95[1] = result.ratio.high;
    comparison->p_adjusted = result.p;
    comparison->detectable_ratio =
        exp(result.reach) * (1 + comparison->delta_ratio) - 1;
    comparison->blocks_needed = verdict.blocks_needed;
    comparison->verdict = strdup(verdict.word);
    comparison->method = strdup(SIDES_METHOD);
    comparison->reason = verdict.reason == NULL ? NULL : strdup(verdict.reason);
    return comparison->verdict != NULL && comparison->method != NULL &&
           (verdict.reason == NULL || comparison->reason != NULL);
}

bool compare_sides(struct record *record, const struct all_blocks *all,
                   double level)
{
    size_t start = record->comparison_count, count;
    struct record_comparison *family;
    struct sides sides;

    if (!sides_find(record, &sides))
        return true;
    if (!add_family(record, &sides))
        return false;
    count = record->comparison_count - start;
    if (count == 0)
        return true;
    family = record->comparisons + start;
    for (size_t i = 0; i < count; i++)
        if (!judge(&family[i], all, 1 - (1 - level) / (double)count))
            return false;
    return comparisons_adjust(family, count);
}

double sides_widest(const struct record *record)
{
    double widest = 0;
    size_t count = 0;

    for (size_t i = 0; i < record->comparison_count; i++) {
        const struct record_comparison *one = &record->comparisons[i];
        double half;

        if (!sides_are(record, one) ||
            record->cases[one->a].status != CASE_MEASURED ||
            record->cases[one->b].status != CASE_MEASURED)
            continue;
        count++;
        half = log(one->ci95[1] / one->ci95[0]) / 2;
        if (!isfinite(half))
            return INFINITY;
        widest = fmax(widest, exp(half) - 1);
    }
    return count > 0 ? widest : INFINITY;
}
