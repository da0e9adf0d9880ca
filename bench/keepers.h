/* SPDX-License-Identifier: MIT */
#ifndef BENCH_KEEPERS_H
#define BENCH_KEEPERS_H

/*
 * Where the samples of a plan are taken: our own workloads were prepared in this
 * process and are measured in forks of it; a plugin has a keeper, started with
 * its first sample.
 */
#include "plan.h"
#include "sample.h"

struct keepers;

/* `plan` and `room` outlive it. NULL without memory. */
struct keepers *keepers_create(const struct plan *plan,
                               struct sample_room *room);
void keepers_destroy(struct keepers *keepers);

/* sample_measure(), wherever it is to be done. */
struct child_report keepers_measure(struct keepers *keepers, size_t workload,
                                    const struct sample_setup *setup,
                                    const struct sample_numbers **numbers);

#endif
