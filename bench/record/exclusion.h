/* SPDX-License-Identifier: MIT */
#ifndef RECORD_EXCLUSION_H
#define RECORD_EXCLUSION_H

/*
 * Samples that are set aside for what the machine did meanwhile. Never for
 * their value: the causes are this closed list, declared before anything is
 * measured, and the sample stays in the record with the cause's name.
 *
 *      steal         other guests of the host had over 0.5 % of the CPUs
 *      throttled     held back by a cgroup's quota, with no more workers than it
 *                    has CPUs (with more, being held back is the result)
 *      thermal       a CPU slowed down for its heat
 *      major_faults  pages came from the disk, in work that only computes
 *      frequency     the CPUs were more than 5 % below the run's median
 *      foreign       other programs had over 5 % of the CPUs, none being idle
 *
 * Where a cause would set aside over a quarter of a case, it sets aside none of
 * it: the rest would be no sample of anything. Then the machine was not quiet,
 * and `run.not_quiet` names the cause.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

#define NOT_QUIET_FACT "not_quiet" /* of `run`: the causes, a list of texts */

enum { EXCLUSION_CAUSES = 6 };

/* "steal"; the i-th of the list above. */
const char *exclusion_name(size_t cause);
/* What it means, in a sentence's middle. */
const char *exclusion_words(const char *name);

/* Sets `excluded_by` of all samples anew, and the fact. False without memory. */
bool exclusion_apply(struct record *record);

/* Of the CPUs' frequency over all samples that know it; NAN where none does, and
 * without memory. */
double exclusion_median_hz(const struct record *record);

/* Fills how many samples of the workload with a time each cause would set
 * aside, and returns how many there are. */
size_t exclusion_count(const struct record *record, const char *workload,
                       size_t counts[EXCLUSION_CAUSES]);

#endif
