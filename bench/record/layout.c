/* SPDX-License-Identifier: MIT */
/*
 * Block effects are eliminated first: a block of k values adds I - 11'/k to the
 * matrix of the points and its values less their mean to the right-hand side.
 * That matrix is singular by one (effects are known up to a constant), which a
 * 1 added to every element cures without changing any difference. Points
 * without values, or out of reach, get a row of the unit matrix.
 */
#include "layout.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>

struct work {
    struct layout_value *values; /* a copy, whose outliers are pulled in */
    double *residual;            /* of each value */
    size_t count;
    size_t points;
    size_t blocks;
    double *mean; /* of each block */
    size_t *size; /* of each block */
    bool *is_known;
    gsl_matrix *matrix;
    gsl_vector *side;
    gsl_vector *solution;
};

/* What common blocks tie together, starting from the first value. */
static bool find_connected(struct work *work)
{
    bool *is_block = calloc(work->blocks + 1, sizeof *is_block);
    bool has_grown = work->count > 0;

    if (is_block == NULL)
        return false;
    if (has_grown)
        work->is_known[work->values[0].point] = true;
    while (has_grown) {
        has_grown = false;
        for (size_t i = 0; i < work->count; i++) {
            const struct layout_value *value = &work->values[i];

            if (work->is_known[value->point] == is_block[value->block])
                continue;
            work->is_known[value->point] = is_block[value->block] = true;
            has_grown = true;
        }
    }
    free(is_block);
    return true;
}

static void average_blocks(struct work *work)
{
    for (size_t i = 0; i < work->count; i++) {
        const struct layout_value *value = &work->values[i];

        if (!work->is_known[value->point])
            continue;
        work->mean[value->block] += value->y;
        work->size[value->block]++;
    }
    for (size_t b = 0; b < work->blocks; b++)
        if (work->size[b] > 0)
            work->mean[b] /= (double)work->size[b];
}

static void add_to(gsl_matrix *matrix, size_t row, size_t column, double value)
{
    *gsl_matrix_ptr(matrix, row, column) += value;
}

static void set_up(struct work *work)
{
    for (size_t i = 0; i < work->points; i++)
        for (size_t j = 0; j < work->points; j++)
            if (work->is_known[i] && work->is_known[j])
                add_to(work->matrix, i, j, 1);
    for (size_t i = 0; i < work->points; i++)
        if (!work->is_known[i])
            add_to(work->matrix, i, i, 1);
    for (size_t i = 0; i < work->count; i++) {
        const struct layout_value *a = &work->values[i];

        if (!work->is_known[a->point])
            continue;
        add_to(work->matrix, a->point, a->point, 1);
        *gsl_vector_ptr(work->side, a->point) += a->y - work->mean[a->block];
        for (size_t j = 0; j < work->count; j++)
            if (work->values[j].block == a->block &&
                work->is_known[work->values[j].point])
                add_to(work->matrix, a->point, work->values[j].point,
                       -1 / (double)work->size[a->block]);
    }
}

/* What is left over, in squares, and the degrees of freedom it has. */
static void find_error(const struct work *work, struct layout *layout)
{
    double squares = 0, values = 0, used = -1;

    for (size_t i = 0; i < work->count; i++) {
        const struct layout_value *value = &work->values[i];
        double deviation = value->y - work->mean[value->block];

        if (!work->is_known[value->point])
            continue;
        squares += deviation * deviation;
        values++;
    }
    for (size_t i = 0; i < work->points; i++) {
        if (!work->is_known[i])
            continue;
        squares -=
            gsl_vector_get(work->solution, i) * gsl_vector_get(work->side, i);
        used++;
    }
    for (size_t b = 0; b < work->blocks; b++)
        used += work->size[b] > 0;
    layout->df = values - used;
    layout->variance = layout->df >= 1 ? fmax(squares, 0) / layout->df : NAN;
}

static bool solve(struct work *work, struct layout *layout)
{
    gsl_matrix_view inverse =
        gsl_matrix_view_array(layout->covariance, work->points, work->points);

    if (gsl_linalg_cholesky_decomp1(work->matrix) != GSL_SUCCESS)
        return false;
    gsl_linalg_cholesky_solve(work->matrix, work->side, work->solution);
    gsl_linalg_cholesky_invert(work->matrix);
    gsl_matrix_memcpy(&inverse.matrix, work->matrix);
    for (size_t i = 0; i < work->points; i++)
        layout->effect[i] =
            work->is_known[i] ? gsl_vector_get(work->solution, i) : NAN;
    return true;
}

static void clear(struct work *work)
{
    memset(work->mean, 0, work->blocks * sizeof *work->mean);
    memset(work->size, 0, work->blocks * sizeof *work->size);
    gsl_matrix_set_zero(work->matrix);
    gsl_vector_set_zero(work->side);
}

static bool fit_once(struct work *work, struct layout *layout)
{
    clear(work);
    average_blocks(work);
    set_up(work);
    if (!solve(work, layout))
        return false;
    find_error(work, layout);
    return true;
}

