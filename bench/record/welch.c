/* SPDX-License-Identifier: MIT */
#include "welch.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

struct estimate welch_ratio(const double *a, size_t a_count, const double *b,
                            size_t b_count, double level,
                            double *standard_error, double *df)
{
    struct estimate ratio = {NAN, NAN, NAN};
    const double *const values[] = {a, b};
    const size_t counts[] = {a_count, b_count};
    double mean[2] = {0, 0}, share[2] = {0, 0}, half;

    *standard_error = *df = NAN;
    if (a_count == 0 || b_count == 0)
        return ratio;
    for (int s = 0; s < 2; s++)
        for (size_t i = 0; i < counts[s]; i++)
            mean[s] += log(values[s][i]) / (double)counts[s];
    ratio.value = exp(mean[0] - mean[1]);
    if (a_count < 2 || b_count < 2)
        return ratio;
    for (int s = 0; s < 2; s++) {
        double n = (double)counts[s];

        for (size_t i = 0; i < counts[s]; i++) {
            double deviation = log(values[s][i]) - mean[s];
            share[s] += deviation * deviation / (n - 1) / n;
        }
    }
    *standard_error = sqrt(share[0] + share[1]);
    *df = (share[0] + share[1]) * (share[0] + share[1]) /
          (share[0] * share[0] / ((double)a_count - 1) +
           share[1] * share[1] / ((double)b_count - 1));
    if (!(*df > 0)) /* all values of both sides are the same */
        *df = (double)(a_count + b_count - 2);
    half = gsl_cdf_tdist_Pinv(0.5 + level / 2, *df) * *standard_error;
    ratio.low = exp(mean[0] - mean[1] - half);
    ratio.high = exp(mean[0] - mean[1] + half);
    return ratio;
}
