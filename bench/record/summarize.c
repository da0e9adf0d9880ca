/* SPDX-License-Identifier: MIT */
/*
 * Summaries of cases. Each metric is a list of block values that goes through
 * the same two estimates; what differs is how the values come about. Reasons
 * stand where an interval is missing.
 */
#include "summarize.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_sort.h>

#include "bca.h"
#include "precision.h"
#include "record_memory.h"
#include "sides.h"
#include "statistics.h"
#include "welch.h"

/* Above this fraction of all tasks must lie ten of them. */
static const struct {
    const char *metric;
    double p;
    double tasks;
    const char *too_few;
} percentiles[] = {
    {"latency_p50_s", 0.50, 20, "p50 needs 20 tasks"},
    {"latency_p90_s", 0.90, 100, "p90 needs 100 tasks"},
    {"latency_p99_s", 0.99, 1000, "p99 needs 1000 tasks"},
    {"latency_p999_s", 0.999, 10000, NULL}, /* no summary below */
};

enum { PERCENTILES = sizeof percentiles / sizeof percentiles[0] };

/* What a case's metrics are computed from; `values` has room for its blocks. */
struct summarizing {
    struct record *record;
    const struct all_blocks *all;
    size_t case_index;
    double level;
    double *values;
};

/* Why something about `blocks` values is unknown; NULL where nothing is. */
static const char *reason_for(size_t blocks, double level, bool is_ratio,
                              char *room, size_t room_bytes)
{
    size_t for_median = statistics_blocks_for_median(level);

    if (blocks == 0)
        return is_ratio ? "no block has both cases" : "no sample counts";
    if (blocks >= for_median)
        return NULL;
    snprintf(room, room_bytes,
             blocks < BLOCKS_FOR_MEAN
                 ? "an interval needs 2 blocks, that of the median %zu"
                 : "the interval of the median needs %zu blocks",
             for_median);
    return room;
}

static bool copy_text(char **copy, const char *text)
{
    *copy = text == NULL ? NULL : strdup(text);
    return text == NULL || *copy != NULL;
}

/* Adds a summary of everything unknown. NULL without memory. */
static struct record_summary *add_summary(struct summarizing *now,
                                          const char *metric,
                                          const char *method,
                                          const char *reason)
{
    struct record_summary *summary = record_add_summary(now->record);

    if (summary == NULL)
        return NULL;
    *summary = (struct record_summary){
        .case_index = now->case_index,
        .estimate = NAN,
        .ci95 = {NAN, NAN},
        .median = NAN,
        .median_ci95 = {NAN, NAN},
        .block_count = now->all->cases[now->case_index].count,
        .base = NO_CASE,
    };
    return copy_text(&summary->metric, metric) &&
                   copy_text(&summary->method, method) &&
                   copy_text(&summary->reason, reason)
               ? summary
               : NULL;
}

/* Adds the summary of `count` block values, which it sorts. */
static bool summarize_values(struct summarizing *now, const char *metric,
                             size_t count, size_t base)
{
    char room[96];
    bool is_bca = count >= BLOCKS_FOR_BCA && count <= BLOCKS_FOR_BCA_MOST;
    struct record_summary *summary = add_summary(
        now, metric, is_bca ? "bca-log" : "t-log",
        reason_for(count, now->level, base != NO_CASE, room, sizeof room));
    struct estimate mean, median;

    if (summary == NULL)
        return false;
    mean = statistics_geometric_mean(now->values, count, now->level);
    if (is_bca && !bca_geometric_mean(now->values, count, now->level, &mean))
        return false;
    gsl_sort(now->values, 1, count);
    median = statistics_median(now->values, count, now->level);
    summary->estimate = mean.value;
    summary->ci95[0] = mean.low;
    summary->ci95[1] = mean.high;
    summary->median = median.value;
    summary->median_ci95[0] = median.low;
    summary->median_ci95[1] = median.high;
    summary->block_count = count;
    summary->base = base;
    return true;
}

