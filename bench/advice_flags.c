/* SPDX-License-Identifier: MIT */
/* What "best" means is chosen, not guessed: the goal and its numbers. */
#include "advice_flags.h"

#include <stdlib.h>
#include <string.h>

#include "nearest.h"
#include "number.h"
#include "say.h"

enum flag_id { GOAL = ADVICE_FLAGS, WITHIN, SLO, MIN_EFF, QUIET };

const struct flag advice_flags[] = {
    {"goal", 0, "GOAL",
     "knee (default): the fewest workers within --within\n"
     "of the best; throughput: the best; latency: the\n"
     "best that keeps --slo, with --rate the fewest that\n"
     "do; efficiency: the most that keep --min-eff;\n"
     "cpu-cost: the least CPU time, among those within\n"
     "20 % of the best",
     GOAL},
    {"within", 0, "RATIO", "what counts as good as the best, default 5%",
     WITHIN},
    {"slo", 0, "pNN=TIME", "of goal latency: p50, p90, p99, such as p99=20ms",
     SLO},
    {"min-eff", 0, "RATIO", "of goal efficiency, default 0.7", MIN_EFF},
    {"quiet", 'q', NULL, "print the number of workers and nothing else", QUIET},
    {NULL, 0, NULL, NULL, 0},
};

static const char *const goals[] = {
    [ADVICE_KNEE] = "knee",         [ADVICE_THROUGHPUT] = "throughput",
    [ADVICE_LATENCY] = "latency",   [ADVICE_EFFICIENCY] = "efficiency",
    [ADVICE_CPU_COST] = "cpu-cost",
};

const char *advice_goal_name(enum advice_goal goal)
{
    return goals[goal];
}

void advice_flags_defaults(struct advice_options *options)
{
    *options = (struct advice_options){
        .goal = ADVICE_KNEE, .within = 0.05, .min_efficiency = 0.7};
}

static bool read_goal(const char *value, struct advice_options *options)
{
    struct nearest nearest = nearest_start(value);
    char meant[80];

    for (size_t i = 0; i < sizeof goals / sizeof *goals; i++) {
        if (strcmp(value, goals[i]) == 0) {
            options->goal = (enum advice_goal)i;
            return true;
        }
        nearest_offer(&nearest, goals[i]);
    }
    say_trouble("--goal %.60s: no such goal%s", value,
                nearest.best != NULL
                    ? nearest_text(&nearest, meant)
                    : " (knee, throughput, latency, efficiency, cpu-cost)");
    return false;
}

static bool read_slo(const char *value, struct advice_options *options)
{
    static const struct {
        const char *name;
        double p;
    } percentiles[] = {{"p50=", 0.5}, {"p90=", 0.9}, {"p99=", 0.99}};

    for (size_t i = 0; i < sizeof percentiles / sizeof *percentiles; i++) {
        if (strncmp(value, percentiles[i].name, 4) != 0 ||
            !number_duration(value + 4, &options->slo_s))
            continue;
        options->slo_p = percentiles[i].p;
        return true;
    }
    say_trouble("--slo %.60s: not p50, p90 or p99 = a time, such as p99=20ms",
                value);
    return false;
}

static bool read_ratio(const struct flag *flag, const char *value,
                       double *ratio)
{
    if (number_ratio(value, ratio) && *ratio < 1)
        return true;
    say_trouble("--%s %.60s: not a ratio below one, such as 5%% or 0.05",
                flag->name, value);
    return false;
}

bool advice_flags_take(const struct flag *flag, const char *value,
                       struct advice_options *options)
{
    switch ((enum flag_id)flag->id) {
    case GOAL:
        return read_goal(value, options);
    case WITHIN:
        return read_ratio(flag, value, &options->within);
    case SLO:
        return read_slo(value, options);
    case MIN_EFF:
        return read_ratio(flag, value, &options->min_efficiency);
    case QUIET:
        options->is_number_alone = true;
        return true;
    }
    return false;
}

bool advice_flags_check(const struct advice_options *options)
{
    if (options->goal == ADVICE_LATENCY && options->slo_p == 0) {
        say_trouble("--goal latency: needs --slo, such as --slo p99=20ms");
        return false;
    }
    if (options->goal == ADVICE_LATENCY || options->slo_p == 0)
        return true;
    say_trouble("--slo: is for --goal latency");
    return false;
}
