/* SPDX-License-Identifier: MIT */
/*
 * Where to look: a grid of powers of two and the marks, and then counts in the
 * gap where the answer's edge lies, by straight lines in ln X over ln N, and
 * beside the best, where a parabola through it and its neighbours promises more.
 * Not a pure golden section: curves have plateaus and kinks.
 */
#include "advice_impl.h"

#include <math.h>
#include <stdint.h>

enum { EXTRA_MOST = 6, EXTRA_WIDE = 8, WIDE = 64 };

/* --- the grid --- */

/* A mark is left out where it is next to what is there already. */
static void add_mark(struct advice *advice, size_t lane, size_t workers)
{
    const double apart = 1.12;
    struct advice_case what = {lane, advice_step(advice, lane, workers)};

    if (workers < 1 || workers > advice->request.most[lane])
        return;
    for (size_t i = 0; i < advice->point_count; i++) {
        const struct advice_case *other = &advice->points[i].what;
        double ratio = (double)other->workers / (double)what.workers;

        if (other->lane == lane && ratio < apart && ratio > 1 / apart)
            return;
    }
    advice_point_for(advice, &what);
}

void advice_make_grid(struct advice *advice)
{
    for (size_t lane = 0; lane < advice->request.lane_count; lane++) {
        size_t most = advice->request.most[lane];
        struct advice_case what = {.lane = lane};

        for (size_t workers = 1; workers < most && workers < most - most / 9;
             workers *= 2) {
            what.workers = advice_step(advice, lane, workers);
            advice_point_for(advice, &what);
        }
        what.workers = advice_step(advice, lane, most);
        advice_point_for(advice, &what);
        for (size_t i = 0; i < advice->request.mark_count; i++)
            add_mark(advice, lane, advice->request.marks[i]);
    }
}

/* --- leaving the race --- */

/* Two neighbours shown far below the best: what comes after is not looked at.
 * (`point` is the second.) */
static bool is_past_it(const struct advice *advice, size_t point)
{
    const double far = log(0.85);
    size_t below = advice_below(advice, point);
    size_t best = advice_best(advice);

    return below != NO_POINT && best != NO_POINT &&
           advice->points[best].what.lane == advice->points[point].what.lane &&
           advice->points[below].what.workers >
               advice->points[best].what.workers &&
           advice_is_beaten(advice, point, far) &&
           advice_is_beaten(advice, below, far);
}

/* Above the answer, and shown not to be what it is measured against. */
static bool is_of_no_use(const struct advice *advice, size_t point,
                         size_t chosen)
{
    return advice->request.goal == ADVICE_KNEE && chosen != NO_POINT &&
           advice->points[point].what.workers >
               advice->points[chosen].what.workers &&
           advice_is_beaten(advice, point, 0);
}

/* The answer keeps the latency with fewer. */
static bool is_beyond(const struct advice *advice, size_t point, size_t chosen)
{
    return advice_wants_fewest(advice) && chosen != NO_POINT &&
           advice_meets(advice, chosen) &&
           advice->points[point].what.workers >
               advice->points[chosen].what.workers;
}

static bool is_lost(const struct advice *advice, size_t point, size_t chosen)
{
    double threshold = fmin(advice_threshold(advice), log(1 - 0.01));
    size_t best = advice_best(advice);

    if (best == NO_POINT || point == best || point == chosen)
        return false;
    if (advice->request.goal == ADVICE_EFFICIENCY)
        return advice->points[point].what.workers > 1 &&
               (advice_misses(advice, point) ||
                (advice_meets(advice, point) && chosen != NO_POINT &&
                 advice->points[point].what.workers <
                     advice->points[chosen].what.workers));
    if (advice_misses(advice, point) || is_beyond(advice, point, chosen))
        return true;
    if (advice_wants_fewest(advice))
        return false; /* as much as comes is done by all that keep up */
    return (advice_is_measure(advice, best) &&
            advice_difference(advice, point, best) < log(0.5)) ||
           advice_is_beaten(advice, point, threshold) ||
           is_past_it(advice, point) || is_of_no_use(advice, point, chosen);
}

