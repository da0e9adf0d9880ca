/* SPDX-License-Identifier: MIT */
/*
 * Max-T (Westfall & Young, Resampling-Based Multiple Testing, 1993; Romano &
 * Wolf, JASA 100, 2005): blocks are drawn with all their comparisons, each
 * comparison's mean is centred on its own and divided by the resample's own
 * standard error, and the largest |t| of a draw is kept. Its quantile q holds
 * for all comparisons at once: mean +- q standard errors. Dividing by each
 * draw's own error makes it a bootstrap-t, which allows for few blocks as
 * Student's quantile does (Hall, Ann. Statist. 16, 1988); below eight, too many
 * draws repeat the same blocks, and Bonferroni's bound is taken.
 */
#include "family.h"

#include <math.h>
#include <stdlib.h>

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_rng.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

enum { DRAWS = 10000, SEED = 1 };

bool family_create(struct family *family, size_t count, size_t blocks,
                   size_t other_blocks)
{
    *family = (struct family){.count = count, .blocks = {blocks, other_blocks}};
    for (int side = 0; side < 2; side++) {
        size_t values = count * family->blocks[side];

        family->values[side] = calloc(values + 1, sizeof(double));
        if (family->values[side] == NULL) {
            family_finish(family);
            return false;
        }
        for (size_t i = 0; i < values; i++)
            family->values[side][i] = NAN;
    }
    return true;
}

void family_finish(struct family *family)
{
    free(family->values[0]);
    free(family->values[1]);
    *family = (struct family){0};
}

static bool is_block_used(const struct family *family, int side, size_t block)
{
    for (size_t i = 0; i < family->count; i++)
        if (!isnan(family->values[side][i * family->blocks[side] + block]))
            return true;
    return false;
}

static void compact_side(struct family *family, int side)
{
    size_t blocks = family->blocks[side], kept = 0;
    double *values = family->values[side];

    for (size_t block = 0; block < blocks; block++) {
        if (!is_block_used(family, side, block))
            continue;
        for (size_t i = 0; i < family->count; i++)
            values[i * blocks + kept] = values[i * blocks + block];
        kept++;
    }
    for (size_t i = 0; i < family->count; i++)
        for (size_t block = 0; block < kept; block++)
            values[i * kept + block] = values[i * blocks + block];
    family->blocks[side] = kept;
}

void family_compact(struct family *family)
{
    compact_side(family, 0);
    compact_side(family, 1);
}

struct moments {
    double mean;
    double error2; /* the square of its standard error; NAN below two values */
};

/* Of the values that `drawn` picks; NULL: of all. */
static struct moments moments_of(const double *values, size_t blocks,
                                 const size_t *drawn)
{
    struct moments moments = {0};
    double n = 0, squares = 0;

    for (size_t i = 0; i < blocks; i++) {
        double value = values[drawn != NULL ? drawn[i] : i];
        double apart = value - moments.mean;

        if (isnan(value))
            continue;
        n++;
        moments.mean += apart / n; /* Welford, Technometrics 4, 1962 */
        squares += apart * (value - moments.mean);
    }
    moments.error2 = n >= 2 ? squares / (n - 1) / n : NAN;
    return moments;
}

/* The comparison's difference, and the square of its error. */
static struct moments difference_of(const struct family *family, size_t index,
                                    size_t *const drawn[2])
{
    struct moments sides[2] = {{0, 0}, {0, 0}};

    for (int side = 0; side < 2; side++)
        if (family->blocks[side] > 0)
            sides[side] = moments_of(
                family->values[side] + index * family->blocks[side],
                family->blocks[side], drawn != NULL ? drawn[side] : NULL);
    return (struct moments){sides[0].mean - sides[1].mean,
                            sides[0].error2 + sides[1].error2};
}

static double largest_t(const struct family *family,
                        const struct moments *centres, size_t *const drawn[2])
{
    double largest = 0;

    for (size_t i = 0; i < family->count; i++) {
        struct moments now = difference_of(family, i, drawn);
        double apart = fabs(now.mean - centres[i].mean);

        if (isnan(centres[i].error2) || centres[i].error2 == 0)
            continue; /* no interval of its own, or one of no width */
        largest =
            fmax(largest, now.error2 > 0 ? apart / sqrt(now.error2) : INFINITY);
    }
    return largest;
}

static void draw_all(const struct family *family, const struct moments *centres,
                     size_t *const drawn[2], gsl_rng *random, double *largest)
{
    for (size_t i = 0; i < DRAWS; i++) {
        for (int side = 0; side < 2; side++)
            for (size_t k = 0; k < family->blocks[side]; k++)
                drawn[side][k] =
                    gsl_rng_uniform_int(random, family->blocks[side]);
        largest[i] = largest_t(family, centres, drawn);
    }
    gsl_sort(largest, 1, DRAWS);
}

static bool find_max_t(const struct family *family, double level, double *max_t)
{
    struct moments *centres = calloc(family->count, sizeof *centres);
    size_t *const drawn[2] = {calloc(family->blocks[0] + 1, sizeof **drawn),
                              calloc(family->blocks[1] + 1, sizeof **drawn)};
    double *largest = calloc(DRAWS, sizeof *largest);
    gsl_rng *random = gsl_rng_alloc(gsl_rng_mt19937);
    bool has_room = centres != NULL && drawn[0] != NULL && drawn[1] != NULL &&
                    largest != NULL && random != NULL;

    if (has_room) {
        for (size_t i = 0; i < family->count; i++)
            centres[i] = difference_of(family, i, NULL);
        gsl_rng_set(random, SEED);
        draw_all(family, centres, drawn, random, largest);
        *max_t = gsl_stats_quantile_from_sorted_data(largest, 1, DRAWS, level);
    }
    gsl_rng_free(random);
    free(largest);
    free(drawn[0]);
    free(drawn[1]);
    free(centres);
    return has_room;
}

/* Has each comparison that has an interval enough values on each side? */
static bool has_enough(const struct family *family)
{
    for (size_t i = 0; i < family->count; i++)
        for (int side = 0; side < 2; side++) {
            size_t blocks = family->blocks[side], n = 0;

            for (size_t k = 0; k < blocks; k++)
                n += isnan(family->values[side][i * blocks + k]) ? 0 : 1;
            if (n >= 2 && n < BLOCKS_FOR_MAX_T)
                return false;
        }
    return true;
}

bool family_judge(const struct family *family, double level,
                  struct family_width *width)
{
    *width = (struct family_width){
        .count = family->count, .level = level, .max_t = NAN, .method = "t"};
    if (family->count < 2)
        return true;
    width->method = "bonferroni";
    if (!has_enough(family))
        return true;
    if (!find_max_t(family, level, &width->max_t))
        return false;
    if (isfinite(width->max_t))
        width->method = "max-t";
    else
        width->max_t = NAN;
    return true;
}

double family_quantile(const struct family_width *width, double df)
{
    double miss = (1 - width->level) / (double)width->count;

    return isnan(width->max_t) ? gsl_cdf_tdist_Qinv(miss / 2, df)
                               : width->max_t;
}
