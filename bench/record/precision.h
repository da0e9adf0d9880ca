/* SPDX-License-Identifier: MIT */
#ifndef RECORD_PRECISION_H
#define RECORD_PRECISION_H

/*
 * When to stop measuring: when the intervals are narrow enough, and never
 * because a difference has become significant. Each look at unfinished data is
 * another chance for an interval to miss the truth, so that looks are few and
 * fixed, and a run that may stop early has its intervals at 97 %: over these
 * looks that covers at least 95 % (plain 95 % covers 92.4 % at worst).
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

#define PRECISION_FACT "precision_ratio" /* of `run`: what was asked for */

/* Is there a look after so many blocks? After 6, 9, 13, 20, 30, 45, ... */
bool precision_is_look(size_t blocks);

/*
 * The widest interval of what the record reports of its measured cases
 * (throughput, speed-ups, efficiencies; of a record of two sides the ratios of
 * these alone), as half its width relative to the estimate, on logs: 0.01 is
 * +-1 %. INFINITY where an interval is missing.
 * Takes the record's summaries as they are.
 */
double precision_widest(const struct record *record);

/* The times of one case as they come, for showing how sure it is by now. Zeroed
 * to begin with. */
struct precision_so_far {
    size_t count;
    double mean, square_sum; /* of logs, and about their mean */
};

/* Takes a positive time. */
void precision_add(struct precision_so_far *so_far, double seconds);

/* Half of the 95 % interval of their geometric mean, relative to it, on logs;
 * NAN below two. */
double precision_half(const struct precision_so_far *so_far);

#endif
