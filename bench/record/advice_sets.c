/* SPDX-License-Identifier: MIT */
/*
 * Which counts may be the true answer, which are as good, and whether that is
 * known well enough to stop.
 *
 * For the knee the true answer lies between the first count that is not shown
 * too slow and the first shown as good. Between two measured counts the bound
 * goes by an assumption: the curve bends downwards in ln X over ln N, so that
 * beyond a count it rises no faster than before it, and never faster than N.
 * Where the same tasks are done at every count, N stands for the workers that
 * have something to do (advice_busy()): the steps are not what bends.
 */
#include "advice_impl.h"

#include <math.h>

/* ln N, of `workers` in the lane of `point`. */
static double log_busy(const struct advice *advice, size_t point,
                       size_t workers)
{
    return log(advice_busy(advice, advice->points[point].what.lane, workers));
}

/* The steps in ln N and ln X from `point` to the next measured one. */
static double step_of(const struct advice *advice, size_t point, size_t above)
{
    return log_busy(advice, point, advice->points[above].what.workers) -
           log_busy(advice, point, advice->points[point].what.workers);
}

/* Is the curve shown to bend upwards at `point`, and not just a little? */
static bool bends_upwards(const struct advice *advice, size_t point)
{
    const double little = 0.05;
    size_t below = advice_below(advice, point);
    size_t above = advice_above(advice, point);

    if (below == NO_POINT || above == NO_POINT)
        return false;
    return advice_lower(advice, above, point) / step_of(advice, point, above) >
           advice_upper(advice, point, below) / step_of(advice, below, point) +
               little;
}

static bool is_bent_upwards(const struct advice *advice, size_t lane)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (advice->points[i].what.lane == lane && advice_is_known(advice, i) &&
            bends_upwards(advice, i))
            return true;
    return false;
}

/* How fast ln X rises with ln N at most, beyond `point`: no faster than in
 * proportion; and as long as nothing contradicts it, as before it, or as after
 * it where that is more. */
static double steepest(const struct advice *advice, size_t point)
{
    size_t below = advice_below(advice, point);
    size_t above = advice_above(advice, point);
    double slope = 0;

    if (below == NO_POINT ||
        is_bent_upwards(advice, advice->points[point].what.lane))
        return 1;
    slope = advice_upper(advice, point, below) / step_of(advice, below, point);
    if (above != NO_POINT)
        slope = fmax(slope, advice_upper(advice, above, point) /
                                step_of(advice, point, above));
    return fmin(1, fmax(0, slope));
}

/* The first count above a measured one, shown too slow, that may be within
 * `threshold` of the fastest all the same. */
static size_t first_beyond(const struct advice *advice, size_t point,
                           double threshold, size_t end)
{
    size_t workers = advice->points[point].what.workers;
    double slope = steepest(advice, point);
    double least = INFINITY; /* how far below the fastest, at least */
    size_t count = workers + 1;

    for (size_t i = 0; i < advice->point_count; i++)
        if (i != point && advice_is_measure(advice, i))
            least = fmin(least, advice_upper(advice, point, i));
    while (count < end && least + slope * (log_busy(advice, point, count) -
                                           log_busy(advice, point, workers)) <
                              threshold)
        count++;
    return count;
}

/* The smallest measured count of a lane. */
static size_t smallest_of(const struct advice *advice, size_t lane)
{
    size_t found = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice->points[i].what.lane == lane && advice_is_known(advice, i) &&
            (found == NO_POINT || advice->points[i].what.workers <
                                      advice->points[found].what.workers))
            found = i;
    return found;
}

/*
 * From the fewest workers upwards, up to the first count that is not shown too
 * slow. In this order only one test can err, that of the first count that is
 * not too slow (a fixed sequence: Maurer, Hothorn & Lehmacher 1995), however
 * many counts are equally fast.
 */
static size_t first_of(const struct advice *advice, size_t chosen,
                       double threshold)
{
    size_t end = advice->points[chosen].what.workers;
    size_t point = smallest_of(advice, advice->points[chosen].what.lane);
    size_t slow = NO_POINT;

    while (point != NO_POINT && advice->points[point].what.workers < end &&
           advice_is_slower(advice, point, threshold)) {
        slow = point;
        point = advice_above(advice, point);
    }
    return slow == NO_POINT ? 1 : first_beyond(advice, slow, threshold, end);
}