void advice_drop(struct advice *advice)
{
    bool is_shown;
    bool lost[ADVICE_POINTS];
    size_t chosen = advice_choice(advice, &is_shown);

    for (size_t i = 0; i < advice->point_count; i++)
        lost[i] = advice_is_known(advice, i) && is_lost(advice, i, chosen);
    for (size_t i = 0; i < advice->point_count; i++)
        advice->points[i].is_out |= lost[i];
}

/* --- what a block has --- */

/* Is it above the answer, so that it only says how high the best is? */
static bool is_above(const struct advice *advice, size_t point, size_t chosen)
{
    return chosen != NO_POINT && advice->points[point].what.workers >
                                     advice->points[chosen].what.workers;
}

/* Of those in the race up to the answer. */
static size_t fewest_samples(const struct advice *advice, size_t chosen)
{
    size_t fewest = SIZE_MAX;

    for (size_t i = 0; i < advice->point_count; i++)
        if (!advice->points[i].is_out && !is_above(advice, i, chosen) &&
            advice->points[i].samples < fewest)
            fewest = advice->points[i].samples;
    return fewest;
}

/*
 * A difference is as uncertain as the less known of its two counts. So a count
 * that is ahead of the others waits for them, and so does one above the answer;
 * every third block has all. The best has a part in each, and ties them
 * together.
 */
bool advice_is_due(const struct advice *advice, size_t point, size_t chosen)
{
    const size_t all = 3, known = 3;
    size_t samples = advice->points[point].samples;

    if (advice->request.goal != ADVICE_KNEE || !advice->has_layout ||
        samples < known || advice->block % all == 0 ||
        point == advice_best(advice))
        return true;
    return !is_above(advice, point, chosen) &&
           2 * samples <= 3 * fewest_samples(advice, chosen);
}

/* --- new counts --- */

static double log_workers(const struct advice *advice, size_t point)
{
    return log((double)advice->points[point].what.workers);
}

/* Adds a count strictly between two measured ones. */
static bool add_between(struct advice *advice, size_t low, size_t high,
                        double log_count)
{
    size_t least = advice->points[low].what.workers + 1;
    size_t most = advice->points[high].what.workers - 1;
    double count = round(exp(log_count));
    struct advice_case what = {.lane = advice->points[low].what.lane};
    size_t before = advice->point_count;

    if (least > most)
        return false;
    what.workers = !(count > (double)least) ? least
                   : count > (double)most   ? most
                                            : (size_t)count;
    what.workers = advice_step(advice, what.lane, what.workers);
    if (what.workers < least) /* that is `low`; there may be a step after it */
        what.workers = advice_step(advice, what.lane, most);
    advice_point_for(advice, &what);
    if (advice->point_count == before)
        return false;
    advice->extra++;
    return true;
}

/* The first pair of neighbours in a lane with the knee's level between them. */
static bool find_knee(const struct advice *advice, size_t best, size_t *low,
                      size_t *high)
{
    double threshold = advice_threshold(advice);
    size_t point = best;

    for (size_t below = advice_below(advice, best); below != NO_POINT;
         below = advice_below(advice, below)) {
        if (advice_difference(advice, below, best) < threshold) {
            *low = below;
            *high = point;
            return true;
        }
        point = below;
    }
    return false;
}

static bool is_wide(const struct advice *advice, size_t low, size_t high)
{
    const double wide = 0.1;

    return log_workers(advice, high) - log_workers(advice, low) > wide;
}

static bool refine_knee(struct advice *advice, size_t best)
{
    double threshold = advice_threshold(advice);
    size_t low, high;
    double from, to, share;

    if (!find_knee(advice, best, &low, &high) || !is_wide(advice, low, high))
        return false;
    from = advice_difference(advice, low, best);
    to = advice_difference(advice, high, best);
    share = to > from ? (threshold - from) / (to - from) : 0.5;
    return add_between(
        advice, low, high,
        log_workers(advice, low) +
            share * (log_workers(advice, high) - log_workers(advice, low)));
}

