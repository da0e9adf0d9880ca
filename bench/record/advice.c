/* SPDX-License-Identifier: MIT */
/*
 * The course of an advice:
 *
 *      GRID ---- enough blocks ---> RACE ---- decided, or runs used up ---> CONFIRM
 *      all counts of the grid       counts that can win, and new ones       the answer,
 *                                   where the answer's edge lies            the best, nproc
 *
 * Each step is one block: the counts still in the race once, of those that are
 * well known only the best (advice_is_due()). What has left the race keeps its
 * samples, and they keep their part in the fit. The confirmation
 * is told apart: it judges the choice, so it must not have made it.
 */
#include "advice_impl.h"

#include <math.h>
#include <stdlib.h>

enum {
    BLOCKS_LEAST = 5, /* before an answer may be given     */
    BLOCKS_LOOK = 2,  /* before anything leaves the race   */
    BLOCKS_MOST = 40,
    BLOCKS_CONFIRM = 5,
};

/* --- points --- */

size_t advice_find(const struct advice *advice, const struct advice_case *what)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (advice->points[i].what.lane == what->lane &&
            advice->points[i].what.workers == what->workers)
            return i;
    return NO_POINT;
}

static size_t rounds(size_t tasks, size_t workers)
{
    return tasks / workers + (tasks % workers != 0);
}

size_t advice_step(const struct advice *advice, size_t lane, size_t workers)
{
    size_t tasks = advice->request.tasks[lane];

    if (tasks == 0 || workers == 0)
        return workers;
    return rounds(tasks, rounds(tasks, workers));
}

double advice_busy(const struct advice *advice, size_t lane, size_t workers)
{
    size_t tasks = advice->request.tasks[lane];

    if (tasks == 0)
        return (double)workers;
    return (double)tasks / (double)rounds(tasks, workers);
}

size_t advice_point_for(struct advice *advice, const struct advice_case *what)
{
    size_t found = advice_find(advice, what);

    if (found != NO_POINT || advice->point_count == ADVICE_POINTS)
        return found;
    advice->points[advice->point_count] = (struct advice_point){.what = *what};
    return advice->point_count++;
}

bool advice_is_known(const struct advice *advice, size_t point)
{
    return advice->has_layout && !advice->points[point].is_failed &&
           point < advice->layout.points && advice->points[point].samples > 0 &&
           !isnan(advice->layout.effect[point]);
}

static size_t neighbour(const struct advice *advice, size_t point,
                        bool is_above)
{
    const struct advice_case *from = &advice->points[point].what;
    size_t nearest = NO_POINT;

    for (size_t i = 0; i < advice->point_count; i++) {
        const struct advice_case *other = &advice->points[i].what;

        if (other->lane != from->lane || !advice_is_known(advice, i) ||
            (is_above ? other->workers <= from->workers
                      : other->workers >= from->workers))
            continue;
        if (nearest == NO_POINT ||
            (other->workers < advice->points[nearest].what.workers) == is_above)
            nearest = i;
    }
    return nearest;
}

size_t advice_below(const struct advice *advice, size_t point)
{
    return neighbour(advice, point, false);
}

size_t advice_above(const struct advice *advice, size_t point)
{
    return neighbour(advice, point, true);
}

size_t advice_active_count(const struct advice *advice)
{
    size_t count = 0;

    for (size_t i = 0; i < advice->point_count; i++)
        count += !advice->points[i].is_out && !advice->points[i].is_failed;
    return count;
}

/* --- coming and going --- */

/* At most what an exhaustive sweep of ten blocks takes; where that is large, a
 * part of it. Few answers take as much. */
static size_t standard_runs(const struct advice_request *request)
{
    const size_t enough = 112;
    size_t runs = 0;

    for (size_t i = 0; i < request->lane_count; i++) {
        size_t all = 10 * request->most[i];
        size_t part = enough + request->most[i];

        runs += all < part ? all : part;
    }
    return runs;
}

struct advice *advice_create(const struct advice_request *request)
{
    struct advice *advice = calloc(1, sizeof *advice);

    if (advice == NULL)
        return NULL;
    advice->request = *request;
    if (advice->request.most_runs == 0)
        advice->request.most_runs = standard_runs(request);
    advice_make_grid(advice);
    return advice;
}

void advice_destroy(struct advice *advice)
{
    if (advice == NULL)
        return;
    if (advice->has_layout)
        layout_finish(&advice->layout);
    free(advice->race.list);
    free(advice->fresh.list);
    free(advice);
}

static bool keep_value(struct advice_values *values,
                       const struct layout_value *value)
{
    if ((values->count & (values->count - 1)) == 0) {
        struct layout_value *grown = reallocarray(
            values->list, values->count == 0 ? 1 : 2 * values->count,
            sizeof *grown);

        if (grown == NULL)
            return false;
        values->list = grown;
    }
    values->list[values->count++] = *value;
    return true;
}

static void tally(struct advice_tally *to, double value)
{
    if (!(value > 0) || !isfinite(value))
        return;
    to->sum += log(value);
    to->squares += log(value) * log(value);
    to->count++;
}

/* It works although fewer have failed, in the same block before it: what they
 * met was not the limit. */
static void lift_limit(struct advice *advice, size_t index)
{
    struct advice_point *point = &advice->points[index];
    size_t *most = &advice->request.most[point->what.lane];

    if (point->what.workers <= *most)
        return;
    *most = point->what.workers;
    point->is_out = point->is_failed;
}

