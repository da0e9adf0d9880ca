/* SPDX-License-Identifier: MIT */
/*
 * The number first, then how sure it is, why no more, what others would have
 * said, and the line to paste. The two sets are told apart: where the truth may
 * be, and what is as good.
 */
#include "recommend_print.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "findings.h"
#include "quantity.h"
#include "say.h"
#include "table.h"

static void say_range(char *text, size_t bytes, const double range[2])
{
    if (range[0] == range[1])
        snprintf(text, bytes, "%.0f", range[0]);
    else
        snprintf(text, bytes, "%.0f to %.0f", range[0], range[1]);
}

/* What the goal's answer is called. */
static const char *noun(const char *goal)
{
    return strcmp(goal, "knee") == 0 ? "the knee" : "the answer";
}

static void print_number(const struct record_recommendation *one)
{
    char workers[80], workload[64], sure[64], good[64];
    bool is_near_best =
        strcmp(one->goal, "knee") == 0 || strcmp(one->goal, "throughput") == 0;
    bool is_flat = one->good_set[1] > 4 * one->good_set[0];

    findings_workers(workers, sizeof workers, one->backend,
                     (size_t)one->workers);
    say_range(sure, sizeof sure, one->confidence_set);
    say_range(good, sizeof good, one->good_set);
    printf("%s: %s (%s is %s", say_safe(one->workload, workload, 64), workers,
           noun(one->goal), sure);
    if (is_near_best && is_flat)
        printf("; flat: any of %s is within %g %%", good,
               100 * one->within_ratio);
    else if (is_near_best)
        printf("; %s %s within %g %% of the best", good,
               one->good_set[0] == one->good_set[1] ? "is" : "are",
               100 * one->within_ratio);
    printf(")\n");
    if (!one->shown)
        printf(
            "  not shown   by the estimates alone: the noise hides the rest; "
            "more tasks or a quieter machine would tell\n");
}

static void print_throughput(const struct record_recommendation *one)
{
    char rate[32], best[80];

    quantity_text(rate, sizeof rate, QUANTITY_RATE, one->throughput_per_s);
    findings_workers(best, sizeof best, one->best_backend,
                     (size_t)one->best_workers);
    printf(
        "  throughput  %s, %.1f %% [%.1f, %.1f] below the best measured, %s; "
        "%s\n",
        rate, 100 * one->regret_ratio, 100 * one->regret_ci95[0],
        100 * one->regret_ci95[1], best,
        one->confirmed ? "confirmed by fresh samples"
                       : "not confirmed by fresh samples");
}

static void print_cause(const struct record_recommendation *one)
{
    printf("  cause       %s", one->cause != NULL ? one->cause : "none");
    for (size_t i = 0; i < one->evidence.count; i++)
        printf("%s %s", i == 0 ? ":" : ";", one->evidence.list[i]);
    printf("\n");
}

static void print_alternatives(const struct record_recommendation *one)
{
    printf("  instead     ");
    for (size_t i = 0; i < one->alternative_count; i++) {
        const struct record_alternative *other = &one->alternatives[i];

        printf("%s%s: %zu", i > 0 ? "; " : "", other->name, other->workers);
        if (isnan(other->regret_ratio))
            printf(" (not measured)");
        else
            printf(" (%.0f %% below the best)", 100 * other->regret_ratio);
    }
    printf("\n");
}

static void print_answer(const struct record_recommendation *one)
{
    print_number(one);
    print_throughput(one);
    print_cause(one);
    print_alternatives(one);
    if (one->limits.count > 0)
        printf("  looked at   up to what allows the fewest: %s\n",
               one->limits.list[0]);
    printf("  measured    %zu counts in %zu samples\n", one->point_count,
           one->run_count);
    printf("  paste       %s\n", one->paste);
}

void recommend_print(const struct record *record, bool is_number_alone)
{
    for (size_t i = 0; i < record->recommendation_count; i++) {
        const struct record_recommendation *one = &record->recommendations[i];
        char workload[64];

        if (one->backend == NULL)
            say_trouble("%s: no answer: %s",
                        say_safe(one->workload, workload, 64), one->reason);
        else if (is_number_alone)
            printf("%.0f\n", one->workers);
        else
            print_answer(one);
    }
}
