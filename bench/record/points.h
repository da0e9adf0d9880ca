/* SPDX-License-Identifier: MIT */
#ifndef RECORD_POINTS_H
#define RECORD_POINTS_H

/*
 * What models are fitted to: measured throughputs, gathered by worker count.
 *
 * Least squares over all values and over their means at each count, weighted
 * by how many there are, have the same solution; what the values scatter around
 * their means is the pure error. So a fit costs as much as there are counts.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Differences count absolutely (ols), or in proportion (log: timing noise is
 * multiplicative). */
enum objective { OBJECTIVE_LOG, OBJECTIVE_OLS };

/* A measured value. */
struct scaling_value {
    double workers; /* above 0, finite */
    double rate;    /* throughput: the same */
    size_t block;   /* its block, or NO_BLOCK */
};

#define NO_BLOCK SIZE_MAX

struct point {
    double workers;
    double weight; /* how many values */
    double y;      /* their mean, in units of `scale`; of logs where log */
};

/* What is resampled: a value, or a few neighbours where there are many. */
struct unit {
    size_t point;
    size_t block; /* from 0, where there are blocks */
    double weight;
    double y;
};

struct points {
    enum objective objective;
    double scale;         /* a typical throughput: y is about 1, or about 0 */
    struct point *points; /* ascending in workers */
    size_t count;
    double range[2]; /* of the worker counts */
    size_t distinct; /* of them; more than points where many were joined */
    double value_count;
    double free_values; /* the same, less what the block effects used up */
    double pure_error;  /* squares of values around their means */
    double error_df;    /* its degrees of freedom */

    struct unit *units; /* by point, in the order of the values */
    size_t unit_count;
    double *effects;    /* of each block, on logs; taken out of y */
    size_t block_count; /* 0: values are taken as independent */
};

/* From so many blocks on what they share is taken out of their values. */
#define BLOCKS_FOR_EFFECTS 2

/* False without memory. */
bool points_create(const struct scaling_value *values, size_t count,
                   enum objective objective, struct points *points);
void points_finish(struct points *points);

/* A copy without the largest worker count, without units. False without
 * memory. */
bool points_without_last(const struct points *points, struct points *copy);

/* What a throughput (in units of scale) is compared as, and back. */
double points_y(const struct points *points, double rate);
double points_rate(const struct points *points, size_t i);

/* The squared standard error of the level that all of a block shares, on logs:
 * residuals within blocks do not know it. 0 without blocks. */
double points_level_variance(const struct points *points);

/* The factor that brings `shape`, a throughput for each of the points, nearest
 * to them. */
double points_factor(const struct points *points, const double *shape);

#endif
