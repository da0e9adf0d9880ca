/* SPDX-License-Identifier: MIT */
/*
 * What the samples show. All comparisons are differences of log throughput
 * within blocks, from one fit over all points (layout.h), with t bounds.
 *
 * Two different questions, and two different errors:
 *
 *   too slow    some count is faster by more than the threshold. One of many
 *               may look faster by chance, so the level is shared among those
 *               that are still in the race (Bonferroni).
 *   as good     no count is faster by more than the threshold: shown against
 *               each of them, which needs no sharing (intersection-union test,
 *               Berger 1982).
 */
#include "advice_impl.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* One-sided, each. Several looks are taken at unfinished data, so this is less
 * than half of 5 % (the evaluation in tests/advice says what it comes to). */
static const double ALPHA = 0.015;

/* What leaves the race does not come back, and is asked after every block. */
static const double ALPHA_FOR_GOOD = 0.001;

static double quantile(const struct advice *advice, double alpha)
{
    return gsl_cdf_tdist_Qinv(alpha, advice->layout.df);
}

double advice_threshold(const struct advice *advice)
{
    switch (advice->request.goal) {
    case ADVICE_KNEE:
        return log(1 - advice->request.within);
    case ADVICE_CPU_COST:
        return log(0.8);
    case ADVICE_THROUGHPUT:
    case ADVICE_LATENCY:
    case ADVICE_EFFICIENCY:
        break;
    }
    return 0;
}

double advice_difference(const struct advice *advice, size_t a, size_t b)
{
    return layout_difference(&advice->layout, a, b);
}

static double margin(const struct advice *advice, size_t a, size_t b,
                     double alpha)
{
    double error = layout_standard_error(&advice->layout, a, b);

    return isnan(error) ? INFINITY : quantile(advice, alpha) * error;
}

double advice_lower(const struct advice *advice, size_t a, size_t b)
{
    return advice_difference(advice, a, b) - margin(advice, a, b, ALPHA);
}

/* Shared among the points in the race: any of them could be the one. */
static double upper(const struct advice *advice, size_t a, size_t b,
                    double alpha)
{
    double shared = alpha / fmax(1, (double)advice_active_count(advice) - 1);

    return advice_difference(advice, a, b) + margin(advice, a, b, shared);
}

double advice_upper(const struct advice *advice, size_t a, size_t b)
{
    return upper(advice, a, b, ALPHA);
}

/* --- conditions --- */

/* The one-sided bounds of the mean of a tally's logs. */
static void tally_bounds(const struct advice_tally *tally, double *low,
                         double *high)
{
    double n = (double)tally->count;
    double mean, half = INFINITY;

    mean = tally->count > 0 ? tally->sum / n : NAN;
    if (tally->count > 1) {
        double variance = fmax(tally->squares - n * mean * mean, 0) / (n - 1);
        half = gsl_cdf_tdist_Qinv(ALPHA, n - 1) * sqrt(variance / n);
    }
    *low = mean - half;
    *high = mean + half;
}

static size_t alone(const struct advice *advice, size_t point)
{
    const struct advice_case one = {advice->points[point].what.lane, 1};
    size_t found = advice_find(advice, &one);

    return found != NO_POINT && advice_is_known(advice, found) ? found
                                                               : NO_POINT;
}

/* What ln(efficiency / least allowed) lies between. */
static void efficiency_bounds(const struct advice *advice, size_t point,
                              double *low, double *high)
{
    double workers = (double)advice->points[point].what.workers;
    double least = log(advice->request.min_efficiency * workers);
    size_t base = alone(advice, point);

    *low = -INFINITY;
    *high = INFINITY;
    if (base == point)
        *low = *high = 0; /* 1 by definition */
    else if (base != NO_POINT) {
        *low = advice_lower(advice, point, base) - least;
        *high = advice_upper(advice, point, base) - least;
    }
}

bool advice_meets(const struct advice *advice, size_t point)
{
    double low, high;

    switch (advice->request.goal) {
    case ADVICE_LATENCY:
        tally_bounds(&advice->points[point].latency, &low, &high);
        return high <= log(advice->request.slo_s);
    case ADVICE_EFFICIENCY:
        efficiency_bounds(advice, point, &low, &high);
        return low >= 0;
    case ADVICE_KNEE:
    case ADVICE_THROUGHPUT:
    case ADVICE_CPU_COST:
        break;
    }
    return true;
}

bool advice_misses(const struct advice *advice, size_t point)
{
    double low, high;

    switch (advice->request.goal) {
    case ADVICE_LATENCY:
        tally_bounds(&advice->points[point].latency, &low, &high);
        return low > log(advice->request.slo_s) || isnan(low);
    case ADVICE_EFFICIENCY:
        efficiency_bounds(advice, point, &low, &high);
        return high < 0;
    case ADVICE_KNEE:
    case ADVICE_THROUGHPUT:
    case ADVICE_CPU_COST:
        break;
    }
    return false;
}

/* --- comparisons --- */

bool advice_is_rival(const struct advice *advice, size_t point)
{
    return advice_is_known(advice, point) &&
           !(advice->request.goal == ADVICE_LATENCY &&
             advice_misses(advice, point));
}

size_t advice_best(const struct advice *advice)
{
    size_t best = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice_is_rival(advice, i) &&
            (best == NO_POINT || advice_difference(advice, i, best) > 0))
            best = i;
    return best;
}

