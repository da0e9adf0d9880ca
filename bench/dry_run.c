/* SPDX-License-Identifier: MIT */
/* `cfbench run --dry-run`: the plan in words, a line per workload and backend. */
#include "dry_run.h"

#include <stdio.h>

#include "parameters.h"
#include "say.h"

static void print_workload(const struct plan_workload *work)
{
    printf("%s: %zu tasks", work->workload->name, work->tasks);
    for (size_t i = 0; i < wl_parameter_count(work->workload); i++) {
        char safe[80];

        printf(", %s=%s", work->workload->parameters[i].name,
               say_safe(work->values[i].text, safe, sizeof safe));
    }
    putchar('\n');
}

/* Prints the cases of one workload and backend; returns the next case. */
static size_t print_backend(const struct plan *plan, size_t first)
{
    const struct plan_case *one = &plan->cases[first];
    size_t i = first;

    printf("  %-10s", plan_backend_name(one));
    for (; i < plan->case_count && plan->cases[i].backend == one->backend &&
           plan->cases[i].lane == one->lane &&
           plan->cases[i].workload == one->workload;
         i++)
        printf("%s%zu", i == first ? "" : ",", plan->cases[i].workers);
    if (one->skipped != NULL)
        printf("  skipped: %s", one->skipped);
    putchar('\n');
    return i;
}

int dry_run_print(const struct plan *plan)
{
    for (size_t i = 0; i < plan->case_count;) {
        size_t workload = plan->cases[i].workload;

        print_workload(&plan->workloads[workload]);
        while (i < plan->case_count && plan->cases[i].workload == workload)
            i = print_backend(plan, i);
    }
    printf("%zu cases, %s%zu blocks in %s order, seed 0x%llx: %zu samples\n",
           plan->case_count, plan->is_at_most ? "at most " : "", plan->blocks,
           order_name(plan->order), (unsigned long long)plan->seed,
           plan_sample_count(plan));
    return EXIT_FINE;
}
