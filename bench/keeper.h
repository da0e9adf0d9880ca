/* SPDX-License-Identifier: MIT */
#ifndef BENCH_KEEPER_H
#define BENCH_KEEPER_H

/*
 * A process that prepares a workload of unknown quality, takes its samples and
 * disposes of it: foreign code runs there and in the samples' processes, never
 * in this one. Whatever it does, it is a line of text.
 */
#include <stddef.h>
#include <stdint.h>

#include "child.h"
#include "sample.h"
#include "workload.h"

struct keeper;

/*
 * Starts one and waits until `workload` is prepared, for at most `limit_ns`.
 * `room` is where its samples will be put, and outlives it. NULL, with one line
 * in `why`.
 */
struct keeper *keeper_start(const struct wl_workload *workload,
                            const struct wl_setup *setup,
                            struct sample_room *room, int64_t limit_ns,
                            char *why, size_t why_bytes);

/* sample_measure() of the prepared workload: `setup->work` is not looked at. */
struct child_report keeper_measure(struct keeper *keeper,
                                   const struct sample_setup *setup,
                                   const struct sample_numbers **numbers);

/* Has the workload disposed of, in a few seconds or not at all. May be NULL. */
void keeper_stop(struct keeper *keeper);

#endif
