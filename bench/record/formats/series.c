/* SPDX-License-Identifier: MIT */
/* Series grow like a record's arrays: where their length is a power of two. */
#include "series.h"

#include <stdlib.h>
#include <string.h>

void series_finish(struct series_list *list)
{
    for (size_t i = 0; i < list->count; i++) {
        free(list->series[i].workload);
        free(list->series[i].backend);
        free(list->series[i].values);
        free(list->series[i].tasks);
    }
    free(list->series);
    *list = (struct series_list){0};
}

static bool is_same(const char *a, const char *b)
{
    return a == NULL || b == NULL ? a == b : strcmp(a, b) == 0;
}

size_t series_find(struct series_list *list, const char *workload,
                   const char *backend)
{
    struct series *series;

    /* from the end: rows of a series mostly follow each other */
    for (size_t i = list->count; i > 0; i--) {
        if (is_same(list->series[i - 1].workload, workload) &&
            is_same(list->series[i - 1].backend, backend))
            return i - 1;
    }
    if (list->count == SERIES_AT_MOST)
        return SIZE_MAX;
    series = reallocarray(list->series, list->count + 1, sizeof *series);
    if (series == NULL)
        return SIZE_MAX;
    list->series = series;
    series += list->count++;
    *series = (struct series){.workload = strdup(workload)};
    if (backend != NULL)
        series->backend = strdup(backend);
    if (series->workload == NULL ||
        (backend != NULL && series->backend == NULL))
        return SIZE_MAX;
    return list->count - 1;
}

static bool grow(struct series *series)
{
    size_t room = series->count == 0 ? 1 : 2 * series->count;
    struct scaling_value *values =
        reallocarray(series->values, room, sizeof *values);
    double *tasks;

    if (values == NULL)
        return false;
    series->values = values;
    tasks = reallocarray(series->tasks, room, sizeof *tasks);
    if (tasks == NULL)
        return false;
    series->tasks = tasks;
    return true;
}

bool series_add(struct series_list *list, size_t i, struct scaling_value value,
                double tasks)
{
    struct series *series = &list->series[i];

    if ((series->count & (series->count - 1)) == 0 && /* 0, 1, 2, 4, 8, ... */
        !grow(series))
        return false;
    series->values[series->count] = value;
    series->tasks[series->count++] = tasks;
    return true;
}
