/* SPDX-License-Identifier: MIT */
/*
 * The signed-rank statistic W counts the Walsh averages (x_i + x_j)/2, i <= j,
 * above zero (Tukey 1949). So the test's critical value is a rank among them,
 * and two of them are the interval's ends; their median is the estimate of
 * Hodges and Lehmann (Ann. Math. Statist. 34, 1963). Hollander & Wolfe,
 * Nonparametric Statistical Methods, 3.1 to 3.3.
 *
 * There are n (n + 1) / 2 averages. None is stored: how many lie at or below a
 * number is counted in one walk over the sorted values, and the k-th is the
 * smallest number with k of them, found by bisection down to the last bit.
 */
#include "wilcoxon.h"

#include <math.h>
#include <stdint.h>
#include <string.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_sort.h>

enum { EXACT_MAX = 30, SUMS_MAX = EXACT_MAX * (EXACT_MAX + 1) / 2 + 1 };

static double average_count(size_t n)
{
    return (double)n * ((double)n + 1) / 2;
}

/* By dynamic programming: the distribution of the sum of ranks 1 .. n, each in
 * it or not, from that of 1 .. n - 1. */
static double exact_cdf(size_t n, double w)
{
    double p[SUMS_MAX] = {1}, sum = 0;
    size_t top = 0;

    for (size_t rank = 1; rank <= n; rank++) {
        top += rank;
        for (size_t s = top + 1; s-- > 0;)
            p[s] = (p[s] + (s >= rank ? p[s - rank] : 0)) / 2;
    }
    for (size_t s = 0; s <= top && (double)s <= w; s++)
        sum += p[s];
    return sum;
}

/* From 31 on the normal distribution, corrected for steps of one. */
double wilcoxon_cdf(size_t n, double w)
{
    double mean = average_count(n) / 2;
    double variance = mean * (2 * (double)n + 1) / 6;

    if (w < 0)
        return 0;
    if (n <= EXACT_MAX)
        return exact_cdf(n, w);
    return gsl_cdf_ugaussian_P((floor(w) + 0.5 - mean) / sqrt(variance));
}

/* How many averages may be cut off at either end; 0: no interval. */
static double rank_for(size_t n, double level)
{
    double low = 0, high = floor(average_count(n) / 2) + 1;

    while (high - low > 1) { /* P(W < low) is small enough, P(W < high) not */
        double middle = floor((low + high) / 2);

        if (2 * wilcoxon_cdf(n, middle - 1) <= 1 - level)
            low = middle;
        else
            high = middle;
    }
    return low;
}

size_t wilcoxon_least(double level)
{
    size_t n = 1;

    while (rank_for(n, level) == 0)
        n++;
    return n;
}

double wilcoxon_miss(size_t n, double level)
{
    return 2 * wilcoxon_cdf(n, rank_for(n, level) - 1);
}

/* How many averages of sorted values are at or below x. */
static double count_up_to(const double *sorted, size_t n, double x)
{
    double count = 0;

    for (size_t i = 0, end = n; i < n && end > i; i++) {
        while (end > i && (sorted[i] + sorted[end - 1]) / 2 > x)
            end--;
        count += (double)(end > i ? end - i : 0);
    }
    return count;
}

/* Doubles in their order as whole numbers, and back: neighbours are one apart,
 * so that halving takes 64 steps wherever it starts. */
static int64_t place_of(double x)
{
    int64_t bits;

    memcpy(&bits, &x, sizeof bits);
    return bits < 0 ? INT64_MIN - bits : bits;
}

static double number_at(int64_t place)
{
    int64_t bits = place < 0 ? INT64_MIN - place : place;
    double x;

    memcpy(&x, &bits, sizeof x);
    return x;
}

/* The k-th smallest average, from 1. */
static double average_at(const double *sorted, size_t n, double k)
{
    int64_t low = place_of(sorted[0]), high = place_of(sorted[n - 1]);

    while (low < high) { /* the answer is one of low .. high */
        int64_t middle = (low >> 1) + (high >> 1) + (low & high & 1);

        if (count_up_to(sorted, n, number_at(middle)) >= k)
            high = middle;
        else
            low = middle + 1;
    }
    return number_at(low);
}

static double middle_average(const double *sorted, size_t n)
{
    double count = average_count(n);

    return (average_at(sorted, n, floor((count + 1) / 2)) +
            average_at(sorted, n, floor(count / 2) + 1)) /
           2;
}

/* Averages that are zero count against a difference. */
static double p_of(const double *sorted, size_t n)
{
    double count = average_count(n);
    double below = count_up_to(sorted, n, nextafter(0, -1));
    double above = count - count_up_to(sorted, n, 0);

    return fmin(1, 2 * wilcoxon_cdf(n, count - fmax(below, above)));
}

/*
 * (t(1 - a/2) + t(0.8)) standard errors (Bloom, Evaluation Review 19, 1995);
 * the error is that which the interval would be t(1 - a/2) times as wide as, so
 * that it is as little impressed by a wild block as the interval is.
 */
static double reach_of(const struct estimate *ratio, size_t n, double level)
{
    double df = (double)n - 1;
    double quantile = gsl_cdf_tdist_Pinv(0.5 + level / 2, df);
    double half = log(ratio->high / ratio->low) / 2;

    return half * (1 + gsl_cdf_tdist_Pinv(0.8, df) / quantile);
}

void wilcoxon_judge(double *ratios, size_t n, double level,
                    struct wilcoxon *result)
{
    double rank;

    *result = (struct wilcoxon){{NAN, NAN, NAN}, NAN, NAN};
    if (n == 0)
        return;
    for (size_t i = 0; i < n; i++)
        ratios[i] = log(ratios[i]);
    gsl_sort(ratios, 1, n);
    result->ratio.value = exp(middle_average(ratios, n));
    result->p = p_of(ratios, n);
    rank = rank_for(n, level);
    if (rank == 0)
        return;
    result->ratio.low = exp(average_at(ratios, n, rank));
    result->ratio.high =
        exp(average_at(ratios, n, average_count(n) + 1 - rank));
    result->reach = reach_of(&result->ratio, n, level);
}