bool advice_is_measure(const struct advice *advice, size_t point)
{
    return advice_is_known(advice, point) &&
           (advice->request.goal != ADVICE_LATENCY ||
            advice_meets(advice, point));
}

bool advice_is_slower(const struct advice *advice, size_t point,
                      double threshold)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (i != point && advice_is_measure(advice, i) &&
            advice_upper(advice, point, i) < threshold)
            return true;
    return false;
}

bool advice_is_beaten(const struct advice *advice, size_t point,
                      double threshold)
{
    if (advice->points[point].samples < 3)
        return false;
    for (size_t i = 0; i < advice->point_count; i++)
        if (i != point && advice_is_measure(advice, i) &&
            upper(advice, point, i, ALPHA_FOR_GOOD) < threshold)
            return true;
    return false;
}

bool advice_is_as_good(const struct advice *advice, size_t point,
                       double threshold)
{
    if (!advice_is_rival(advice, point))
        return false;
    for (size_t i = 0; i < advice->point_count; i++)
        if (i != point && advice_is_rival(advice, i) &&
            !(advice_lower(advice, point, i) >= threshold))
            return false;
    return true;
}

/* --- the answer --- */

/* Fewer workers; of as many, the faster. */
static bool is_smaller(const struct advice *advice, size_t a, size_t b)
{
    size_t left = advice->points[a].what.workers;
    size_t right = advice->points[b].what.workers;

    return left != right ? left < right : advice_difference(advice, a, b) > 0;
}

size_t advice_smallest_as_good(const struct advice *advice)
{
    double threshold = advice_threshold(advice);
    size_t chosen = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice_is_as_good(advice, i, threshold) &&
            (chosen == NO_POINT || is_smaller(advice, i, chosen)))
            chosen = i;
    return chosen;
}

/* The same without being shown: by the estimates, and well within, but for half
 * of the error: the best of many looks better than it is. */
static size_t smallest_likely(const struct advice *advice)
{
    double threshold = 0.7 * advice_threshold(advice);
    size_t best = advice_best(advice);
    size_t chosen = best;

    for (size_t i = 0; best != NO_POINT && i < advice->point_count; i++)
        if (advice_is_rival(advice, i) &&
            advice_difference(advice, i, best) +
                    layout_standard_error(&advice->layout, i, best) / 2 >=
                threshold &&
            is_smaller(advice, i, chosen))
            chosen = i;
    return chosen;
}

/* The fewest workers with an estimate next to the highest of those that are
 * shown to meet the condition. */
static size_t highest(const struct advice *advice)
{
    const double next_to = 0.002;
    size_t best = NO_POINT, chosen = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice_is_known(advice, i) && advice_meets(advice, i) &&
            (best == NO_POINT || advice_difference(advice, i, best) > 0))
            best = i;
    for (size_t i = 0; best != NO_POINT && i < advice->point_count; i++)
        if (advice_is_known(advice, i) && advice_meets(advice, i) &&
            advice_difference(advice, i, best) >= -next_to &&
            (chosen == NO_POINT || is_smaller(advice, i, chosen)))
            chosen = i;
    return chosen;
}

bool advice_wants_fewest(const struct advice *advice)
{
    return advice->request.goal == ADVICE_LATENCY &&
           advice->request.is_open_loop;
}

static size_t fewest_that_meets(const struct advice *advice)
{
    size_t chosen = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice_is_known(advice, i) && advice_meets(advice, i) &&
            (chosen == NO_POINT || is_smaller(advice, i, chosen)))
            chosen = i;
    return chosen;
}

static size_t largest_that_meets(const struct advice *advice)
{
    size_t chosen = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice_is_known(advice, i) && advice_meets(advice, i) &&
            (chosen == NO_POINT || is_smaller(advice, chosen, i)))
            chosen = i;
    return chosen;
}

static double mean_cpu(const struct advice_point *point)
{
    return point->cpu.count > 0 ? point->cpu.sum / (double)point->cpu.count
                                : INFINITY;
}

static size_t cheapest(const struct advice *advice)
{
    size_t chosen = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++)
        if (advice_is_as_good(advice, i, advice_threshold(advice)) &&
            (chosen == NO_POINT ||
             mean_cpu(&advice->points[i]) < mean_cpu(&advice->points[chosen])))
            chosen = i;
    return chosen;
}

static bool is_far_below(const struct advice *advice, size_t a, size_t b)
{
    return 6 * advice->points[a].what.workers <=
           5 * advice->points[b].what.workers;
}

size_t advice_choice(const struct advice *advice, bool *is_shown)
{
    size_t chosen = NO_POINT;

    switch (advice->request.goal) {
    case ADVICE_KNEE:
        chosen = advice_smallest_as_good(advice);
        if (advice->is_used_up && chosen != NO_POINT &&
            is_far_below(advice, smallest_likely(advice), chosen))
            chosen = NO_POINT;
        break;
    case ADVICE_THROUGHPUT:
    case ADVICE_LATENCY:
        chosen = advice_wants_fewest(advice) ? fewest_that_meets(advice)
                                             : highest(advice);
        break;
    case ADVICE_EFFICIENCY:
        chosen = largest_that_meets(advice);
        break;
    case ADVICE_CPU_COST:
        chosen = cheapest(advice);
        break;
    }
    *is_shown = chosen != NO_POINT;
    if (chosen == NO_POINT && advice->request.goal != ADVICE_LATENCY)
        chosen = smallest_likely(advice);
    return chosen;
}
