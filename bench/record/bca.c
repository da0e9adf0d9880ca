/* SPDX-License-Identifier: MIT */
/*
 * Efron & Tibshirani, An Introduction to the Bootstrap (1993), 14.3:
 *
 *      z0 = P^-1(share of resamples below the statistic)
 *      a  = sum (m - t_i)^3 / 6 (sum (m - t_i)^2)^1.5   over t_i, the statistic
 *                                      without block i, and their mean m
 *      an end at P(z0 + (z0 + z) / (1 - a (z0 + z))) of the sorted resamples
 *
 * Blocks are drawn, never samples or tasks: those of one block are not
 * independent of each other.
 */
#include "bca.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

enum { DRAWS_MOST = 10000, DRAWS_LEAST = 2000, WORK_MOST = 400000, SEED = 1 };

static size_t draws_for(size_t n)
{
    size_t draws = WORK_MOST / n;

    if (draws > DRAWS_MOST)
        return DRAWS_MOST;
    return draws < DRAWS_LEAST ? DRAWS_LEAST : draws;
}

static bool draw(const double *values, size_t n, bca_statistic *statistic,
                 double *room, double *results, size_t draws)
{
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);

    if (random == NULL)
        return false;
    gsl_rng_set(random, SEED);
    for (size_t i = 0; i < draws; i++) {
        for (size_t k = 0; k < n; k++)
            room[k] = values[gsl_rng_uniform_int(random, n)];
        results[i] = statistic(room, n);
    }
    gsl_rng_free(random);
    gsl_sort(results, 1, draws);
    return true;
}

/* Ties count half on either side; a share of 0 or 1 would be infinitely far. */
static double bias_of(const double *sorted, size_t draws, double value)
{
    double below = 0, least = 0.5 / (double)draws;

    for (size_t i = 0; i < draws; i++)
        below += sorted[i] < value ? 1 : sorted[i] > value ? 0 : 0.5;
    return gsl_cdf_ugaussian_Pinv(
        fmin(fmax(below / (double)draws, least), 1 - least));
}

static double acceleration_of(const double *values, size_t n,
                              bca_statistic *statistic, double *room,
                              double *without)
{
    double mean, squares = 0, cubes = 0;

    for (size_t left_out = 0; left_out < n; left_out++) {
        for (size_t k = 0, to = 0; k < n; k++)
            if (k != left_out)
                room[to++] = values[k];
        without[left_out] = statistic(room, n - 1);
    }
    mean = gsl_stats_mean(without, 1, n);
    for (size_t i = 0; i < n; i++) {
        double apart = mean - without[i];

        squares += apart * apart;
        cubes += apart * apart * apart;
    }
    return squares > 0 ? cubes / (6 * pow(squares, 1.5)) : 0;
}

static double end_at(const struct bca *bca, const double *sorted, size_t draws,
                     double z)
{
    double moved = bca->bias + z;
    double share = gsl_cdf_ugaussian_P(bca->bias +
                                       moved / (1 - bca->acceleration * moved));

    return gsl_stats_quantile_from_sorted_data(sorted, 1, draws, share);
}

bool bca_interval(const double *values, size_t n, double level,
                  bca_statistic *statistic, struct bca *result)
{
    const double z = gsl_cdf_ugaussian_Pinv(0.5 + level / 2);
    size_t draws = n > 0 ? draws_for(n) : 0;
    double *room, *results;
    bool is_done;

    *result = (struct bca){.estimate = {NAN, NAN, NAN}};
    if (n < 2)
        return true;
    room = calloc(2 * n, sizeof *room);
    results = calloc(draws, sizeof *results);
    is_done = room != NULL && results != NULL &&
              draw(values, n, statistic, room, results, draws);
    if (is_done) {
        result->estimate.value = statistic(values, n);
        result->bias = bias_of(results, draws, result->estimate.value);
        result->acceleration =
            acceleration_of(values, n, statistic, room, room + n);
        result->estimate.low = end_at(result, results, draws, -z);
        result->estimate.high = end_at(result, results, draws, z);
    }
    free(room);
    free(results);
    return is_done;
}

/* A plain sum: the library's takes a division for each value, and there are
 * two thousand resamples of them. */
static double mean_of(const double *values, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += values[i];
    return sum / (double)n;
}

/* The level at which the bootstrap of a mean is as wide as Student's interval
 * where there is no skew: resamples spread by sqrt((n-1)/n) too little, and as
 * the normal distribution does where his belongs (Hesterberg, The American
 * Statistician 2015, 3.2 and 5.3). */
static double expanded(double level, size_t n)
{
    double df = (double)n - 1;
    double quantile = gsl_cdf_tdist_Pinv(0.5 + level / 2, df);

    return 2 * gsl_cdf_ugaussian_P(quantile * sqrt((double)n / df)) - 1;
}

/* On logs: the ends of a BCa interval go through a monotone function as they
 * are, and a sum of logs cannot overflow. */
bool bca_geometric_mean(const double *values, size_t n, double level,
                        struct estimate *estimate)
{
    double *logs = calloc(n + 1, sizeof *logs);
    struct bca bca;
    bool is_done;

    if (logs == NULL)
        return false;
    for (size_t i = 0; i < n; i++)
        logs[i] = log(values[i]);
    is_done = bca_interval(logs, n, n < 2 ? level : expanded(level, n), mean_of,
                           &bca);
    if (is_done)
        *estimate =
            (struct estimate){exp(bca.estimate.value), exp(bca.estimate.low),
                              exp(bca.estimate.high)};
    free(logs);
    return is_done;
}
