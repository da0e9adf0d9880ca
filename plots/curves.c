/* SPDX-License-Identifier: MIT */
#include "curves.h"

#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "theme.h"

struct curve *curves_add(struct curves *curves, const char *backend,
                         size_t workers)
{
    struct curve *list =
        realloc(curves->list, (curves->count + 1) * sizeof *list);

    if (list == NULL)
        return NULL;
    curves->list = list;
    list += curves->count++;
    *list = (struct curve){
        .backend = backend, .workers = workers, .firm = SIZE_MAX};
    return list;
}

bool curve_add(struct curve *curve, struct curve_point point)
{
    /* Room doubles: it is full where the count is a power of two. */
    if ((curve->count & (curve->count - 1)) == 0) {
        size_t room = curve->count == 0 ? 1 : 2 * curve->count;
        struct curve_point *points =
            realloc(curve->points, room * sizeof *points);
        if (points == NULL)
            return false;
        curve->points = points;
    }
    curve->points[curve->count++] = point;
    return true;
}

static size_t rank(const struct curve *curve)
{
    return curve->backend == NULL ? SIZE_MAX : theme_rank(curve->backend);
}

static int by_theme(const void *left, const void *right)
{
    const struct curve *a = left, *b = right;

    if (rank(a) != rank(b))
        return rank(a) < rank(b) ? -1 : 1;
    int names = a->backend == NULL ? 0 : strcmp(a->backend, b->backend);
    if (names != 0)
        return names;
    if (a->workers != b->workers)
        return a->workers < b->workers ? -1 : 1;
    return (a->mark > b->mark) - (a->mark < b->mark);
}

void curves_sort(struct curves *curves)
{
    if (curves->count > 0)
        qsort(curves->list, curves->count, sizeof *curves->list, by_theme);
}

void curves_finish(struct curves *curves)
{
    for (size_t i = 0; i < curves->count; i++)
        free(curves->list[i].points);
    free(curves->list);
    *curves = (struct curves){0};
}

struct curve_range curves_range(const struct curves *curves)
{
    struct curve_range range = {INFINITY, -INFINITY, INFINITY, -INFINITY};

    for (size_t i = 0; i < curves->count; i++)
        for (size_t k = 0; k < curves->list[i].count; k++) {
            const struct curve_point *point = &curves->list[i].points[k];
            double low = curves->is_interval_y ? NAN : point->low;
            double high = curves->is_interval_y ? NAN : point->high;
            double top = curves->is_interval_y ? point->high : NAN;
            range.x_low = fmin(range.x_low, fmin(point->x, low));
            range.x_high = fmax(range.x_high, fmax(point->x, high));
            range.y_low = fmin(range.y_low, point->y);
            range.y_high = fmax(range.y_high, fmax(point->y, top));
        }
    return range;
}
