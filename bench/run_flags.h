/* SPDX-License-Identifier: MIT */
#ifndef BENCH_RUN_FLAGS_H
#define BENCH_RUN_FLAGS_H

/* The flags of `cfbench run`; `recommend` takes them as well. */
#include <stdbool.h>

#include "flags.h"
#include "options.h"

extern const struct flag run_flags[];

/* False: one line has been said. */
bool run_flags_take(const struct flag *flag, const char *value,
                    struct options *options);

/* Does it say what is measured? Then it goes badly with --resume. */
bool run_flags_shape_plan(const struct flag *flag);

#endif
