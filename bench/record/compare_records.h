/* SPDX-License-Identifier: MIT */
#ifndef RECORD_COMPARE_RECORDS_H
#define RECORD_COMPARE_RECORDS_H

/*
 * Two records side by side: is the second slower or faster? Cases are matched
 * by workload with its parameters, backend and worker count.
 *
 * Where both records are parts of one run (the same run id) their blocks are
 * paired. Else the values of each are taken as independent of the other's
 * (Welch's t on logs); that leaves out what changed between the runs, so a
 * stored record is a weak baseline, and what it could see stands beside each
 * verdict. All cases of a comparison are one family: the intervals hold
 * together (family.h), p-values are Holm's.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"
#include "statistics.h"

struct record_match {
    size_t old_case, new_case;
    bool is_paired;
    size_t old_blocks, new_blocks;
    struct estimate ratio; /* time per task, new over old */
    double p_adjusted;
    /* The smallest slowdown found in 80 % of such comparisons: as a change at
     * all, and as "slower". NAN: unknown. */
    double detectable_change;
    double detectable_slower;
    struct verdict verdict;
};

/* A parameter that is not the same in both, lent by the records. */
struct record_difference {
    const char *workload;
    const char *name;                  /* NULL: none is known */
    const char *old_value, *new_value; /* NULL: that one does not have it */
};

struct record_matches {
    struct record_match *list;
    size_t count;
    const char *method; /* of the intervals: "t", "max-t", "bonferroni" */
    size_t unmatched;   /* cases measured in old that new does not have */
    /* of the first of them that new has with other parameters */
    struct record_difference difference;
};

/* False without memory. */
bool compare_records(const struct record *before, const struct record *after,
                     double delta, struct record_matches *matches);
void compare_records_finish(struct record_matches *matches);

#endif
