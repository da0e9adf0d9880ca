/* SPDX-License-Identifier: MIT */
#ifndef RECORD_SUMMARIZE_H
#define RECORD_SUMMARIZE_H

/*
 * What record_summarize() computes. Block values are as blocks.h says;
 * statistics.h has the intervals: "ci95" is the t interval on logs, or between
 * BLOCKS_FOR_BCA and BLOCKS_FOR_BCA_MOST blocks the bootstrap's (bca.h),
 * "median_ci95" that of order statistics. Where the run looked at its own
 * precision to decide when to stop (the fact run.stop_reason is "precision", or
 * run.precision_ratio is set) both are computed at 97 %, which then covers
 * 95 % at least.
 *
 * Summaries, for each measured case:
 *
 *   elapsed_s, throughput_per_s
 *   speedup_ratio      once per base: time per task in the base over that in
 *                      the case, paired by block. The bases are the serial
 *                      case of the workload, and the same backend's case with
 *                      one worker. (A base has its own, which is 1. An open
 *                      loop has none.) Of what another tool measured, where
 *                      no block is shared: Welch's comparison of log means
 *   efficiency_ratio   speedup_ratio over workers, once per base
 *   latency_p50_s, latency_p90_s, latency_p99_s, latency_p999_s
 *                      of the tasks of all blocks together, the last only from
 *                      10,000 of them on; `median` and its interval are of the
 *                      blocks' own percentiles
 *
 * Comparisons, for each workload: the case with the best throughput against
 * the best case of each other backend. ratio is time per task of a over that of
 * b, paired by block. The comparisons of a workload are one family: ci95 holds
 * for all of them together (family.h), p_adjusted is Holm's, and the verdict
 * is on that interval with delta 2 %. A record of two sides has those of its
 * sides as well (sides.h); one of an open loop has none.
 */
#include <stdbool.h>

#include "blocks.h"

#define DELTA_RATIO 0.02

/* The method of a summary whose values share no block with those of its base. */
#define WELCH_METHOD "welch-log"

/* Of `run`: tasks came at this rate (an open loop), so that throughput says no
 * more than whether the workers kept up. */
#define RATE_FACT "rate_per_s"

/* The level at which intervals of the record are computed: 0.95 or 0.97. */
double summarize_level(const struct record *record);

/* The two halves of record_summarize(). False without memory. */
bool summarize_cases(struct record *record, const struct all_blocks *all,
                     double level);
bool compare_backends(struct record *record, const struct all_blocks *all,
                      double level);

/* Makes the p-values of one family Holm's. False without memory. */
bool comparisons_adjust(struct record_comparison *family, size_t count);

/* All tasks of all blocks of a case in one histogram, the caller's; NULL where
 * none was kept. */
struct histogram *summarize_pool_latencies(const struct record *record,
                                           const struct case_blocks *blocks);

#endif
