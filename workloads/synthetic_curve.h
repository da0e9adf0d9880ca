/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_SYNTHETIC_CURVE_H
#define CFBENCH_SYNTHETIC_CURVE_H

/* Scaling curves in closed form: how long a task waits so that N workers are
 * on the curve. */
#include <stdbool.h>
#include <stddef.h>

enum wl_curve_kind {
    WL_CURVE_USL,
    WL_CURVE_CAP,
    WL_CURVE_TABLE,
    WL_CURVE_LOCK
};

enum { WL_CURVE_POINTS = 32 };

struct wl_curve {
    enum wl_curve_kind kind;
    double gamma_per_s;
    double alpha;
    double beta;
    double cap;
    struct {
        double workers;
        double per_s;
    } points[WL_CURVE_POINTS]; /* workers increasing */
    size_t point_count;
};

/* Sets the kind, and the points of a table. False with one line in `why`. */
bool wl_curve_parse(const char *kind, const char *table, struct wl_curve *curve,
                    char *why, size_t why_bytes);

struct wl_curve_wait {
    double alone_s; /* by itself                        */
    double held_s;  /* then, holding the shared lock    */
};

struct wl_curve_wait wl_curve_wait_for(const struct wl_curve *curve,
                                       size_t workers);

#endif
