/* SPDX-License-Identifier: MIT */
/* A line for each backend and worker count: both times, their ratio, the
 * verdict on it, and what this run could have seen. */
#include "versus.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "command.h"
#include "number.h"
#include "precision.h"
#include "quantity.h"
#include "say.h"
#include "sides.h"
#include "table.h"

/* "old: xz -6 {}", or a workload with the parameters that were given. */
static void print_side(const struct plan_workload *work)
{
    char safe[200];

    printf("%s: ", work->side);
    if (command_is(work->workload->name)) {
        puts(say_safe(work->values[COMMAND_WORDS].text, safe, sizeof safe));
        return;
    }
    fputs(say_safe(work->workload->name, safe, sizeof safe), stdout);
    for (size_t i = 0; i < work->text_count; i++)
        printf(" %s", say_safe(work->texts[i], safe, sizeof safe));
    putchar('\n');
}

/* The time of one task of a case, right-aligned; a micro sign is two bytes. */
static void print_time(const struct record *record, size_t index)
{
    const struct record_summary *elapsed =
        record_find_summary(record, index, "elapsed_s", NO_CASE);
    double tasks = (double)record->cases[index].tasks;
    char text[32];
    int width = 9;

    quantity_text(text, sizeof text, QUANTITY_SECONDS,
                  elapsed == NULL ? NAN : elapsed->estimate / tasks);
    printf(" %*s", width + (strchr(text, '\302') != NULL), text);
}

/* What an inconclusive pair would take, below its line. Without an interval
 * nothing foretells that; samples that were set aside are not among its blocks. */
static void print_outlook(const struct record_comparison *one)
{
    bool has_interval = !isnan(one->ci95[0]);
    char safe[80];

    if (!isnan(one->blocks_needed) && has_interval)
        printf("%14sabout %.0f blocks would tell, if the ratio stays\n", "",
               one->blocks_needed);
    else if (one->reason != NULL)
        printf("%14s%s\n", "", say_safe(one->reason, safe, sizeof safe));
}

/* `width` is that of the backends' column. */
static void print_pair(const struct record *record, size_t width,
                       const struct record_comparison *one)
{
    const struct record_case *new_case = &record->cases[one->a];
    char interval[40] = "-", sees[24] = "-", ratio[24] = "-";
    char low[16], high[16];
    char backend[4 * TABLE_BACKEND_MOST + 1];

    if (!isnan(one->ratio))
        snprintf(ratio, sizeof ratio, "%sx",
                 number_format_decimals(one->ratio, 3, low));
    if (!isnan(one->ci95[0]))
        snprintf(interval, sizeof interval, "[%s, %s]",
                 number_format_decimals(one->ci95[0], 3, low),
                 number_format_decimals(one->ci95[1], 3, high));
    if (!isnan(one->detectable_ratio))
        snprintf(sees, sizeof sees, "%s %%",
                 number_format_decimals(100 * one->detectable_ratio, 1, low));
    printf("%s %3zu", say_cell(new_case->backend, width, width, backend),
           new_case->workers);
    print_time(record, one->b);
    print_time(record, one->a);
    printf(" %8s %-16s %7s  %s\n", ratio, interval, sees, one->verdict);
    print_outlook(one);
}

static void print_failed(const struct record *record)
{
    char id[64], backend[32], why[200];

    for (size_t i = 0; i < record->case_count; i++) {
        const struct record_case *one = &record->cases[i];

        if (one->status == CASE_FAILED)
            printf("%s on %s with %zu: failed: %s\n",
                   say_safe(one->workload, id, sizeof id),
                   say_safe(one->backend, backend, sizeof backend),
                   one->workers,
                   say_safe(one->reason ? one->reason : "", why, sizeof why));
    }
}

static size_t blocks_of(const struct record *record)
{
    size_t last = 0;

    for (size_t i = 0; i < record->sample_count; i++)
        if (record->samples[i].block + 1 > last)
            last = record->samples[i].block + 1;
    return last;
}

static size_t pair_count(const struct record *record)
{
    size_t count = 0;

    for (size_t i = 0; i < record->comparison_count; i++)
        count += sides_are(record, &record->comparisons[i]);
    return count;
}

static void print_pairs(const struct record *record)
{
    size_t width = table_backend_width(record);

    printf("%-*s %3s %9s %9s %8s %-16s %7s  %s\n", (int)width, "backend", "n",
           "old", "new", "new/old", "95 % interval", "sees", "verdict");
    for (size_t i = 0; i < record->comparison_count; i++)
        if (sides_are(record, &record->comparisons[i]))
            print_pair(record, width, &record->comparisons[i]);
}

static void print_end(const struct session *session, enum runner_end end)
{
    const struct record *record = session->record;
    double precision = facts_number(record->run, PRECISION_FACT, 0);
    size_t blocks = blocks_of(record), tasks = record->cases[0].tasks;

    printf("\n%zu block%s in pairs, %zu task%s a sample; ", blocks,
           say_plural(blocks), tasks, say_plural(tasks));
    switch (end) {
    case RUNNER_PRECISION:
        printf("each interval is within +-%g %%\n", 100 * precision);
        break;
    case RUNNER_BUDGET:
        printf("the budget of %g s is used up\n", session->options.budget_s);
        break;
    case RUNNER_COMPLETE:
        printf("all blocks measured\n");
        break;
    case RUNNER_INTERRUPTED:
    case RUNNER_TROUBLE:
        printf("cut short\n");
        break;
    }
    printf("old, new: a task; sees: the slowdown that is called slower in 4 of "
           "5 such runs\n");
}

/* A threshold below what can be seen is no error, and to be known. */
static void warn(const struct session *session)
{
    const struct record *record = session->record;
    double delta = session->options.versus.threshold, worst = 0;
    char percent[16];

    for (size_t i = 0; i < record->comparison_count; i++) {
        const struct record_comparison *one = &record->comparisons[i];

        if (sides_are(record, one) && !isnan(one->detectable_ratio))
            worst = fmax(worst, (1 + one->detectable_ratio) / (1 + delta) - 1);
    }
    if (worst > delta)
        say_warning("a change below %s %% is not seen everywhere: the "
                    "threshold of %g %% is below what this run can tell",
                    number_format_decimals(100 * worst, 1, percent),
                    100 * delta);
}

void versus_print(const struct session *session, enum runner_end end)
{
    const struct record *record = session->record;

    putchar('\n');
    for (size_t i = 0; i < 2; i++)
        print_side(&session->plan.workloads[i]);
    putchar('\n');
    if (pair_count(record) > 0)
        print_pairs(record);
    print_failed(record);
    if (pair_count(record) > 0)
        print_end(session, end);
    else
        printf("\nno pair was measured on both sides\n");
    warn(session);
    say_written(session->output);
}
