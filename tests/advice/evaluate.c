/* SPDX-License-Identifier: MIT */
/*
 * How good is the advice? Recommendations on curves that are known, with
 * planted noise, beside what rules of thumb say of the same curves, and once more
 * with samples as a busy machine gives them. Prints the tables of
 * docs/recommend.md; exits with 1 where a promise is not kept.
 *
 *     evaluate [RECOMMENDATIONS] [SEED]
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "fit.h"
#include "truth.h"

static const double WITHIN = 0.05;

enum { KNEE, THROUGHPUT, GOALS };

/* What one way of choosing has come to. */
struct tally {
    const char *name;
    double *loss;  /* of throughput: regret, or shortfall for the knee */
    double excess; /* sums: count over the true knee                  */
    double cost;
    size_t count;
};

/* Of the advice alone. */
struct sets {
    size_t held, trials;
    double *width;
    size_t wide_trials, over_exhaustive;
    double wide_cost; /* over exhaustive, where most >= 32 */
};

struct evaluation {
    size_t trials;
    uint64_t seed;
    bool is_busy;
    struct tally rules[GOALS][8];
    size_t rule_count;
    struct sets sets[GOALS];
};

static int compare(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;

    return (left > right) - (left < right);
}

static double quantile_of(double *values, size_t count, double p)
{
    size_t index = (size_t)ceil(p * (double)count);

    qsort(values, count, sizeof *values, compare);
    return count == 0 ? NAN : values[index > 0 ? index - 1 : 0];
}

static double mean_of(const double *values, size_t count)
{
    double sum = 0;

    for (size_t i = 0; i < count; i++)
        sum += values[i];
    return sum / (double)count;
}

static void score(struct evaluation *evaluation, int goal, size_t rule,
                  const char *name, const struct truth *truth, size_t chosen,
                  double runs)
{
    struct tally *tally = &evaluation->rules[goal][rule];
    double share = truth->per_s[chosen] / truth->per_s[truth_best(truth)];
    double allowed = goal == KNEE ? 1 - WITHIN : 1;

    tally->name = name;
    tally->loss[tally->count++] = fmax(0, allowed - share);
    tally->excess += (double)chosen / (double)truth_knee(truth, WITHIN);
    tally->cost += runs;
}

/* --- the advice --- */

static void drive(struct truth *truth, const struct advice_request *request,
                  struct advice_answer *answer)
{
    struct advice *advice = advice_create(request);
    struct advice_step step;

    while (advice != NULL && advice_next(advice, &step)) {
        double block = truth_block(truth);

        for (size_t i = 0; i < step.count; i++) {
            const struct advice_sample sample = {
                .what = step.cases[i],
                .per_s = truth_sample(truth, step.cases[i].workers, block),
                .latency_s = NAN,
                .cpu_s = NAN};

            if (!advice_add(advice, &sample))
                abort();
        }
    }
    if (advice == NULL || !advice_conclude(advice, answer))
        abort();
    advice_destroy(advice);
}

static void score_sets(struct sets *sets, const struct truth *truth,
                       size_t right, const struct advice_answer *answer)
{
    double exhaustive = 10 * (double)truth->most;

    sets->held +=
        answer->confidence[0] <= right && right <= answer->confidence[1];
    sets->width[sets->trials++] =
        (double)answer->confidence[1] / (double)answer->confidence[0];
    sets->over_exhaustive += (double)answer->runs > exhaustive;
    if (truth->most >= 32) {
        sets->wide_trials++;
        sets->wide_cost += (double)answer->runs / exhaustive;
    }
}

static void advise(struct evaluation *evaluation, struct truth *truth, int goal)
{
    const struct advice_request request = {
        .goal = goal == KNEE ? ADVICE_KNEE : ADVICE_THROUGHPUT,
        .within = WITHIN,
        .most = {truth->most},
        .lane_count = 1,
        .marks = {truth->cpus / 2, truth->cpus},
        .mark_count = 2,
        .nproc = truth->cpus};
    struct advice_answer answer;

    drive(truth, &request, &answer);
    if (!answer.exists)
        abort();
    score(evaluation, goal, 0, "recommend", truth, answer.chosen.workers,
          (double)answer.runs);
    score_sets(&evaluation->sets[goal], truth,
               goal == KNEE ? truth_knee(truth, WITHIN) : truth_best(truth),
               &answer);
    if (getenv("EVALUATE_VERBOSE") != NULL)
        printf("%s %zu %g%s: knee %zu best %zu: %zu [%zu, %zu] runs %zu\n",
               truth->kind, truth->most, truth->noise,
               truth->is_busy ? " busy" : "", truth_knee(truth, WITHIN),
               truth_best(truth), answer.chosen.workers, answer.confidence[0],
               answer.confidence[1], answer.runs);
}

