/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_NEAREST_H
#define CFBENCH_NEAREST_H

/*
 * "Did you mean": which of some right words is nearest to a wrong one.
 *
 *     struct wl_nearest nearest = wl_nearest_to("thraed");
 *     wl_nearest_offer(&nearest, "serial");
 *     wl_nearest_offer(&nearest, "thread");
 *     if (nearest.best != NULL) ...
 */
#include <stddef.h>

struct wl_nearest {
    const char *word; /* the wrong one                                 */
    const char *best; /* the nearest so far; NULL: nothing near enough */
    size_t distance;  /* of `best`; else what is too far               */
};

struct wl_nearest wl_nearest_to(const char *word);

/* `candidate` must live as long as `nearest`. The first of two equals wins. */
void wl_nearest_offer(struct wl_nearest *nearest, const char *candidate);

#endif
