/* SPDX-License-Identifier: MIT */
#ifndef CHAOS_PLAN_H
#define CHAOS_PLAN_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "chaos.h"

/*
 * What happens at the points of chaos.h. Set before an executor is made;
 * forked workers inherit it. What a worker meets is drawn from the seed, its
 * index and how many had that index before it; what a thread of the host
 * meets, from the seed and the thread's number. So a schedule that failed is
 * met again with its seed, as far as the system's own scheduling lets it.
 */
struct chaos_plan {
    uint64_t seed;
    unsigned kills_per_million;  /* of a worker, by passes of its points    */
    unsigned delays_per_million; /* of anybody: a yield, or up to 50 us     */

    /* one worker, no replacement of another, is ended at its `pass`-th pass of
     * `point`: the first that comes there, by a signal, or by _exit() where that
     * is 0. It needs `kills` */
    bool is_aimed;
    enum cfi_chaos_point point;
    uint64_t pass;
    int signal;

    _Atomic uint64_t *kills; /* shared memory: counted here */
};

extern struct chaos_plan chaos_plan;

#endif