/* --- what others say --- */

static size_t at_most(const struct truth *truth, double count)
{
    if (!(count >= 1))
        return 1;
    return count > (double)truth->most ? truth->most : (size_t)count;
}

/* Means of five samples at the powers of two. */
static size_t sweep(struct truth *truth, struct scaling_value *values)
{
    size_t count = 0;

    for (size_t block = 0; block < 5; block++) {
        double factor = truth_block(truth);

        for (size_t n = 1; n <= truth->most; n *= 2)
            values[count++] =
                (struct scaling_value){.workers = (double)n,
                                       .rate = truth_sample(truth, n, factor),
                                       .block = block};
    }
    return count;
}

static size_t choose_power(const struct truth *truth,
                           const struct scaling_value *values, size_t count,
                           double within)
{
    double sums[TRUTH_MOST + 1] = {0};
    double most = 0;

    for (size_t i = 0; i < count; i++)
        sums[(size_t)values[i].workers] += values[i].rate;
    for (size_t n = 1; n <= truth->most; n *= 2)
        most = fmax(most, sums[n]);
    for (size_t n = 1; n <= truth->most; n *= 2)
        if (sums[n] >= (1 - within) * most)
            return n;
    return truth->most;
}

static size_t choose_usl_peak(const struct truth *truth,
                              const struct scaling_value *values, size_t count)
{
    const struct model_host host = {0};
    struct points points;
    struct fit fit;
    size_t chosen = truth->most;

    if (!points_create(values, count, OBJECTIVE_LOG, &points))
        abort();
    if (fit_model(&model_usl, &host, &points, &fit))
        chosen = at_most(truth, model_usl.peak(&host, fit.parameters));
    points_finish(&points);
    return chosen;
}

static void score_rules(struct evaluation *evaluation, struct truth *truth,
                        int goal)
{
    struct scaling_value values[5 * 16];
    size_t count = sweep(truth, values);
    double cpus = (double)truth->cpus;
    size_t rule = 1;

    score(evaluation, goal, rule++, "nproc", truth, at_most(truth, cpus), 0);
    score(evaluation, goal, rule++, "CPython: min(32, nproc + 4)", truth,
          at_most(truth, fmin(32, cpus + 4)), 0);
    score(evaluation, goal, rule++, "2 nproc", truth, at_most(truth, 2 * cpus),
          0);
    score(evaluation, goal, rule++, "Goetz: nproc (1 + W/C)", truth,
          at_most(truth, cpus * (1 + truth->wait_ratio)), 0);
    score(evaluation, goal, rule++, "powers of two, 5 blocks", truth,
          choose_power(truth, values, count, goal == KNEE ? WITHIN : 0),
          (double)count);
    if (truth->most >= 8)
        score(evaluation, goal, rule, "USL peak, the same samples", truth,
              choose_usl_peak(truth, values, count), (double)count);
    evaluation->rule_count = rule + 1;
}

/* --- tables --- */

static void print_table(struct evaluation *evaluation, int goal)
{
    static const char *const titles[GOALS][2] = {
        {"goal knee (loss below 95 % of the best)", "goal knee, busy machine"},
        {"goal throughput (loss below the best)",
         "goal throughput, busy machine"}};

    printf("\n| %s | mean loss | p95 | worst | count / true knee | runs |\n"
           "|---|---|---|---|---|---|\n",
           titles[goal][evaluation->is_busy]);
    for (size_t i = 0; i < evaluation->rule_count; i++) {
        struct tally *tally = &evaluation->rules[goal][i];
        double count = (double)tally->count;

        if (tally->count == 0)
            continue;
        printf("| %s | %.2f %% | %.1f %% | %.1f %% | %.2f | %.0f |\n",
               tally->name, 100 * mean_of(tally->loss, tally->count),
               100 * quantile_of(tally->loss, tally->count, 0.95),
               100 * quantile_of(tally->loss, tally->count, 1),
               tally->excess / count, tally->cost / count);
    }
}

