/* SPDX-License-Identifier: MIT */
/*
 * The list of what can be run. A workload is one file that ends with its
 * constant table, which is declared here and stands in the list.
 */
#include "workloads.h"

#include <string.h>

#include "nearest.h"

extern const struct wl_workload wl_compress;
extern const struct wl_workload wl_empty;
extern const struct wl_workload wl_fib;
extern const struct wl_workload wl_file_read;
extern const struct wl_workload wl_file_write;
extern const struct wl_workload wl_http_get;
extern const struct wl_workload wl_json_parse;
extern const struct wl_workload wl_matmul;
extern const struct wl_workload wl_mixed;
extern const struct wl_workload wl_payload;
extern const struct wl_workload wl_primes;
extern const struct wl_workload wl_sha256;
extern const struct wl_workload wl_skewed;
extern const struct wl_workload wl_sleep;
extern const struct wl_workload wl_sqlite_read;
extern const struct wl_workload wl_sqlite_write;
extern const struct wl_workload wl_stream;
extern const struct wl_workload wl_subprocess;
extern const struct wl_workload wl_sum_squares;
extern const struct wl_workload wl_synthetic;
extern const struct wl_workload wl_tcp_echo;

/* The cores, then memory, waiting, both. */
static const struct wl_workload *const all[] = {
    &wl_empty,      &wl_sum_squares,  &wl_primes,      &wl_sha256,
    &wl_json_parse, &wl_compress,     &wl_matmul,      &wl_skewed,
    &wl_fib,        &wl_payload,      &wl_sqlite_read, &wl_stream,
    &wl_sleep,      &wl_http_get,     &wl_tcp_echo,    &wl_file_read,
    &wl_file_write, &wl_sqlite_write, &wl_mixed,       &wl_subprocess,
    &wl_synthetic,
};

const struct wl_workload *wl_at(size_t i)
{
    return i < sizeof all / sizeof all[0] ? all[i] : NULL;
}

const struct wl_workload *wl_find(const char *name)
{
    for (size_t i = 0; wl_at(i) != NULL; i++)
        if (strcmp(wl_at(i)->name, name) == 0)
            return wl_at(i);
    return NULL;
}

const char *wl_find_nearest(const char *wrong_name)
{
    struct wl_nearest nearest = wl_nearest_to(wrong_name);

    for (size_t i = 0; wl_at(i) != NULL; i++)
        wl_nearest_offer(&nearest, wl_at(i)->name);
    return nearest.best;
}
