/* SPDX-License-Identifier: MIT */
/*
 * Saturation: linear up to a cap that something else sets (the cores, a device,
 * a quota, a rate limit): min(gamma N, cap), the operational bounds of Denning
 * & Buzen (Computing Surveys 1978).
 *
 * A curve with a corner is no matter for a search by derivatives. Instead every
 * way of cutting the points in two is tried, those before on the line and those
 * behind on the cap, each solved exactly from running sums; where that puts the
 * corner outside its gap, the best corner at the gap's near end is taken.
 */
#include <math.h>
#include <stdlib.h>

#include "model.h"

static double saturation_rate(const struct model_host *host, const double *p,
                              double workers, double *gradient)
{
    bool is_capped = p[0] * workers > p[1];

    (void)host;
    gradient[0] = is_capped ? 0 : workers;
    gradient[1] = is_capped ? 1 : 0;
    return is_capped ? p[1] : p[0] * workers;
}

/* Weighted sums over points of s * s, s * y and y * y, where s is what the
 * points would be with a factor of 1; on logs of 1, y - ln s and its square. */
struct sums {
    double one;
    double y;
    double squares;
};

static void add(struct sums *sums, const struct points *points, size_t i,
                double s)
{
    const struct point *point = &points->points[i];
    bool is_log = points->objective == OBJECTIVE_LOG;
    double y = is_log ? point->y - log(s) : point->y;
    double one = is_log ? 1 : s;

    sums->one += point->weight * one * one;
    sums->y += point->weight * one * y;
    sums->squares += point->weight * y * y;
}

/* The sums as if s were `factor` times as large. */
static struct sums scaled(struct sums sums, bool is_log, double factor)
{
    double shift = log(factor);

    if (is_log)
        return (struct sums){sums.one, sums.y - shift * sums.one,
                             sums.squares - 2 * shift * sums.y +
                                 shift * shift * sums.one};
    return (struct sums){sums.one * factor * factor, sums.y * factor,
                         sums.squares};
}

static struct sums both(struct sums a, struct sums b)
{
    return (struct sums){a.one + b.one, a.y + b.y, a.squares + b.squares};
}

static double best_factor(struct sums sums, bool is_log)
{
    double mean = sums.y / sums.one;

    return is_log ? exp(mean) : mean;
}

/* The squares that the best factor leaves. */
static double rest(struct sums sums)
{
    return sums.squares - sums.y * sums.y / sums.one;
}

struct candidate {
    double gamma;
    double cap;
    double squares;
};

/* Points up to `last` on the line, `next` workers being the first count on the
 * cap. */
static struct candidate cut(struct sums line, struct sums cap, bool is_log,
                            double last, double next)
{
    struct candidate found = {best_factor(line, is_log),
                              best_factor(cap, is_log), rest(line) + rest(cap)};
    double corner = found.cap / found.gamma;

    if (corner >= last && corner <= next)
        return found;
    line = both(line, scaled(cap, is_log, last)); /* a corner at `last` */
    found.gamma = best_factor(line, is_log);
    found.cap = found.gamma * last;
    found.squares = rest(line);
    return found;
}

static bool saturation_solve(const struct points *points, double *p)
{
    bool is_log = points->objective == OBJECTIVE_LOG;
    struct sums *caps = calloc(points->count + 1, sizeof *caps);
    struct candidate best = {NAN, NAN, INFINITY};
    struct sums line = {0};

    if (caps == NULL)
        return false;
    for (size_t i = points->count; i > 0; i--) { /* from i - 1 to the end */
        caps[i - 1] = caps[i];
        add(&caps[i - 1], points, i - 1, 1);
    }
    for (size_t i = 0; i + 1 < points->count; i++) {
        struct candidate now;
        add(&line, points, i, points->points[i].workers);
        if (line.one == 0 || caps[i + 1].one == 0)
            continue; /* nothing drawn on one side of a resample */
        now = cut(line, caps[i + 1], is_log, points->points[i].workers,
                  points->points[i + 1].workers);
        if (now.squares < best.squares)
            best = now;
    }
    free(caps);
    p[0] = best.gamma;
    p[1] = best.cap;
    return best.gamma > 0;
}

static double saturation_peak(const struct model_host *host, const double *p)
{
    (void)host;
    return fmax(1, p[1] / p[0]);
}

static double saturation_limit(const struct model_host *host, const double *p)
{
    (void)host;
    return p[1];
}

const struct model model_saturation = {
    .name = "saturation",
    .formula = "X(N) = min(gamma N, cap_per_s)",
    .parameter_count = 2,
    .parameters = {{"gamma", "throughput of one worker", 0, INFINITY, true},
                   {"cap_per_s", "where it saturates", 0, INFINITY, true}},
    .rate = saturation_rate,
    .solve = saturation_solve,
    .peak = saturation_peak,
    .limit = saturation_limit,
};
