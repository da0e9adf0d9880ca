/* SPDX-License-Identifier: MIT */
/*
 * The number first, then how sure it is, why no more, what others would have
 * said, and the line to paste. The two sets are told apart: where the truth may
 * be, and what is as good.
 */
#include "recommend_print.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
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
    if (is_near_best && isnan(one->good_set[0]))
        printf("; not shown to be within %g %% of the best",
               100 * one->within_ratio);
    else if (is_near_best && is_flat)
        printf("; flat: any of %s is within %g %%", good,
               100 * one->within_ratio);
    else if (is_near_best)
        printf("; %s %s within %g %% of the best", good,
               one->good_set[0] == one->good_set[1] ? "is" : "are",
               100 * one->within_ratio);
    printf(")\n");
    if (!one->shown)
        table_sentence("  not shown   ",
                       "by the estimates alone: the noise hides the rest; "
                       "more tasks or a quieter machine would tell");
}

/* --- the lines below it --- */

struct line {
    FILE *file; /* NULL: no memory, nothing is printed */
    char *text;
    size_t bytes;
};

static void line_begin(struct line *line)
{
    *line = (struct line){0};
    line->file = open_memstream(&line->text, &line->bytes);
}

static void line_end(struct line *line, const char *label)
{
    if (line->file != NULL && fclose(line->file) == 0)
        table_sentence(label, line->text);
    free(line->text);
}

static void line_drop(struct line *line)
{
    if (line->file != NULL)
        fclose(line->file);
    free(line->text);
}

/* Adds to the line, which may be none. */
__attribute__((format(printf, 2, 3))) static void add(struct line *line,
                                                      const char *format, ...)
{
    va_list arguments;

    if (line->file == NULL)
        return;
    va_start(arguments, format);
    vfprintf(line->file, format, arguments);
    va_end(arguments);
}

static const char *confirmed_words(const struct record_recommendation *one)
{
    return one->confirmed ? "; confirmed by fresh samples"
                          : "; not confirmed by fresh samples";
}

/* What the goal is about, where that is not the throughput. */
static bool print_goal(const struct record *record,
                       const struct record_recommendation *one)
{
    bool is_latency = strcmp(one->goal, "latency") == 0;
    char measured[160], asked[64];
    struct line line;

    if (!findings_goal(record, one, (size_t)one->workers, measured,
                       sizeof measured))
        return false;
    findings_goal_asked(one, asked, sizeof asked);
    line_begin(&line);
    add(&line, "%s%s%s", measured, asked,
        is_latency ? confirmed_words(one) : "");
    line_end(&line, is_latency                           ? "  latency     "
                    : strcmp(one->goal, "cpu-cost") == 0 ? "  cost        "
                                                         : "  efficiency  ");
    return is_latency;
}

/* `is_told`: whether fresh samples have confirmed the answer. In an open loop
 * no count is below another: throughput is what comes. */
static void print_throughput(const struct record *record,
                             const struct record_recommendation *one,
                             bool is_told)
{
    double came_per_s = findings_rate(record);
    char rate[32], best[80];
    struct line line;

    quantity_text(rate, sizeof rate, QUANTITY_RATE, one->throughput_per_s);
    findings_workers(best, sizeof best, one->best_backend,
                     (size_t)one->best_workers);
    line_begin(&line);
    if (came_per_s > 0)
        add(&line, "%s of %.4g /s that came", rate, came_per_s);
    else if (one->workers == one->best_workers &&
             strcmp(one->backend, one->best_backend) == 0)
        add(&line, "%s, the best measured", rate);
    else
        add(&line, "%s, %.1f %% [%.1f, %.1f] below the best measured, %s", rate,
            100 * one->regret_ratio, 100 * one->regret_ci95[0],
            100 * one->regret_ci95[1], best);
    add(&line, "%s", is_told ? "" : confirmed_words(one));
    line_end(&line, "  throughput  ");
}

static void print_cause(const struct record_recommendation *one)
{
    const char *words = findings_cause(one->cause);
    struct line line;

    line_begin(&line);
    add(&line, "%s", words != NULL ? words : "none");
    for (size_t i = 0; i < one->evidence.count; i++)
        add(&line, "%s %s", i == 0 ? ":" : ";", one->evidence.list[i]);
    line_end(&line, "  cause       ");
}

/* In an open loop throughput is what comes: it tells nothing of a count. */
static void print_alternatives(const struct record *record,
                               const struct record_recommendation *one)
{
    struct line line;
    char goal[160];

    line_begin(&line);
    for (size_t i = 0; i < one->alternative_count; i++) {
        const struct record_alternative *other = &one->alternatives[i];
        bool has_goal =
            findings_goal(record, one, other->workers, goal, sizeof goal);

        add(&line, "%s%s: %zu", i > 0 ? "; " : "", other->name, other->workers);
        if (isnan(other->regret_ratio))
            add(&line, " (not measured)");
        else if (has_goal && findings_rate(record) > 0)
            add(&line, " (%s)", goal);
        else
            add(&line, " (%.0f %% below the best%s%s)",
                100 * other->regret_ratio, has_goal ? ", " : "",
                has_goal ? goal : "");
    }
    line_end(&line, "  instead     ");
}

/* Samples of a workload that are in the record and in no statistic. */
static size_t pilot_count(const struct record *record, const char *workload)
{
    size_t count = 0;

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];

        count +=
            sample->warmup &&
            strcmp(record->cases[sample->case_index].workload, workload) == 0;
    }
    return count;
}

static void print_measured(const struct record *record,
                           const struct record_recommendation *one)
{
    size_t pilots = pilot_count(record, one->workload);

    printf("  measured    %zu count%s in %zu sample%s", one->point_count,
           say_plural(one->point_count), one->run_count,
           say_plural(one->run_count));
    if (pilots > 0)
        printf(", after %zu of a pilot that do not count", pilots);
    putchar('\n');
}

/* What has no part in the answer, though it might have been it. */
static void print_failed(const struct record *record, const char *workload)
{
    struct line line;
    size_t count = 0;

    line_begin(&line);
    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];
        char workers[80];

        if (one->status != CASE_FAILED || strcmp(one->workload, workload) != 0)
            continue;
        findings_workers(workers, sizeof workers, one->backend, one->workers);
        add(&line, "%s%s (%s)", count++ == 0 ? "" : "; ", workers,
            one->reason != NULL ? one->reason : "no reason is known");
    }
    if (count > 0)
        line_end(&line, "  failed      ");
    else
        line_drop(&line);
}

static void print_answer(const struct record *record,
                         const struct record_recommendation *one)
{
    print_number(one);
    print_throughput(record, one, print_goal(record, one));
    print_cause(one);
    print_alternatives(record, one);
    if (one->limits.count > 0) {
        struct line line;

        line_begin(&line);
        add(&line, "up to what allows the fewest: %s", one->limits.list[0]);
        line_end(&line, "  looked at   ");
    }
    print_measured(record, one);
    print_failed(record, one->workload);
    table_sentence("  paste       ", one->paste);
}

void recommend_print(const struct record *record, bool is_number_alone)
{
    for (size_t i = 0; i < record->recommendation_count; i++) {
        const struct record_recommendation *one = &record->recommendations[i];
        char workload[64], missed[280];

        findings_goal_missed(record, one, missed, sizeof missed);
        if (one->backend == NULL)
            say_trouble("%s: no answer: %s%s",
                        say_safe(one->workload, workload, 64), one->reason,
                        missed);
        else if (is_number_alone)
            printf("%.0f\n", one->workers);
        else
            print_answer(record, one);
    }
}
