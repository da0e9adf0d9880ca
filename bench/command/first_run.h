/* SPDX-License-Identifier: MIT */
#ifndef BENCH_FIRST_RUN_H
#define BENCH_FIRST_RUN_H

/* A command that changes its input finds its work done from the second sample
 * on. Warns where a command's first sample differs so much from later ones of
 * the same case that this, or a cold cache, is likely. */
#include "record.h"

void first_run_warn(const struct record *record);

#endif
