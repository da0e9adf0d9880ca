/* SPDX-License-Identifier: MIT */
/*
 * What is answered when the measuring has ended. The regret is from the fresh
 * samples of the confirmation where there are any: those of the race have
 * chosen the answer, and would flatter it.
 */
#include "advice_impl.h"

#include <math.h>

/* What the fresh samples' estimate must reach: as near to the best as was asked
 * for, or 2 % where that is more. Where the goal is not to be near the best,
 * they are to say what the race said, but for as much as was asked for. */
static double least_confirmed(const struct advice *advice, double difference)
{
    switch (advice->request.goal) {
    case ADVICE_KNEE:
    case ADVICE_THROUGHPUT:
        return fmin(advice_threshold(advice), log(0.98));
    case ADVICE_LATENCY:
    case ADVICE_EFFICIENCY:
    case ADVICE_CPU_COST:
        break;
    }
    return difference + log(1 - advice->request.within);
}

/* Throughput does not tell whether a latency is kept: in an open loop it is the
 * rate at which tasks come, whatever these take. */
static bool keeps_latency(const struct advice *advice, size_t point)
{
    const struct advice_tally *fresh = &advice->points[point].fresh_latency;

    return advice->request.goal != ADVICE_LATENCY ||
           (fresh->count > 0 &&
            fresh->sum / (double)fresh->count <= log(advice->request.slo_s));
}

/* What the fresh samples say of the choice against the best, where there are
 * any; else what the race said. */
static void judge_regret(struct advice *advice, size_t chosen, size_t best,
                         struct advice_answer *answer)
{
    double difference = advice_difference(advice, chosen, best);
    double half =
        chosen == best ? 0 : difference - advice_lower(advice, chosen, best);
    double allowed = least_confirmed(advice, difference);
    struct layout race = advice->layout;

    answer->is_confirmed = false;
    if (advice->fresh.count > 0 &&
        layout_fit(advice->fresh.list, advice->fresh.count, advice->point_count,
                   advice->block, &advice->layout)) {
        if (chosen != best) {
            difference = advice_difference(advice, chosen, best);
            half = difference - advice_lower(advice, chosen, best);
        }
        answer->is_confirmed =
            difference >= allowed && keeps_latency(advice, chosen);
        layout_finish(&advice->layout);
        advice->layout = race;
    }
    answer->regret = fmax(0, 1 - exp(difference));
    answer->regret_ci95[0] = fmax(0, 1 - exp(difference + half));
    answer->regret_ci95[1] = fmax(0, 1 - exp(difference - half));
}

static double rate_of(const struct advice *advice, size_t point)
{
    double sum = 0, count = 0;

    for (size_t i = 0; i < advice->race.count; i++) {
        if (advice->race.list[i].point != point)
            continue;
        sum += advice->race.list[i].y;
        count++;
    }
    return exp(sum / count);
}

static bool has_failed(const struct advice *advice)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (advice->points[i].is_failed)
            return true;
    return false;
}

/* Was the goal's percentile never known of a count? */
static bool has_no_latency(const struct advice *advice)
{
    for (size_t i = 0; i < advice->point_count; i++)
        if (advice->points[i].samples > 0 &&
            advice->points[i].latency.count == 0)
            return true;
    return false;
}

static const char *why_not(const struct advice *advice)
{
    if (advice->race.count == 0)
        return "nothing could be measured";
    if (advice->request.goal == ADVICE_LATENCY)
        return has_no_latency(advice)
                   ? "no count is shown to keep the latency, and some had too "
                     "few tasks in a sample for its percentile"
                   : "no count is shown to keep the latency";
    return has_failed(advice) ? "counts failed, and too few are left"
                              : "too few blocks";
}

bool advice_conclude(struct advice *advice, struct advice_answer *answer)
{
    size_t chosen, best;

    *answer = (struct advice_answer){.runs = advice->runs};
    for (size_t i = 0; i < advice->point_count; i++)
        answer->point_count += advice->points[i].samples > 0;
    if (advice->race.count > 0 && !advice_refit(advice))
        return false;
    if (!advice->has_layout ||
        (!(advice->layout.df >= 1) && advice->point_count > 1) ||
        (chosen = advice_choice(advice, &answer->is_shown)) == NO_POINT) {
        answer->why = why_not(advice);
        return true;
    }
    best = advice_best(advice);
    answer->exists = true;
    answer->chosen = advice->points[chosen].what;
    answer->best = advice->points[best].what;
    answer->per_s = rate_of(advice, chosen);
    advice_confidence(advice, chosen, answer->confidence);
    advice_good(advice, chosen, answer->good);
    if (advice->request.goal == ADVICE_THROUGHPUT)
        answer->is_shown = answer->good[0] > 0;
    answer->is_flat = answer->good[1] > 4 * answer->good[0];
    answer->is_at_end = advice_above(advice, best) == NO_POINT;
    judge_regret(advice, chosen, best, answer);
    return true;
}

double advice_ratio_to_best(struct advice *advice,
                            const struct advice_case *what)
{
    size_t point = advice_find(advice, what);
    size_t best = advice->has_layout ? advice_best(advice) : NO_POINT;

    if (point == NO_POINT || best == NO_POINT ||
        !advice_is_known(advice, point))
        return NAN;
    return exp(advice_difference(advice, point, best));
}
