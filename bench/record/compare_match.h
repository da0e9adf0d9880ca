/* SPDX-License-Identifier: MIT */
#ifndef RECORD_COMPARE_MATCH_H
#define RECORD_COMPARE_MATCH_H

/* Which cases of two records are compared with each other. */
#include "compare_records.h"

/* Fills the list, `unmatched` and `difference` of `matches`, which begins as
 * zeros; the records outlive it. False without memory. */
bool compare_match(const struct record *before, const struct record *after,
                   struct record_matches *matches);

#endif