static void print_sets(struct evaluation *evaluation, int goal)
{
    struct sets *sets = &evaluation->sets[goal];

    printf(
        "\nThe 95 %% set of goal %s held the truth in %.1f %% of %zu trials; "
        "its width, last over first: median %.2f, p90 %.2f. Runs over those "
        "of an exhaustive sweep of 10 blocks: %.0f %% where there were 32 or "
        "more counts; above it in %zu trials.\n",
        goal == KNEE ? "knee" : "throughput",
        100 * (double)sets->held / (double)sets->trials, sets->trials,
        quantile_of(sets->width, sets->trials, 0.5),
        quantile_of(sets->width, sets->trials, 0.9),
        100 * sets->wide_cost / (double)sets->wide_trials,
        sets->over_exhaustive);
}

/* --- promises --- */

static int broken;

static void promise(const char *what, double value, double most)
{
    if (value <= most)
        return;
    printf("BROKEN: %s is %.4g, above %.4g\n", what, value, most);
    broken = 1;
}

static void check(struct evaluation *evaluation)
{
    struct tally *knee = &evaluation->rules[KNEE][0];
    struct tally *best = &evaluation->rules[THROUGHPUT][0];
    struct sets *sets = &evaluation->sets[KNEE];

    promise("the mean regret", mean_of(best->loss, best->count), 0.01);
    promise("its p95", quantile_of(best->loss, best->count, 0.95), 0.05);
    promise("the mean shortfall", mean_of(knee->loss, knee->count), 0.005);
    promise("its p95", quantile_of(knee->loss, knee->count, 0.95), 0.03);
    promise("the count over the true knee", knee->excess / (double)knee->count,
            1.2);
    promise("its set's median width",
            quantile_of(sets->width, sets->trials, 0.5), 1.5);
    for (int goal = 0; goal < GOALS; goal++) {
        sets = &evaluation->sets[goal];
        promise("what a 95 % set misses",
                1 - (double)sets->held / (double)sets->trials, 0.07);
        promise("the cost", sets->wide_cost / (double)sets->wide_trials, 0.3);
        promise("trials that cost more than all counts",
                (double)sets->over_exhaustive, 0);
    }
}

static void make_room(struct evaluation *evaluation)
{
    for (int goal = 0; goal < GOALS; goal++) {
        for (size_t i = 0; i < 8; i++)
            if ((evaluation->rules[goal][i].loss =
                     calloc(evaluation->trials, sizeof(double))) == NULL)
                abort();
        evaluation->sets[goal].width =
            calloc(evaluation->trials, sizeof(double));
        if (evaluation->sets[goal].width == NULL)
            abort();
    }
}

static void free_room(struct evaluation *evaluation)
{
    for (int goal = 0; goal < GOALS; goal++) {
        for (size_t i = 0; i < 8; i++)
            free(evaluation->rules[goal][i].loss);
        free(evaluation->sets[goal].width);
    }
}

/* All trials for both goals, the tables, and what is promised. */
static void evaluate(size_t trials, uint64_t seed, bool is_busy)
{
    struct evaluation evaluation = {
        .trials = trials, .seed = seed, .is_busy = is_busy};

    make_room(&evaluation);
    for (size_t i = 0; i < trials; i++)
        for (int goal = 0; goal < GOALS; goal++) {
            struct truth truth;

            truth_make(seed, i, &truth);
            truth.is_busy = is_busy;
            advise(&evaluation, &truth, goal);
            score_rules(&evaluation, &truth, goal);
        }
    for (int goal = 0; goal < GOALS; goal++) {
        print_table(&evaluation, goal);
        print_sets(&evaluation, goal);
    }
    check(&evaluation);
    free_room(&evaluation);
}

int main(int argc, char **argv)
{
    size_t trials = argc > 1 ? strtoul(argv[1], NULL, 10) : 1440;
    uint64_t seed = argc > 2 ? strtoull(argv[2], NULL, 10) : 1;

    printf("%zu recommendations for each goal, seed %llu.\n", trials,
           (unsigned long long)seed);
    evaluate(trials, seed, false);
    evaluate(trials, seed, true);
    return broken;
}
