/* SPDX-License-Identifier: MIT */
#ifndef BENCH_COMMAND_ITEMS_H
#define BENCH_COMMAND_ITEMS_H

/*
 * The items of a command's tasks: all that one call needs, as bytes.
 *
 *   head | program 0 keep 0 word 0 word 0 ...      padded to the longest
 */
#include <stdint.h>

#include "workload.h"

struct command_head {
    uint64_t number;
    int64_t timeout_ns;
    uint32_t word_count;
    uint32_t assignment_count;
    uint32_t any_exit;
    uint32_t unused;
};

/* Makes them, with no hole left but {workers}. `work` has them also where this
 * fails: free() them. */
enum cf_status command_items(const struct wl_setup *setup,
                             struct wl_work *work);

#endif