/* The top of the parabola through the best and its neighbours, where that is
 * worth a look: more than `gain`, and not next to the best. */
static bool refine_best(struct advice *advice, size_t best)
{
    const double gain = 0.003, apart = 0.08;
    size_t low = advice_below(advice, best), high = advice_above(advice, best);
    double left, right, x, curve, slope, top;

    if (low == NO_POINT || high == NO_POINT)
        return false;
    left = log_workers(advice, low) - log_workers(advice, best);
    right = log_workers(advice, high) - log_workers(advice, best);
    /* y = slope x + curve x^2 through both neighbours, the best at 0, 0 */
    slope = (advice_difference(advice, low, best) / left * right -
             advice_difference(advice, high, best) / right * left) /
            (right - left);
    curve = (advice_difference(advice, high, best) / right -
             advice_difference(advice, low, best) / left) /
            (right - left);
    if (!(curve < 0))
        return false;
    x = -slope / (2 * curve);
    top = slope * x / 2;
    if (top < gain || fabs(x) < apart)
        return false;
    return x < 0
               ? add_between(advice, low, best, log_workers(advice, best) + x)
               : add_between(advice, best, high, log_workers(advice, best) + x);
}

/* Where a condition begins to fail, halfway on logs. */
static bool refine_edge(struct advice *advice)
{
    bool is_shown;
    size_t low = advice_choice(advice, &is_shown);
    size_t high = low == NO_POINT ? NO_POINT : advice_above(advice, low);

    if (!is_shown || high == NO_POINT || !is_wide(advice, low, high))
        return false;
    return advice_misses(advice, high) &&
           add_between(advice, low, high,
                       (log_workers(advice, low) + log_workers(advice, high)) /
                           2);
}

/* The same where fewer workers miss it. */
static bool refine_edge_below(struct advice *advice)
{
    bool is_shown;
    size_t high = advice_choice(advice, &is_shown);
    size_t low = high == NO_POINT ? NO_POINT : advice_below(advice, high);

    if (!is_shown || low == NO_POINT || !is_wide(advice, low, high))
        return false;
    return advice_misses(advice, low) &&
           add_between(advice, low, high,
                       (log_workers(advice, low) + log_workers(advice, high)) /
                           2);
}

static bool has_unmeasured(const struct advice *advice)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (!advice->points[i].is_out && advice->points[i].samples < 2)
            return true;
    return false;
}

/* The fastest of a lane; NO_POINT: nothing is known of it. */
static size_t best_of_lane(const struct advice *advice, size_t lane)
{
    size_t best = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice->points[i].what.lane == lane && advice_is_known(advice, i) &&
            (best == NO_POINT || advice_difference(advice, i, best) > 0))
            best = i;
    return best;
}

bool advice_refine(struct advice *advice)
{
    enum advice_goal goal = advice->request.goal;
    size_t best = advice_best(advice);
    size_t widest = 0;
    bool is_refined = false;

    for (size_t i = 0; i < advice->request.lane_count; i++)
        if (advice->request.most[i] > widest)
            widest = advice->request.most[i];
    if (best == NO_POINT || has_unmeasured(advice) ||
        advice->extra >= (widest > WIDE ? EXTRA_WIDE : EXTRA_MOST))
        return false;
    if (advice_wants_fewest(advice))
        return refine_edge_below(advice);
    for (size_t lane = 0; lane < advice->request.lane_count; lane++) {
        size_t top = best_of_lane(advice, lane);

        if (top == NO_POINT || advice_difference(advice, top, best) <
                                   advice_threshold(advice) - 0.02)
            continue;
        is_refined |= goal != ADVICE_EFFICIENCY && refine_best(advice, top);
        is_refined |= goal == ADVICE_KNEE && refine_knee(advice, top);
    }
    if (goal == ADVICE_EFFICIENCY || goal == ADVICE_LATENCY)
        is_refined |= refine_edge(advice);
    return is_refined;
}
