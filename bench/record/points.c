/* SPDX-License-Identifier: MIT */
/*
 * Values to points.
 *
 *      values -> sorted by worker count, in their own order within one
 *             -> points: one a count
 *             -> block effects out (a fast or slow block moves all its values)
 *             -> mean and pure error of each point -> units
 *
 * Block effects are those of the additive two-way layout on logs, count plus
 * block, found by turns (backfitting); with complete blocks the first turn is
 * exact. They use up one degree of freedom each but one.
 */
#include "points.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* Beyond so many counts, neighbours within 0.5 % are one point: on a curve as
 * bent as these models that moves the mean by less than 1e-5 of itself. */
#define POINTS_AT_MOST 2048
#define NEIGHBOUR      1.005

/* Beyond so many values, a few in a row are resampled together. */
#define UNITS_AT_MOST 8192

#define TURNS_AT_MOST 50

struct entry {
    double workers;
    double y; /* ln of the throughput, until it is turned into y */
    size_t block;
    size_t order; /* place among the values, then the point */
};

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;

    if (left->workers != right->workers)
        return left->workers < right->workers ? -1 : 1;
    return (left->order > right->order) - (left->order < right->order);
}

static int compare_blocks(const void *a, const void *b)
{
    size_t left = *(const size_t *)a, right = *(const size_t *)b;

    return (left > right) - (left < right);
}

/* Puts the point into `order` of each entry, joining those that are nearer to
 * the first of a point than `nearness`. Returns how many there are. */
static size_t number_points(struct entry *entries, size_t count,
                            double nearness, size_t *place)
{
    size_t points = 0;
    double first = 0;

    for (size_t i = 0; i < count; i++) {
        if (i == 0 || entries[i].workers > first * nearness) {
            first = entries[i].workers;
            points++;
        }
        place[i] = points - 1;
    }
    return points;
}

/* Numbers the blocks from 0. Returns how many; 0 where values do not share
 * blocks, or too few. */
static size_t number_blocks(struct entry *entries, size_t count)
{
    size_t *names = calloc(count + 1, sizeof *names);
    size_t blocks = 0;

    if (names == NULL)
        return 0;
    for (size_t i = 0; i < count; i++)
        names[i] = entries[i].block;
    qsort(names, count, sizeof *names, compare_blocks);
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || names[i] != names[i - 1])
            names[blocks++] = names[i];
    }
    if (names[blocks - 1] == NO_BLOCK || blocks < BLOCKS_FOR_EFFECTS ||
        count < 2 * blocks)
        blocks = 0;
    for (size_t i = 0; i < count && blocks > 0; i++) {
        const size_t *found = bsearch(&entries[i].block, names, blocks,
                                      sizeof *names, compare_blocks);
        entries[i].block = (size_t)(found - names);
    }
    free(names);
    return blocks;
}

/* The mean over the entries of each group of what the other factor leaves.
 * Returns the largest change. */
static double take_turn(const struct entry *entries, size_t count,
                        const size_t *group, const size_t *other,
                        const double *others, double *means, size_t groups)
{
    double *sums = calloc(2 * groups, sizeof *sums);
    double change = 0;

    if (sums == NULL)
        return 0;
    for (size_t i = 0; i < count; i++) {
        sums[2 * group[i]] += entries[i].y - others[other[i]];
        sums[2 * group[i] + 1] += 1;
    }
    for (size_t i = 0; i < groups; i++) {
        double mean = sums[2 * i] / sums[2 * i + 1];
        change = fmax(change, fabs(mean - means[i]));
        means[i] = mean;
    }
    free(sums);
    return change;
}

/* Subtracts the mean, so that effects shift nothing on the whole. */
static void centre(double *effects, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += effects[i];
    for (size_t i = 0; i < count; i++)
        effects[i] -= sum / (double)count;
}

static bool take_effects_out(struct points *points, struct entry *entries,
                             size_t count, const size_t *place)
{
    size_t *blocks = calloc(count + 1, sizeof *blocks);
    double *means = calloc(points->count + 1, sizeof *means);
    double change = 1;

    points->effects = calloc(points->block_count + 1, sizeof *points->effects);
    if (blocks == NULL || means == NULL || points->effects == NULL) {
        free(blocks);
        free(means);
        return false;
    }
    for (size_t i = 0; i < count; i++)
        blocks[i] = entries[i].block;
    for (int turn = 0; turn < TURNS_AT_MOST && change > 1e-13; turn++) {
        change = take_turn(entries, count, place, blocks, points->effects,
                           means, points->count);
        change = fmax(change, take_turn(entries, count, blocks, place, means,
                                        points->effects, points->block_count));
        centre(points->effects, points->block_count);
    }
    for (size_t i = 0; i < count; i++)
        entries[i].y -= points->effects[blocks[i]];
    free(blocks);
    free(means);
    return true;
}

