/* SPDX-License-Identifier: MIT */
/* What time a recommendation has: --budget, as it is shared out and kept. */
#include "recommend_passage.h"

#include <math.h>

#include "clock.h"

static double so_far_s(const struct course *course)
{
    return clock_seconds(clock_now_ns() - course->start_ns);
}

double budget_until_s(const struct course *course, size_t workload)
{
    double begun_s = so_far_s(course);
    double left_s = fmax(0, course->options->budget_s - begun_s);

    return begun_s + left_s / (double)(course->plan->workload_count - workload);
}

bool budget_is_over(const struct passage *passage, double block_s)
{
    return so_far_s(passage->course) + block_s > passage->until_s;
}

double budget_pilot_limit_s(const struct passage *passage)
{
    const double least_s = 1;
    double left_s = passage->until_s - so_far_s(passage->course);

    return fmin(passage->course->options->limit_s, fmax(left_s, least_s));
}
