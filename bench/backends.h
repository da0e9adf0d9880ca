/* SPDX-License-Identifier: MIT */
#ifndef BENCH_BACKENDS_H
#define BENCH_BACKENDS_H

/* The backends of a run, each once, in the order named. */
#include <stdbool.h>
#include <stddef.h>

#include <cf/backend.h>

#include "lane.h"

enum { BACKENDS_MAX = 32 };

struct backends {
    const struct cf_backend *list[BACKENDS_MAX];
    const struct lane *lanes[BACKENDS_MAX]; /* in place of it, or NULL */
    const char *skipped[BACKENDS_MAX]; /* why this build lacks it, or NULL */
    size_t count;
};

struct pythons;

/*
 * Reads a comma list; NULL is the default. One that this build lacks is listed
 * with its reason where the default brought it in, and refused where it was
 * asked for. A cpython lane stands once for each of the interpreters. False: one
 * line has been said.
 */
bool backends_read(const char *asked, const struct pythons *pythons,
                   struct backends *backends);

#endif
