/* SPDX-License-Identifier: MIT */
#ifndef RECORD_TABLE_MEANING_H
#define RECORD_TABLE_MEANING_H

#include <stddef.h>

/* What a column in the user's own words has: "Wall time [ms]" times, "req/s" and
 * what says nothing throughputs; "latency" and "mean" might be of one task, or of
 * either. Of times `*unit_s` is set. */
enum table_meaning {
    TABLE_MEANS_RATES,
    TABLE_MEANS_TIMES,
    TABLE_MEANS_EITHER,
};
enum table_meaning table_meaning_of(const char *name, size_t length,
                                    double *unit_s);

#endif
