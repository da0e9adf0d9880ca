/* SPDX-License-Identifier: MIT */
#include "rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "theme.h"

struct row *rows_add(struct rows *rows, const char *backend, size_t workers)
{
    struct row *list;

    if (rows->count == ROWS_MAX) {
        rows->left_out++;
        return NULL;
    }
    list = realloc(rows->list, (rows->count + 1) * sizeof *list);
    if (list == NULL)
        return NULL;
    rows->list = list;
    list += rows->count++;
    *list = (struct row){.backend = backend,
                         .workers = workers,
                         .estimate = NAN,
                         .low = NAN,
                         .high = NAN};
    return list;
}

bool row_add_dot(struct row *row, double value)
{
    double *dots = realloc(row->dots, (row->dot_count + 1) * sizeof *dots);

    if (dots == NULL)
        return false;
    row->dots = dots;
    dots[row->dot_count++] = value;
    return true;
}

bool row_add_box(struct row *row, struct row_box box)
{
    struct row_box *boxes =
        realloc(row->boxes, (row->box_count + 1) * sizeof *boxes);

    if (boxes == NULL)
        return false;
    row->boxes = boxes;
    boxes[row->box_count++] = box;
    return true;
}

static int by_theme(const void *left, const void *right)
{
    const struct row *a = left, *b = right;
    size_t rank_a = theme_rank(a->backend), rank_b = theme_rank(b->backend);

    if (rank_a != rank_b)
        return rank_a < rank_b ? -1 : 1;
    int names = strcmp(a->backend, b->backend);
    if (names != 0)
        return names;
    return (a->workers > b->workers) - (a->workers < b->workers);
}

void rows_sort(struct rows *rows)
{
    if (rows->count > 0)
        qsort(rows->list, rows->count, sizeof *rows->list, by_theme);
}

void rows_finish(struct rows *rows)
{
    for (size_t i = 0; i < rows->count; i++) {
        free(rows->list[i].dots);
        free(rows->list[i].boxes);
    }
    free(rows->list);
    *rows = (struct rows){0};
}

double rows_place(const struct rows *rows, size_t i)
{
    static const double apart = 0.45;
    double place = i == rows->count ? (double)i : (double)i + 0.5;

    for (size_t k = 1; k <= i && k < rows->count; k++)
        if (strcmp(rows->list[k].backend, rows->list[k - 1].backend) != 0)
            place += apart;
    return place;
}

struct row_range rows_range(const struct rows *rows)
{
    struct row_range range = {INFINITY, -INFINITY};

    for (size_t i = 0; i < rows->count; i++) {
        const struct row *row = &rows->list[i];
        range.low = fmin(range.low, fmin(row->estimate, row->low));
        range.high = fmax(range.high, fmax(row->estimate, row->high));
        for (size_t k = 0; k < row->dot_count; k++) {
            range.low = fmin(range.low, row->dots[k]);
            range.high = fmax(range.high, row->dots[k]);
        }
        for (size_t k = 0; k < row->box_count; k++) {
            range.low = fmin(range.low, row->boxes[k].from);
            range.high = fmax(range.high, row->boxes[k].to);
        }
    }
    return range;
}