static bool summarize_times(struct summarizing *now)
{
    const struct case_blocks *blocks = &now->all->cases[now->case_index];

    for (size_t i = 0; i < blocks->count; i++)
        now->values[i] = blocks->blocks[i].tasks / blocks->blocks[i].elapsed_s;
    if (!summarize_values(now, "throughput_per_s", blocks->count, NO_CASE))
        return false;
    for (size_t i = 0; i < blocks->count; i++)
        now->values[i] = blocks->blocks[i].elapsed_s;
    return summarize_values(now, "elapsed_s", blocks->count, NO_CASE);
}

/* Adds a ratio to a base that no block is shared with. */
static bool add_apart(struct summarizing *now, const char *metric,
                      const struct estimate *ratio, double workers, size_t base)
{
    bool has_interval = !isnan(ratio->low);
    struct record_summary *summary = add_summary(
        now, metric, WELCH_METHOD,
        has_interval ? "not interleaved with its base: no blocks to pair"
                     : "an interval needs two runs of the case and its base");

    if (summary == NULL)
        return false;
    summary->estimate = ratio->value / workers;
    summary->ci95[0] = ratio->low / workers;
    summary->ci95[1] = ratio->high / workers;
    summary->base = base;
    return true;
}

/* The same of what another tool measured, case after case: two groups of
 * values, each apart from the other. */
static bool summarize_apart(struct summarizing *now, size_t base)
{
    const struct case_blocks *blocks = &now->all->cases[now->case_index];
    const struct case_blocks *base_blocks = &now->all->cases[base];
    double workers = (double)now->record->cases[now->case_index].workers;
    double *base_times = calloc(base_blocks->count + 1, sizeof *base_times);
    double error, df;

    if (base_times == NULL)
        return false;
    blocks_times(base_blocks, base_times);
    blocks_times(blocks, now->values);
    struct estimate ratio =
        welch_ratio(base_times, base_blocks->count, now->values, blocks->count,
                    now->level, &error, &df);
    free(base_times);
    return add_apart(now, "speedup_ratio", &ratio, 1, base) &&
           (workers == 0 ||
            add_apart(now, "efficiency_ratio", &ratio, workers, base));
}

/* Speed-up and efficiency over one base; none where there is no base. */
static bool summarize_speedup(struct summarizing *now, size_t base)
{
    const struct case_blocks *blocks = &now->all->cases[now->case_index];
    double workers = (double)now->record->cases[now->case_index].workers;
    size_t count;

    if (base == NO_CASE || now->record->cases[base].status != CASE_MEASURED)
        return true;
    /* base over case: pairing from the case's side is the reciprocal */
    count = blocks_pair(blocks, &now->all->cases[base], now->values);
    if (count == 0 && record_is_foreign(now->record))
        return summarize_apart(now, base);
    for (size_t i = 0; i < count; i++)
        now->values[i] = 1 / now->values[i];
    if (!summarize_values(now, "speedup_ratio", count, base))
        return false;
    for (size_t i = 0; i < count; i++)
        now->values[i] /= workers;
    return workers == 0 ||
           summarize_values(now, "efficiency_ratio", count, base);
}

/* In an open loop throughput is the rate at which tasks came: a ratio of two
 * would be of those who sent them. */
static bool is_open_loop(const struct record *record)
{
    return facts_number(record->run, RATE_FACT, 0) > 0;
}

static bool summarize_speedups(struct summarizing *now)
{
    const struct record_case *one = &now->record->cases[now->case_index];
    size_t serial =
        record_serial_case(now->record, one->workload, one->backend);
    size_t alone =
        record_find_case(now->record, one->workload, one->backend, 1);

    return is_open_loop(now->record) ||
           (summarize_speedup(now, serial) &&
            (alone == serial || summarize_speedup(now, alone)));
}