/* One below the first count above that is shown not to be it. */
static size_t last_of(const struct advice *advice, size_t chosen,
                      double threshold)
{
    size_t point = chosen;

    for (;;) {
        point = advice_above(advice, point);
        if (point == NO_POINT)
            return advice->request.most[advice->points[chosen].what.lane];
        if (advice_is_slower(advice, point, threshold) ||
            advice_misses(advice, point))
            return advice->points[point].what.workers - 1;
    }
}

/* The first count below that is not shown to miss the condition: more workers
 * never keep tasks of an open loop waiting longer. */
static size_t first_that_may_meet(const struct advice *advice, size_t chosen)
{
    size_t point = chosen;

    for (;;) {
        point = advice_below(advice, point);
        if (point == NO_POINT)
            return 1;
        if (advice_misses(advice, point))
            return advice->points[point].what.workers + 1;
    }
}

/* Where a knee that is not shown lies at the latest: where one is, or else at
 * the best. */
static size_t last_likely(const struct advice *advice, size_t chosen)
{
    size_t shown = advice_smallest_as_good(advice);
    size_t end = shown != NO_POINT ? shown : advice_best(advice);
    size_t last = advice->points[chosen].what.workers;

    return advice->points[end].what.workers > last
               ? advice->points[end].what.workers
               : last;
}

void advice_confidence(const struct advice *advice, size_t chosen,
                       size_t range[2])
{
    double threshold = advice_threshold(advice);

    range[0] = range[1] = advice->points[chosen].what.workers;
    switch (advice->request.goal) {
    case ADVICE_KNEE:
        range[0] = first_of(advice, chosen, threshold);
        if (!advice_is_as_good(advice, chosen, threshold))
            range[1] = last_likely(advice, chosen);
        break;
    case ADVICE_EFFICIENCY:
        range[1] = last_of(advice, chosen, -INFINITY);
        break;
    case ADVICE_THROUGHPUT:
    case ADVICE_LATENCY:
    case ADVICE_CPU_COST:
        if (advice_wants_fewest(advice)) {
            range[0] = first_that_may_meet(advice, chosen);
            break;
        }
        range[0] = first_of(advice, chosen, threshold);
        range[1] = last_of(advice, chosen, threshold);
        break;
    }
}

void advice_good(const struct advice *advice, size_t chosen, size_t range[2])
{
    double threshold = log(1 - advice->request.within);
    size_t point;

    range[0] = range[1] = 0;
    if (!advice_is_as_good(advice, chosen, threshold))
        return;
    range[0] = range[1] = advice->points[chosen].what.workers;
    for (point = advice_below(advice, chosen);
         point != NO_POINT && advice_is_as_good(advice, point, threshold) &&
         advice_meets(advice, point);
         point = advice_below(advice, point))
        range[0] = advice->points[point].what.workers;
    for (point = advice_above(advice, chosen);
         point != NO_POINT && advice_is_as_good(advice, point, threshold) &&
         advice_meets(advice, point);
         point = advice_above(advice, point))
        range[1] = advice->points[point].what.workers;
}

/* No count in the race is shown to have more than 1 % to offer. */
static bool is_within_a_percent(const struct advice *advice, size_t chosen)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (i != chosen && advice_is_rival(advice, i) &&
            !advice->points[i].is_out && advice_upper(advice, i, chosen) > 0.01)
            return false;
    return true;
}

/* A count below the answer that is still measured may keep it as well. */
static bool may_be_fewer(const struct advice *advice, size_t chosen)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (!advice->points[i].is_out && !advice_misses(advice, i) &&
            advice->points[i].what.workers <
                advice->points[chosen].what.workers)
            return true;
    return false;
}

/* Last over first of a set that is narrow enough: less is asked for the more
 * has been spent, since half the width takes four times the samples. */
static double narrow(const struct advice *advice)
{
    double spent = (double)advice->runs / (double)advice->request.most_runs;

    return 1.25 + 0.25 * fmax(0, (spent - 0.25) / 0.75);
}

bool advice_is_decided(const struct advice *advice)
{
    bool is_shown;
    size_t chosen = advice_choice(advice, &is_shown);
    size_t range[2];

    if (chosen == NO_POINT || !is_shown)
        return false;
    if (advice->request.goal == ADVICE_THROUGHPUT ||
        (advice->request.goal == ADVICE_LATENCY &&
         !advice_wants_fewest(advice)))
        return is_within_a_percent(advice, chosen);
    if (advice_wants_fewest(advice))
        return !may_be_fewer(advice, chosen);
    advice_confidence(advice, chosen, range);
    return advice->request.goal == ADVICE_CPU_COST ||
           (double)range[1] <= narrow(advice) * (double)range[0] ||
           (range[0] > 2 && range[1] <= range[0] + 1);
}
