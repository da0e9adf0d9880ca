/* SPDX-License-Identifier: MIT */
#ifndef RECORD_CAUSE_H
#define RECORD_CAUSE_H

/*
 * What stops more workers from bringing more: one cause, with its evidence,
 * from what a record says of one backend's cases of a workload. The models of
 * the record are taken into account where there are any.
 */
#include <stdbool.h>
#include <stddef.h>

#include "record.h"

/*
 * Sets `cause` and `evidence` of a recommendation whose backend, workers and
 * best are set. `usable` CPUs (NAN: nobody counted them), `quota` of them where
 * a cgroup sets that (0: none does); `is_more_better`: the best is the most that
 * was measured. False without memory.
 */
bool cause_find(const struct record *record, double usable, double quota,
                bool is_more_better, struct record_recommendation *to);

#endif
