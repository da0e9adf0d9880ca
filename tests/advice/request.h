/* SPDX-License-Identifier: MIT */
#ifndef TESTS_ADVICE_REQUEST_H
#define TESTS_ADVICE_REQUEST_H

/* What the tests of advice ask for. */
#include "advice.h"

/* On one lane; 5 % below the best is as good, and 0.1 s is fast enough. */
static inline struct advice_request request_of(enum advice_goal goal,
                                               size_t most)
{
    return (struct advice_request){.goal = goal,
                                   .within = 0.05,
                                   .min_efficiency = 0.7,
                                   .slo_s = 0.1,
                                   .most = {most},
                                   .lane_count = 1};
}

#endif
