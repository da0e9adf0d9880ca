/* SPDX-License-Identifier: MIT */
#include "proportion.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* The ends are where the count seen, or one further out, becomes as rare as
 * the level allows; in terms of the beta distribution (Brown, Cai & DasGupta,
 * Statistical Science 16, 2001). */
struct estimate proportion_of(size_t hits, size_t trials, double level)
{
    double k = (double)hits, n = (double)trials, miss = (1 - level) / 2;
    struct estimate rate = {NAN, 0, 1};

    if (trials == 0)
        return rate;
    rate.value = k / n;
    if (hits > 0)
        rate.low = gsl_cdf_beta_Pinv(miss, k, n - k + 1);
    if (hits < trials)
        rate.high = gsl_cdf_beta_Qinv(miss, k + 1, n - k);
    return rate;
}

void proportion_range(double rate, size_t trials, double miss, size_t *low,
                      size_t *high)
{
    unsigned n = (unsigned)trials, k = 0;

    while (k < n && gsl_cdf_binomial_P(k, rate, n) <= miss)
        k++;
    *low = k;
    while (k < n && gsl_cdf_binomial_Q(k, rate, n) > miss)
        k++;
    *high = k;
}
