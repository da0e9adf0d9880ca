/* SPDX-License-Identifier: MIT */
#ifndef RECORD_WILCOXON_H
#define RECORD_WILCOXON_H

/*
 * Paired ratios, judged by Wilcoxon's signed ranks: a block that went wrong
 * moves the answer by one rank, where it would pull a mean along and widen a t
 * interval. Assumed is that log ratios are independent and lie as often and as
 * far above their middle as below it; of two cases that are the same work, in
 * random order within a block, this is true whatever the machine does.
 */
#include <stddef.h>

#include "statistics.h"

/* Two-sided; what it could see at most beside it. */
struct wilcoxon {
    struct estimate ratio; /* Hodges and Lehmann's; no interval: NAN */
    double p;              /* of "there is no difference" */
    double reach;          /* a log ratio found in 4 of 5 cases; NAN: unknown */
};

/* The least number of ratios that have an interval: 6 at 95 %, 7 at 97 %. */
size_t wilcoxon_least(double level);

/* How often the interval of n ratios misses the truth: never more than the level
 * allows, and less where no two ranks come as near as that. */
double wilcoxon_miss(size_t n, double level);

/* From ratios above zero, which are turned into sorted logs. */
void wilcoxon_judge(double *ratios, size_t n, double level,
                    struct wilcoxon *result);

/* P(W <= w) where the sign of each of n ranks is a coin's. */
double wilcoxon_cdf(size_t n, double w);

#endif