/* What the fit leaves over of each value, as it was measured. */
static void find_residuals(struct work *work, const struct layout_value *values,
                           const struct layout *layout)
{
    double *block = work->mean; /* from here on: the block's effect */

    for (size_t i = 0; i < work->count; i++) {
        const struct layout_value *value = &values[i];

        if (work->is_known[value->point])
            block[value->block] -=
                layout->effect[value->point] / (double)work->size[value->block];
    }
    for (size_t i = 0; i < work->count; i++) {
        const struct layout_value *value = &values[i];

        work->residual[i] =
            work->is_known[value->point]
                ? value->y - block[value->block] - layout->effect[value->point]
                : 0;
    }
}

/* A spread that outliers do not widen: the median absolute residual, as a
 * standard deviation of normal errors. */
static double robust_spread(const struct work *work,
                            const struct layout *layout, double *sorted)
{
    for (size_t i = 0; i < work->count; i++)
        sorted[i] = fabs(work->residual[i]);
    gsl_sort(sorted, 1, work->count);
    return 1.4826 * gsl_stats_median_from_sorted_data(sorted, 1, work->count) *
           sqrt((double)work->count / layout->df);
}

/* Pulls in what lies more than `most` off the fit. Returns the part that does
 * not. */
static double pull_in(struct work *work, const struct layout_value *values,
                      double most)
{
    size_t kept = 0;

    for (size_t i = 0; i < work->count; i++) {
        double residual = work->residual[i];
        double nearer = fmax(-most, fmin(most, residual));

        work->values[i].y = values[i].y - residual + nearer;
        kept += residual == nearer;
    }
    return (double)kept / (double)work->count;
}

/*
 * Outliers count as much as a value at twice the spread would: Huber's estimate
 * by modified residuals, with the error of Huber, Robust Statistics (1981),
 * 7.6 and 7.8. Samples have outliers on one side, and a single one among ten
 * would hide every difference.
 */
static bool fit_robustly(struct work *work, const struct layout_value *values,
                         struct layout *layout)
{
    enum { STEPS = 4, DF_LEAST = 5 };
    double *sorted = calloc(work->count + 1, sizeof *sorted);
    bool is_done = sorted != NULL && fit_once(work, layout);
    double kept = 1;

    for (int i = 0; i < STEPS && is_done && layout->df >= DF_LEAST; i++) {
        double spread;

        find_residuals(work, values, layout);
        spread = robust_spread(work, layout, sorted);
        if (!(spread > 1e-12)) /* all the same, but for rounding */
            break;
        kept = pull_in(work, values, 2 * spread);
        is_done = fit_once(work, layout);
    }
    layout->variance /= kept * kept;
    free(sorted);
    return is_done;
}

static bool fit(struct work *work, const struct layout_value *values,
                struct layout *layout)
{
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    bool is_done = find_connected(work) && fit_robustly(work, values, layout);

    gsl_set_error_handler(before);
    return is_done;
}

bool layout_fit(const struct layout_value *values, size_t count, size_t points,
                size_t blocks, struct layout *layout)
{
    size_t rows = points > 0 ? points : 1;
    struct work work = {.values = calloc(count + 1, sizeof *values),
                        .residual = calloc(count + 1, sizeof(double)),
                        .count = count,
                        .points = rows,
                        .blocks = blocks,
                        .mean = calloc(blocks + 1, sizeof(double)),
                        .size = calloc(blocks + 1, sizeof(size_t)),
                        .is_known = calloc(rows, sizeof(bool)),
                        .matrix = gsl_matrix_calloc(rows, rows),
                        .side = gsl_vector_calloc(rows),
                        .solution = gsl_vector_calloc(rows)};
    bool is_done = false;

    *layout = (struct layout){
        .effect = calloc(rows, sizeof(double)),
        .covariance = calloc(rows * rows, sizeof(double)),
        .points = rows,
        .variance = NAN,
    };
    if (layout->effect != NULL && layout->covariance != NULL &&
        work.mean != NULL && work.size != NULL && work.is_known != NULL &&
        work.matrix != NULL && work.side != NULL && work.solution != NULL &&
        work.values != NULL && work.residual != NULL) {
        if (count > 0)
            memcpy(work.values, values, count * sizeof *values);
        is_done = fit(&work, values, layout);
    }
    if (!is_done)
        layout_finish(layout);
    free(work.values);
    free(work.residual);
    free(work.mean);
    free(work.size);
    free(work.is_known);
    gsl_matrix_free(work.matrix);
    gsl_vector_free(work.side);
    gsl_vector_free(work.solution);
    return is_done;
}

void layout_finish(struct layout *layout)
{
    free(layout->effect);
    free(layout->covariance);
    layout->effect = layout->covariance = NULL;
}

double layout_difference(const struct layout *layout, size_t a, size_t b)
{
    return layout->effect[a] - layout->effect[b];
}

double layout_standard_error(const struct layout *layout, size_t a, size_t b)
{
    size_t n = layout->points;
    const double *c = layout->covariance;

    if (isnan(layout->effect[a]) || isnan(layout->effect[b]))
        return NAN;
    return sqrt(layout->variance *
                fmax(c[a * n + a] + c[b * n + b] - 2 * c[a * n + b], 0));
}