struct histogram *summarize_pool_latencies(const struct record *record,
                                           const struct case_blocks *blocks)
{
    struct histogram *pool = NULL;

    for (size_t i = 0; i < blocks->sample_count; i++) {
        const struct record_latency *latency =
            &record->samples[blocks->samples[i]].latency;
        if (latency->n == 0 || latency->histogram == NULL)
            continue;
        if (pool == NULL)
            pool = histogram_create();
        if (pool == NULL)
            return NULL;
        histogram_merge(pool, latency->histogram);
    }
    return pool;
}

/* The percentile that each sample had. A record keeps three of them beside the
 * histogram. */
static double sample_percentile(const struct record_latency *latency,
                                size_t which)
{
    const double each[] = {latency->p50_s, latency->p90_s, latency->p99_s};

    if (latency->n == 0)
        return NAN;
    if (which < 3)
        return each[which];
    return latency->histogram != NULL &&
                   (double)latency->n >= percentiles[which].tasks
               ? histogram_percentile_s(latency->histogram,
                                        percentiles[which].p)
               : NAN;
}

/* Tasks of a block are not independent of each other, so the interval is that
 * of the median of the blocks' own percentiles, by order statistics; there is
 * none where a sample has too few tasks for its own. */
static void add_block_median(struct summarizing *now, size_t which,
                             struct record_summary *summary)
{
    const struct case_blocks *blocks = &now->all->cases[now->case_index];
    struct estimate median;

    if (blocks->sample_count != blocks->count)
        return;
    for (size_t i = 0; i < blocks->count; i++) {
        now->values[i] = sample_percentile(
            &now->record->samples[blocks->samples[i]].latency, which);
        if (!(now->values[i] > 0))
            return;
    }
    gsl_sort(now->values, 1, blocks->count);
    median = statistics_median(now->values, blocks->count, now->level);
    summary->median = median.value;
    summary->median_ci95[0] = median.low;
    summary->median_ci95[1] = median.high;
}

static bool summarize_latency(struct summarizing *now)
{
    struct histogram *pool = summarize_pool_latencies(
        now->record, &now->all->cases[now->case_index]);
    bool is_done = true;

    for (size_t i = 0; pool != NULL && i < PERCENTILES && is_done; i++) {
        bool enough = (double)histogram_total(pool) >= percentiles[i].tasks;
        struct record_summary *summary;

        if (!enough && percentiles[i].too_few == NULL)
            continue;
        summary = add_summary(
            now, percentiles[i].metric, "pooled",
            enough ? "pooled over blocks; the interval is of the blocks' median"
                   : percentiles[i].too_few);
        is_done = summary != NULL;
        if (!is_done || !enough)
            continue;
        summary->estimate = histogram_percentile_s(pool, percentiles[i].p);
        add_block_median(now, i, summary);
    }
    histogram_destroy(pool);
    return is_done;
}

bool summarize_cases(struct record *record, const struct all_blocks *all,
                     double level)
{
    bool is_done = true;

    for (size_t i = 0; i < record->case_count && is_done; i++) {
        struct summarizing now = {record, all, i, level, NULL};
        if (record->cases[i].status != CASE_MEASURED)
            continue;
        now.values = calloc(all->cases[i].count + 1, sizeof *now.values);
        is_done = now.values != NULL && summarize_times(&now) &&
                  summarize_speedups(&now) && summarize_latency(&now);
        free(now.values);
    }
    return is_done;
}

double summarize_level(const struct record *record)
{
    const char *stop_reason = facts_text(record->run, "stop_reason", "");
    bool may_stop_early = strcmp(stop_reason, "precision") == 0 ||
                          facts_number(record->run, PRECISION_FACT, 0) > 0;

    return may_stop_early ? 0.97 : 0.95;
}

bool record_summarize(struct record *record)
{
    double level = summarize_level(record);
    struct all_blocks all;
    bool is_done;

    record_clear_results(record);
    if (!blocks_collect(record, &all))
        return false;
    is_done = summarize_cases(record, &all, level) &&
              (is_open_loop(record) || (compare_backends(record, &all, level) &&
                                        compare_sides(record, &all, level)));
    blocks_finish(&all);
    return is_done;
}
