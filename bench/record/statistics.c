/* SPDX-License-Identifier: MIT */
/*
 * Estimates from block values. Distributions come from GSL; each step names
 * where it is from and what it assumes.
 */
#include "statistics.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

/* The sum of squared deviations is taken around the mean (two passes), so
 * nothing cancels. */
void statistics_log_moments(const double *values, size_t n, double *mean,
                            double *standard_error)
{
    double sum = 0, squares = 0;

    *mean = *standard_error = NAN;
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        sum += log(values[i]);
    *mean = sum / (double)n;
    if (n < BLOCKS_FOR_MEAN)
        return;
    for (size_t i = 0; i < n; i++) {
        double deviation = log(values[i]) - *mean;
        squares += deviation * deviation;
    }
    *standard_error = sqrt(squares / (double)(n - 1) / (double)n);
}

/*
 * Student's t interval on the logs (Student 1908), n - 1 degrees of freedom;
 * assumes that log block values are about normal and independent. The estimate
 * exp(mean log) is a geometric mean (Hoefler & Belli, SC15, on ratios).
 */
struct estimate statistics_geometric_mean(const double *values, size_t n,
                                          double level)
{
    struct estimate result = {NAN, NAN, NAN};
    double mean, standard_error, half;

    if (n == 0)
        return result;
    if (n < BLOCKS_FOR_MEAN) {
        result.value = values[0];
        return result;
    }
    statistics_log_moments(values, n, &mean, &standard_error);
    half =
        gsl_cdf_tdist_Pinv(0.5 + level / 2, (double)(n - 1)) * standard_error;
    result.value = exp(mean);
    result.low = exp(mean - half);
    result.high = exp(mean + half);
    return result;
}

/*
 * Of n values, the k-th smallest lies above the true median with probability
 * P(Binomial(n, 1/2) < k); the largest k that leaves at most half of what the
 * level allows on either side gives the interval (Thompson 1936; Conover,
 * Practical Nonparametric Statistics, 3.2). Assumes independence and no more.
 */
static size_t order_for(size_t n, double level)
{
    size_t k = 0;

    while (2 * (k + 1) <= n &&
           2 * gsl_cdf_binomial_P((unsigned)k, 0.5, (unsigned)n) <= 1 - level)
        k++;
    return k;
}

size_t statistics_blocks_for_median(double level)
{
    size_t n = 1;

    while (order_for(n, level) == 0)
        n++;
    return n;
}

struct estimate statistics_median(const double *sorted, size_t n, double level)
{
    struct estimate result = {NAN, NAN, NAN};
    size_t k;

    if (n == 0)
        return result;
    result.value = gsl_stats_median_from_sorted_data(sorted, 1, n);
    k = order_for(n, level);
    if (k > 0) {
        result.low = sorted[k - 1];
        result.high = sorted[n - k];
    }
    return result;
}

/* The paired t test on log ratios; assumptions as for the interval. */
double statistics_p_of_ratio(const double *ratios, size_t n)
{
    double mean, standard_error;

    if (n < BLOCKS_FOR_MEAN)
        return NAN;
    statistics_log_moments(ratios, n, &mean, &standard_error);
    if (standard_error == 0)
        return mean == 0 ? 1 : 0;
    return 2 * gsl_cdf_tdist_Q(fabs(mean) / standard_error, (double)(n - 1));
}

/*
 * Holm's step-down procedure (Scand. J. Statist. 6, 1979): the i-th smallest
 * of m is multiplied by m - i, and none may be below the one before it. Holds
 * the family's error whatever the dependence.
 */
int statistics_holm(double *p, size_t n)
{
    size_t *order = calloc(n + 1, sizeof *order);
    size_t count = 0;
    double *known = calloc(n + 1, sizeof *known);
    double before = 0;

    if (order == NULL || known == NULL)
        goto free_both;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]))
            known[count++] = p[i];
    }
    gsl_sort_index(order, known, 1, count);
    for (size_t i = 0; i < count; i++) {
        double adjusted = (double)(count - i) * known[order[i]];
        before = fmax(before, fmin(adjusted, 1));
        known[order[i]] = before;
    }
    count = 0;
    for (size_t i = 0; i < n; i++) {
        if (!isnan(p[i]))
            p[i] = known[count++];
    }

free_both:
    free(known);
    free(order);
    return known != NULL && order != NULL;
}

/* How many times as wide as its room the half of the interval is that keeps a
 * verdict away: the end towards 1 of an estimate beyond a threshold, of one
 * between them the end that has less room for its width. The halves differ in
 * an interval of ranks. */
static double excess_of(const struct estimate *ratio, double delta)
{
    double at = log(ratio->value), threshold = log(1 + delta);
    double below = at - log(ratio->low), above = log(ratio->high) - at;

    if (at > threshold)
        return below / (at - threshold);
    if (at < -threshold)
        return above / (-threshold - at);
    return fmax(below / (at + threshold), above / (threshold - at));
}

/*
 * Equivalence is two one-sided tests (Schuirmann 1987): the whole interval
 * within the thresholds. The blocks needed assume that the estimate stays and
 * the interval narrows with the root of their number: an even chance. Those
 * that are there have not told, so that it takes one more at least.
 */
struct verdict statistics_verdict(const struct estimate *ratio, double delta,
                                  size_t blocks)
{
    struct verdict verdict = {"inconclusive", NAN, NULL};
    double excess, needed;

    if (isnan(ratio->low) || isnan(ratio->high)) {
        verdict.reason = "an interval needs two blocks with both cases";
        return verdict;
    }
    if (ratio->low > 1 + delta)
        verdict.word = "slower";
    else if (ratio->high < 1 / (1 + delta))
        verdict.word = "faster";
    else if (ratio->low >= 1 / (1 + delta) && ratio->high <= 1 + delta)
        verdict.word = "equivalent";
    else {
        excess = excess_of(ratio, delta);
        needed = ceil((double)blocks * excess * excess);
        if (needed <= 20 * (double)blocks)
            verdict.blocks_needed = fmax(needed, (double)blocks + 1);
        else
            verdict.reason = "too close to the threshold";
    }
    return verdict;
}
