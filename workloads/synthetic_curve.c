/* SPDX-License-Identifier: MIT */
/*
 * By Little's law N workers that are always busy do N / R tasks a second where
 * each takes R: a task waits R(N) = N / X(N). Beyond its last point a table
 * stays at that throughput, before its first it is proportional.
 */
#include "synthetic_curve.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <cf/status.h>

#include "refuse.h"

static const char *const kinds[] = {
    [WL_CURVE_USL] = "usl",
    [WL_CURVE_CAP] = "cap",
    [WL_CURVE_TABLE] = "table",
    [WL_CURVE_LOCK] = "lock",
};

/* Reads "N:X"; `*text` is behind it. */
static bool parse_point(const char **text, struct wl_curve *curve)
{
    char *end;
    double workers = strtod(*text, &end);
    double per_s;
    double least = curve->point_count > 0
                       ? curve->points[curve->point_count - 1].workers
                       : 0;

    if (end == *text || *end != ':' || !(workers > least && workers <= 65536))
        return false;
    *text = end + 1;
    per_s = strtod(*text, &end);
    if (end == *text || !(per_s >= 1e-3 && per_s <= 1e6))
        return false;
    *text = end;
    curve->points[curve->point_count].workers = workers;
    curve->points[curve->point_count].per_s = per_s;
    curve->point_count++;
    return true;
}

static bool parse_table(const char *text, struct wl_curve *curve)
{
    curve->point_count = 0;
    while (curve->point_count < WL_CURVE_POINTS && parse_point(&text, curve)) {
        if (*text == '\0')
            return true;
        if (*text++ != ',')
            return false;
    }
    return false;
}

bool wl_curve_parse(const char *kind, const char *table, struct wl_curve *curve,
                    char *why, size_t why_bytes)
{
    for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++) {
        if (strcmp(kind, kinds[i]) != 0)
            continue;
        curve->kind = (enum wl_curve_kind)i;
        if (curve->kind != WL_CURVE_TABLE || parse_table(table, curve))
            return true;
        wl_refuse(why, why_bytes, CF_INVALID,
                  "table=%.60s: not N:X,N:X,... with N increasing, X from "
                  "0.001 to 1e6, at most %d points",
                  table, WL_CURVE_POINTS);
        return false;
    }
    wl_refuse(why, why_bytes, CF_INVALID,
              "curve=%.60s: not usl, cap, table or lock", kind);
    return false;
}

static double table_per_s(const struct wl_curve *curve, double workers)
{
    size_t i = 0;
    double share;

    while (i < curve->point_count && curve->points[i].workers < workers)
        i++;
    if (i == 0)
        return curve->points[0].per_s * workers / curve->points[0].workers;
    if (i == curve->point_count)
        return curve->points[i - 1].per_s;
    share = (workers - curve->points[i - 1].workers) /
            (curve->points[i].workers - curve->points[i - 1].workers);
    return curve->points[i - 1].per_s +
           share * (curve->points[i].per_s - curve->points[i - 1].per_s);
}

struct wl_curve_wait wl_curve_wait_for(const struct wl_curve *curve,
                                       size_t workers)
{
    struct wl_curve_wait wait = {0};
    double n = (double)workers;

    switch (curve->kind) {
    case WL_CURVE_USL:
        wait.alone_s =
            (1 + curve->alpha * (n - 1) + curve->beta * n * (n - 1)) /
            curve->gamma_per_s;
        break;
    case WL_CURVE_CAP:
        wait.alone_s = fmax(1, n / curve->cap) / curve->gamma_per_s;
        break;
    case WL_CURVE_TABLE:
        wait.alone_s = n / table_per_s(curve, n);
        break;
    case WL_CURVE_LOCK:
        wait.alone_s = (1 - curve->alpha) / curve->gamma_per_s;
        wait.held_s = curve->alpha / curve->gamma_per_s;
        break;
    }
    return wait;
}
