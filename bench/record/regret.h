/* SPDX-License-Identifier: MIT */
#ifndef RECORD_REGRET_H
#define RECORD_REGRET_H

/*
 * What each measured worker count would have cost: 1 - its throughput over the
 * best measured of its workload, over all backends. A recommendation measures
 * some counts in more blocks than others, so blocks are taken out by a layout
 * (layout.h); the interval is Student's on logarithms. The best is the highest
 * estimate, so what stands near it looks a little worse than it is.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

struct regret_point {
    size_t case_index;
    double regret;  /* from 0; that of the best is 0 */
    double ci95[2]; /* NAN: unknown. Below 0: it may be the better one */
    size_t block_count;
};

struct regret {
    struct regret_point *points; /* in the order of the cases */
    size_t count;
};

/* False where nothing of the workload was measured, or no memory. */
bool regret_collect(const struct record *record, const char *workload,
                    struct regret *regret);
void regret_finish(struct regret *regret);

#endif
