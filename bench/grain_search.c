/* SPDX-License-Identifier: MIT */
/*
 * First two values are looked for, of which one makes a task too short and the
 * other too long: away from where it begins, in steps that become larger where
 * nothing changes (what comes with every task hides its own time) and follow
 * the power otherwise; and in the other direction where the parameter's range
 * ends before that. Then the gap between the two is closed, by interpolation in
 * logarithms, and by halves where that moves the same end again.
 *
 * Other programs only lengthen a time, and by some factor. So a value that is
 * taken for too long is so at least but for that factor, and no disturbance
 * leads further astray than that; a direction is given up only at the end of
 * the range, or where times have changed by more than disturbances do.
 */
#include "grain_search.h"

#include <math.h>

enum { OUTWARD_MAX = 16, INWARD_MAX = 16 };

static const double NEAR = 0.1;    /* in logarithms */
static const double SEEN = 0.25;   /* in logarithms: worth a larger step */
static const double CERTAIN = 1.8; /* in logarithms: sixfold, no disturbance */
static const double LEAP = 64;
static const double PATIENCE_S = 1; /* for steps from what is too long */

struct point {
    double value;
    double task_s;
};

struct state {
    const struct grain_search *search;
    struct point best;
    struct point ends[2]; /* too short, too long */
    bool has_failed;      /* a value could not be tried */
};

static double within_limits(const struct grain_search *search, double value)
{
    value = fmax(value, search->is_whole ? 1 : 1e-6);
    value = fmin(fmax(value, search->minimum), search->maximum);
    return search->is_whole ? round(value) : value;
}

/* In logarithms; below 0: too short. */
static double beyond(const struct state *state, const struct point *point)
{
    return log(point->task_s / state->search->wanted_s);
}

static bool is_found(const struct state *state)
{
    return state->has_failed || fabs(beyond(state, &state->best)) < NEAR;
}

static struct point try_value(struct state *state, double value,
                              double expected_s)
{
    const struct grain_search *search = state->search;
    struct point point = {
        value, search->try_value(search->context, value, expected_s)};

    if (!(point.task_s > 0))
        state->has_failed = true;
    else if (state->best.task_s == 0 ||
             fabs(beyond(state, &point)) < fabs(beyond(state, &state->best)))
        state->best = point;
    return point;
}

/* --- outwards --- */

enum way { BRACKETED, AT_THE_END, AWAY };

/* The factor of the next step, after one by `factor` from `from` to `to`. */
static double next_factor(const struct state *state, const struct point *from,
                          const struct point *to, double factor)
{
    double change = fabs(log(to->task_s / from->task_s)), power;

    if (change < SEEN)
        return fmin(factor * factor, LEAP);
    power = fmin(fmax(change / log(factor), 0.5), 4);
    return fmin(fmax(exp(fabs(beyond(state, to)) / power), 2), LEAP);
}

/* From `begin`, upwards (1) or downwards (-1). */
static enum way go(struct state *state, const struct point *begin,
                   int direction)
{
    bool is_long = beyond(state, begin) > 0;
    struct point at = *begin;
    double factor = 2;

    for (int i = 0; i < OUTWARD_MAX && !is_found(state); i++) {
        double value =
            within_limits(state->search, at.value * pow(factor, direction));
        if (value == at.value)
            return AT_THE_END;
        struct point next = try_value(state, value, at.task_s);
        if (state->has_failed)
            return AWAY;
        if ((beyond(state, &next) > 0) != is_long) {
            state->ends[is_long] = at;
            state->ends[!is_long] = next;
            return BRACKETED;
        }
        if (fabs(beyond(state, &next)) > fabs(beyond(state, begin)) + CERTAIN)
            return AWAY;
        factor = next_factor(state, &at, &next, factor);
        at = next;
    }
    return AT_THE_END;
}

/* Are two values known, one too short and one too long? */
static bool go_outwards(struct state *state, const struct point *begin)
{
    int direction = beyond(state, begin) > 0 ? -1 : 1;
    enum way way = go(state, begin, direction);
    bool has_come_nearer = fabs(beyond(state, &state->best)) + CERTAIN <
                           fabs(beyond(state, begin));

    /* the other direction lengthens what is too long already, unless time falls
     * where the parameter rises */
    if (way == BRACKETED || is_found(state) ||
        (way == AT_THE_END &&
         (has_come_nearer ||
          (direction < 0 && begin->task_s * LEAP > PATIENCE_S))))
        return way == BRACKETED;
    return go(state, begin, -direction) == BRACKETED;
}

/* --- inwards --- */

static void go_inwards(struct state *state)
{
    struct point *ends = state->ends;
    int moved[2] = {-1, -2}; /* the ends that moved last */

    for (int i = 0; i < INWARD_MAX && !is_found(state); i++) {
        double part =
            -beyond(state, &ends[0]) / log(ends[1].task_s / ends[0].task_s);
        if (moved[0] == moved[1])
            part = 0.5;
        part = fmin(fmax(part, 0.05), 0.95);
        double value = within_limits(
            state->search,
            ends[0].value * pow(ends[1].value / ends[0].value, part));
        if (value == ends[0].value || value == ends[1].value)
            return;
        struct point next = try_value(state, value, state->search->wanted_s);
        if (state->has_failed)
            return;
        moved[1] = moved[0];
        moved[0] = beyond(state, &next) > 0;
        ends[moved[0]] = next;
    }
}

bool grain_search(const struct grain_search *search, double *value,
                  double *task_s)
{
    struct state state = {.search = search};
    struct point begin =
        try_value(&state, within_limits(search, *value), INFINITY);

    if (state.has_failed)
        return false;
    if (go_outwards(&state, &begin))
        go_inwards(&state);
    *value = state.best.value;
    *task_s = state.best.task_s;
    return true;
}
