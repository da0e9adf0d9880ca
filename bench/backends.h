/* SPDX-License-Identifier: MIT */
#ifndef BENCH_BACKENDS_H
#define BENCH_BACKENDS_H

/* The backends of a run, each once, in the order named. */
#include <stdbool.h>
#include <stddef.h>

#include <cf/backend.h>

#include "lane.h"
#include "workers.h"

enum { BACKENDS_MAX = 32 };

struct backends {
    const struct cf_backend *list[BACKENDS_MAX];
    const struct lane *lanes[BACKENDS_MAX]; /* in place of it, or NULL */
    size_t rank_workers[BACKENDS_MAX]; /* of mpi: in each rank; else 0     */
    const char *skipped[BACKENDS_MAX]; /* why this build lacks it, or NULL */
    size_t count;
};

struct pythons;

/*
 * Reads a comma list; NULL is the default. One that this build lacks is listed
 * with its reason where the default brought it in, and refused where it was
 * asked for. A cpython lane stands once for each of the interpreters, mpi once
 * for each of `rank_workers`, where there are any; "mpi:1" is what it says.
 * False: one line has been said.
 */
bool backends_read(const char *asked, const struct pythons *pythons,
                   const struct workers *rank_workers,
                   struct backends *backends);

/* As cf_backend_find(), for "mpi:4" too: four workers in each rank. Elsewhere
 * `*rank_workers` is 0, on mpi alone 1. */
enum cf_status backends_find(const char *name,
                             const struct cf_backend **backend,
                             size_t *rank_workers);

#endif
