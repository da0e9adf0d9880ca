/* SPDX-License-Identifier: MIT */
/* `cfbench run --dry-run`: the plan in words, a line per workload and backend,
 * and how long it will take. */
#include "dry_run.h"

#include <math.h>
#include <stdio.h>

#include "number.h"
#include "parameters.h"
#include "predict.h"
#include "say.h"

static void print_workload(const struct plan_workload *work)
{
    char safe[200];

    printf("%s: %zu task%s",
           say_safe(plan_workload_id(work), safe, sizeof safe), work->tasks,
           say_plural(work->tasks));
    for (size_t i = 0; i < wl_parameter_count(work->workload); i++)
        printf(", %s=%s", work->workload->parameters[i].name,
               say_safe(work->values[i].text, safe, 80));
    putchar('\n');
}

/* Prints the cases of one workload and backend; returns the next case. */
static size_t print_backend(const struct plan *plan, size_t first)
{
    const struct plan_case *one = &plan->cases[first];
    size_t i = first;
    char safe[300];

    printf("  %-10s", plan_backend_name(one));
    for (; i < plan->case_count && plan_is_like(&plan->cases[i], one) &&
           plan->cases[i].skipped == one->skipped;
         i++)
        printf("%s%zu", i == first ? "" : ",", plan->cases[i].workers);
    if (one->skipped != NULL)
        printf("  skipped: %s", say_safe(one->skipped, safe, sizeof safe));
    putchar('\n');
    return i;
}

/* Samples that a run which is resumed has already. */
static double share_left(const struct plan *plan, const struct record *record)
{
    double all = (double)plan_sample_count(plan), done = 0;

    for (size_t i = 0; i < record->sample_count; i++)
        done += !record->samples[i].warmup &&
                        record->samples[i].block < plan->blocks
                    ? 1
                    : 0;
    return all > 0 ? fmax(0, 1 - done / all) : 0;
}

static void print_prediction(const struct plan *plan,
                             const struct dry_run *dry_run,
                             const struct prediction *prediction)
{
    double all_s = prediction->block_s * (double)plan->blocks *
                   share_left(plan, dry_run->record);
    char text[16], budget[16];

    if (prediction->case_count > 0)
        printf("predicted: %sabout %s, from a small sample of each workload on "
               "each backend\n",
               plan->is_at_most ? "at most " : "",
               number_format_duration(all_s, text));
    if (prediction->unpredicted > 0)
        printf("not predicted: %zu case%s of commands, plugins or Python "
               "functions, which are not run for a look\n",
               prediction->unpredicted, say_plural(prediction->unpredicted));
    if (prediction->case_count > 0 && dry_run->budget_s < all_s)
        printf("budget: %s, enough for about %.0f blocks of these\n",
               number_format_duration(dry_run->budget_s, budget),
               floor(dry_run->budget_s / prediction->block_s));
}

static void print_plan(const struct plan *plan)
{
    size_t samples = plan_sample_count(plan);

    for (size_t i = 0; i < plan->case_count;) {
        size_t workload = plan->cases[i].workload;

        print_workload(&plan->workloads[workload]);
        while (i < plan->case_count && plan->cases[i].workload == workload)
            i = print_backend(plan, i);
    }
    if (plan->loop.rate_per_s > 0)
        printf("open loop: %g tasks a second, %s arrivals\n",
               plan->loop.rate_per_s, arrivals_name(plan->loop.arrivals));
    printf("%zu case%s, %s%zu block%s in %s order, seed 0x%llx: %zu sample%s\n",
           plan->case_count, say_plural(plan->case_count),
           plan->is_at_most ? "at most " : "", plan->blocks,
           say_plural(plan->blocks), order_name(plan->order),
           (unsigned long long)plan->seed, samples, say_plural(samples));
}

int dry_run_print(struct plan *plan, const struct dry_run *dry_run)
{
    struct prediction prediction;

    print_plan(plan);
    if (!predict(plan, dry_run->usable, dry_run->gap_s, &prediction))
        return EXIT_TROUBLE;
    print_prediction(plan, dry_run, &prediction);
    return EXIT_FINE;
}
