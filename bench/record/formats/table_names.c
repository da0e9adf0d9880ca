/* SPDX-License-Identifier: MIT */
#include "table_names.h"

#include <ctype.h>
#include <stdbool.h>

/* In small letters. */
static const struct {
    const char *name;
    enum table_column column;
    double unit_s; /* of a time */
} names[] = {
    {"n", TABLE_WORKERS, 0},
    {"workers", TABLE_WORKERS, 0},
    {"threads", TABLE_WORKERS, 0},
    {"processes", TABLE_WORKERS, 0},
    {"jobs", TABLE_WORKERS, 0},
    {"procs", TABLE_WORKERS, 0},
    {"cores", TABLE_WORKERS, 0},
    {"clients", TABLE_WORKERS, 0},
    {"concurrency", TABLE_WORKERS, 0},
    {"x", TABLE_RATE, 0},
    {"throughput_per_s", TABLE_RATE, 0},
    {"throughput", TABLE_RATE, 0},
    {"rate", TABLE_RATE, 0},
    {"rps", TABLE_RATE, 0},
    {"tps", TABLE_RATE, 0},
    {"ops_per_s", TABLE_RATE, 0},
    {"tasks_per_s", TABLE_RATE, 0},
    {"elapsed_s", TABLE_TIME, 1},
    {"elapsed", TABLE_TIME, 1},
    {"time_s", TABLE_TIME, 1},
    {"time", TABLE_TIME, 1},
    {"seconds", TABLE_TIME, 1},
    {"s", TABLE_TIME, 1},
    {"wall_s", TABLE_TIME, 1},
    {"duration_s", TABLE_TIME, 1},
    {"duration", TABLE_TIME, 1},
    {"runtime", TABLE_TIME, 1},
    {"elapsed_ms", TABLE_TIME, 1e-3},
    {"time_ms", TABLE_TIME, 1e-3},
    {"milliseconds", TABLE_TIME, 1e-3},
    {"ms", TABLE_TIME, 1e-3},
    {"elapsed_us", TABLE_TIME, 1e-6},
    {"time_us", TABLE_TIME, 1e-6},
    {"us", TABLE_TIME, 1e-6},
    {"elapsed_ns", TABLE_TIME, 1e-9},
    {"time_ns", TABLE_TIME, 1e-9},
    {"ns", TABLE_TIME, 1e-9},
    {"workload", TABLE_WORKLOAD, 0},
    {"backend", TABLE_BACKEND, 0},
    {"block", TABLE_BLOCK, 0},
    {"counts", TABLE_COUNTS, 0},
    {"tasks", TABLE_TASKS, 0},
};

/* "Time (ms)" is time_ms: what is no letter or digit stands for an underscore, one
 * for several, and for none at the end. */
static bool is_called(const char *text, size_t length, const char *name)
{
    while (length > 0 && !isalnum((unsigned char)text[length - 1]))
        length--;
    for (size_t i = 0; i < length; name++) {
        if (isalnum((unsigned char)text[i])) {
            if (tolower((unsigned char)text[i++]) != *name)
                return false;
            continue;
        }
        if (*name != '_')
            return false;
        while (!isalnum((unsigned char)text[i]))
            i++;
    }
    return *name == '\0';
}

enum table_column table_column_called(const char *name, size_t length,
                                      double *unit_s)
{
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        if (!is_called(name, length, names[i].name))
            continue;
        if (names[i].column == TABLE_TIME)
            *unit_s = names[i].unit_s;
        return names[i].column;
    }
    return TABLE_COLUMNS;
}