bool advice_add(struct advice *advice, const struct advice_sample *sample)
{
    size_t index = advice_point_for(advice, &sample->what);
    bool is_fresh = advice->phase == ADVICE_CONFIRM;
    struct layout_value value = {index, advice->block - 1, log(sample->per_s)};

    if (index == NO_POINT)
        return false;
    advice->runs++;
    lift_limit(advice, index);
    if (!is_fresh) {
        advice->points[index].samples++;
        tally(&advice->points[index].latency, sample->latency_s);
        tally(&advice->points[index].cpu, sample->cpu_s);
    } else {
        tally(&advice->points[index].fresh_latency, sample->latency_s);
    }
    return keep_value(is_fresh ? &advice->fresh : &advice->race, &value);
}

/* Do more workers than these work in that lane? */
static bool has_worked_above(const struct advice *advice,
                             const struct advice_case *what)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (advice->points[i].what.lane == what->lane &&
            advice->points[i].what.workers > what->workers &&
            advice->points[i].samples > 0)
            return true;
    return false;
}

void advice_fail(struct advice *advice, const struct advice_case *what)
{
    bool is_limit = !has_worked_above(advice, what);

    for (size_t i = 0; i < advice->point_count; i++) {
        struct advice_point *point = &advice->points[i];

        if (point->what.lane != what->lane ||
            point->what.workers < what->workers)
            continue;
        point->is_failed |= point->what.workers == what->workers;
        point->is_out |= is_limit || point->is_failed;
    }
    if (is_limit && what->workers <= advice->request.most[what->lane])
        advice->request.most[what->lane] = what->workers - 1;
}

bool advice_refit(struct advice *advice)
{
    if (advice->has_layout)
        layout_finish(&advice->layout);
    advice->has_layout =
        layout_fit(advice->race.list, advice->race.count, advice->point_count,
                   advice->block, &advice->layout);
    return advice->has_layout;
}

/* --- what comes next --- */

static void add_confirmed(struct advice *advice, struct advice_case what)
{
    size_t index = advice_find(advice, &what);

    if (what.workers < 1 || what.workers > advice->request.most[what.lane] ||
        (index != NO_POINT && advice->points[index].is_failed))
        return;
    for (size_t i = 0; i < advice->confirm_count; i++)
        if (advice->confirm[i].lane == what.lane &&
            advice->confirm[i].workers == what.workers)
            return;
    advice->confirm[advice->confirm_count++] = what;
}

/* The answer, the best and nproc, in blocks of their own, if there are runs
 * left for it. */
static bool begin_confirming(struct advice *advice)
{
    bool is_shown;
    size_t chosen = advice_choice(advice, &is_shown);
    size_t best = advice_best(advice);
    size_t left = advice->runs < advice->request.most_runs
                      ? advice->request.most_runs - advice->runs
                      : 0;
    size_t blocks;

    if (chosen == NO_POINT || best == NO_POINT)
        return false;
    add_confirmed(advice, advice->points[chosen].what);
    add_confirmed(advice, advice->points[best].what);
    add_confirmed(advice, (struct advice_case){advice->points[chosen].what.lane,
                                               advice->request.nproc});
    blocks = left / advice->confirm_count;
    if (blocks < BLOCKS_LOOK)
        return false;
    advice->confirm_end =
        advice->block + (blocks < BLOCKS_CONFIRM ? blocks : BLOCKS_CONFIRM);
    advice->phase = ADVICE_CONFIRM;
    return true;
}

/* Those that are due; one alone compares nothing, so then all. */
static bool fill_race(struct advice *advice, struct advice_step *step)
{
    bool is_shown;
    size_t chosen =
        advice->has_layout ? advice_choice(advice, &is_shown) : NO_POINT;

    for (int is_full = 0; is_full < 2; is_full++) {
        step->count = 0;
        for (size_t i = 0; i < advice->point_count; i++)
            if (!advice->points[i].is_out &&
                (is_full || advice_is_due(advice, i, chosen)))
                step->cases[step->count++] = advice->points[i].what;
        if (step->count > 1)
            break;
    }
    return step->count > 0;
}

/* A quarter is kept for the confirmation, as far as that needs it. */
static size_t race_runs(const struct advice *advice)
{
    size_t kept = advice->request.most_runs / 4;

    return advice->request.most_runs - (kept < 15 ? kept : 15);
}

static bool is_race_over(struct advice *advice, bool is_refined)
{
    if (advice->runs + advice_active_count(advice) > race_runs(advice) &&
        advice->block >= BLOCKS_LOOK)
        return advice->is_used_up = true;
    if (advice->block >= BLOCKS_MOST)
        return advice->is_used_up = true;
    if (advice_active_count(advice) < 2)
        return advice->block >= BLOCKS_LEAST;
    return !is_refined && advice->block >= BLOCKS_LEAST &&
           advice_is_decided(advice);
}

void advice_hurry(struct advice *advice)
{
    if (advice->phase != ADVICE_CONFIRM)
        advice->is_hurried = advice->is_used_up = true;
}

static bool next_confirm(struct advice *advice, struct advice_step *step)
{
    if (advice->block >= advice->confirm_end)
        return false;
    step->count = advice->confirm_count;
    for (size_t i = 0; i < step->count; i++)
        step->cases[i] = advice->confirm[i];
    return true;
}

bool advice_next(struct advice *advice, struct advice_step *step)
{
    bool is_refined = false;

    if (advice->phase != ADVICE_CONFIRM && advice->block >= BLOCKS_LOOK) {
        if (!advice_refit(advice))
            return false;
        advice->phase = ADVICE_RACE;
        advice_drop(advice);
        is_refined = advice_refine(advice);
        if ((is_race_over(advice, is_refined) || advice->is_hurried) &&
            !begin_confirming(advice))
            return false;
    }
    if (advice->phase == ADVICE_CONFIRM ? !next_confirm(advice, step)
                                        : !fill_race(advice, step))
        return false;
    step->phase = advice->phase;
    step->block = advice->block++;
    return true;
}
