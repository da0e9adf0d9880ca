/* SPDX-License-Identifier: MIT */
#ifndef BENCH_ADVICE_FLAGS_H
#define BENCH_ADVICE_FLAGS_H

/* The flags of `cfbench recommend` beside those of `run`. */
#include <stdbool.h>

#include "advice.h"
#include "flags.h"

struct advice_options {
    enum advice_goal goal;
    double within;
    double slo_p; /* the percentile, 0.99; 0: none was given */
    double slo_s;
    double min_efficiency;
    bool is_number_alone;
};

/* All its ids are ADVICE_FLAGS and above. */
enum { ADVICE_FLAGS = 2000 };
extern const struct flag advice_flags[];

void advice_flags_defaults(struct advice_options *options);

/* False: one line has been said. */
bool advice_flags_take(const struct flag *flag, const char *value,
                       struct advice_options *options);

/* Does the goal have what it needs? False: one line has been said. */
bool advice_flags_check(const struct advice_options *options);

/* "knee"; what a goal is called. */
const char *advice_goal_name(enum advice_goal goal);

#endif