/* Weights, means and pure error, the latter around the means (two passes). */
static void average(struct points *points, const struct entry *entries,
                    size_t count, const size_t *place)
{
    for (size_t i = 0; i < count; i++) {
        struct point *point = &points->points[place[i]];
        point->weight += 1;
        point->workers += entries[i].workers;
        point->y += entries[i].y;
    }
    for (size_t i = 0; i < points->count; i++) {
        points->points[i].workers /= points->points[i].weight;
        points->points[i].y /= points->points[i].weight;
    }
    for (size_t i = 0; i < count; i++) {
        double rest = entries[i].y - points->points[place[i]].y;
        points->pure_error += rest * rest;
    }
    points->value_count = points->free_values = (double)count;
    if (points->block_count > 0)
        points->free_values -= (double)(points->block_count - 1);
    points->error_df = points->free_values - (double)points->count;
}

/* Values in a row, up to `most` of one point, are a unit. */
static void make_units(struct points *points, const struct entry *entries,
                       size_t count, const size_t *place)
{
    size_t most = points->block_count > 0
                      ? 1
                      : (count + UNITS_AT_MOST - 1) / UNITS_AT_MOST;

    for (size_t i = 0; i < count;) {
        struct unit *unit = &points->units[points->unit_count++];
        size_t start = i;

        *unit = (struct unit){.point = place[i], .block = entries[i].block};
        while (i < count && place[i] == unit->point && i - start < most)
            unit->y += entries[i++].y;
        unit->weight = (double)(i - start);
        unit->y /= unit->weight;
    }
}

/* From logs of throughputs to y. */
static void turn_into_y(struct points *points, struct entry *entries,
                        size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += entries[i].y;
    points->scale = exp(sum / (double)count);
    for (size_t i = 0; i < count; i++) {
        entries[i].y -= sum / (double)count;
        if (points->objective == OBJECTIVE_OLS)
            entries[i].y = exp(entries[i].y);
    }
}

static bool gather(struct points *points, struct entry *entries, size_t count,
                   size_t *place)
{
    qsort(entries, count, sizeof *entries, compare_entries);
    points->count = number_points(entries, count, 1, place);
    points->distinct = points->count;
    points->range[0] = entries[0].workers;
    points->range[1] = entries[count - 1].workers;
    if (points->count > POINTS_AT_MOST)
        points->count = number_points(entries, count, NEIGHBOUR, place);
    points->points = calloc(points->count + 1, sizeof *points->points);
    points->units = calloc(count + 1, sizeof *points->units);
    points->block_count = number_blocks(entries, count);
    if (points->points == NULL || points->units == NULL)
        return false;
    if (points->block_count > 0 &&
        !take_effects_out(points, entries, count, place))
        return false;
    turn_into_y(points, entries, count);
    average(points, entries, count, place);
    make_units(points, entries, count, place);
    return true;
}

bool points_create(const struct scaling_value *values, size_t count,
                   enum objective objective, struct points *points)
{
    struct entry *entries = calloc(count + 1, sizeof *entries);
    size_t *place = calloc(count + 1, sizeof *place);
    bool is_done = entries != NULL && place != NULL;

    *points = (struct points){.objective = objective, .scale = 1};
    for (size_t i = 0; i < count && is_done; i++)
        entries[i] = (struct entry){values[i].workers, log(values[i].rate),
                                    values[i].block, i};
    if (is_done && count > 0)
        is_done = gather(points, entries, count, place);
    free(entries);
    free(place);
    if (!is_done)
        points_finish(points);
    return is_done;
}

void points_finish(struct points *points)
{
    free(points->points);
    free(points->units);
    free(points->effects);
    *points = (struct points){0};
}

bool points_without_last(const struct points *points, struct points *copy)
{
    const struct point *last = &points->points[points->count - 1];

    *copy = *points;
    copy->units = NULL;
    copy->effects = NULL;
    copy->unit_count = 0;
    copy->points = calloc(points->count, sizeof *copy->points);
    if (copy->points == NULL)
        return false;
    copy->count--;
    copy->value_count -= last->weight;
    copy->free_values -= last->weight;
    memcpy(copy->points, points->points, copy->count * sizeof *copy->points);
    return true;
}

double points_y(const struct points *points, double rate)
{
    return points->objective == OBJECTIVE_LOG ? log(rate) : rate;
}

double points_rate(const struct points *points, size_t i)
{
    double y = points->points[i].y;

    return points->objective == OBJECTIVE_LOG ? exp(y) : y;
}

double points_level_variance(const struct points *points)
{
    double n = (double)points->block_count, squares = 0;

    for (size_t i = 0; i < points->block_count; i++)
        squares += points->effects[i] * points->effects[i];
    return points->block_count > 1 ? squares / (n - 1) / n : 0;
}

double points_factor(const struct points *points, const double *shape)
{
    double above = 0, below = 0;

    for (size_t i = 0; i < points->count; i++) {
        const struct point *point = &points->points[i];
        if (points->objective == OBJECTIVE_LOG) {
            above += point->weight * (point->y - log(shape[i]));
            below += point->weight;
        } else {
            above += point->weight * point->y * shape[i];
            below += point->weight * shape[i] * shape[i];
        }
    }
    return points->objective == OBJECTIVE_LOG ? exp(above / below)
                                              : above / below;
}
