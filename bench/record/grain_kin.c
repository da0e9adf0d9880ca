/* SPDX-License-Identifier: MIT */
/* Which workloads are one work in tasks of several lengths. */
#include "grain.h"

#include <string.h>

bool grain_is_alike(const struct record *record, size_t a, size_t b)
{
    const char *of = record->workloads[a].grain.of;
    const char *other = record->workloads[b].grain.of;

    return of != NULL && other != NULL && strcmp(of, other) == 0;
}

/* Is it a case of the workload whose efficiency over the plain loop is known? */
static bool is_over_loop(const struct record *record, const char *id, size_t i)
{
    size_t serial = record_serial_case(record, id, record->cases[i].backend);

    return strcmp(record->cases[i].workload, id) == 0 && serial != NO_CASE &&
           serial != i &&
           record_find_summary(record, i, "efficiency_ratio", serial);
}

static bool has_case_over_loop(const struct record *record, const char *id)
{
    size_t i = 0;

    while (i < record->case_count && !is_over_loop(record, id, i))
        i++;
    return i < record->case_count;
}

bool grain_is_of_lengths(const struct record *record, size_t workload)
{
    for (size_t i = 0; i < record->workload_count; i++)
        if (grain_is_alike(record, i, workload) &&
            has_case_over_loop(record, record->workloads[i].id))
            return true;
    return false;
}

bool grain_is_later(const struct record *record, size_t workload)
{
    for (size_t i = 0; i < workload; i++)
        if (grain_is_alike(record, i, workload))
            return grain_is_of_lengths(record, workload);
    return false;
}

bool grain_is_first(const struct record *record, size_t workload)
{
    return !grain_is_later(record, workload) &&
           grain_is_of_lengths(record, workload);
}
