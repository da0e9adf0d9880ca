/* SPDX-License-Identifier: MIT */
/*
 * A pilot that does not come to 30 batches in its time is not examined: then
 * the first batch is cut, and it is said. What a steady state is stands in
 * changepoints.h.
 */
#include "warmup_pilot.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "changepoints.h"
#include "interrupt.h"
#include "say.h"

enum { BATCHES = 40 };

#define UNFINISHED_FACT "warmup_unfinished" /* of `run` */

static const double BUDGET_SHARE = 0.1;
static const double PILOT_S = 10; /* without a budget */

static bool is_measured(const struct plan_case *one)
{
    return one->skipped == NULL;
}

/* Is it the smallest or the largest count of its workload and backend? */
static bool is_pilot(const struct plan *plan, size_t index)
{
    const struct plan_case *one = &plan->cases[index];
    bool has_smaller = false, has_larger = false;

    for (size_t i = 0; i < plan->case_count; i++) {
        const struct plan_case *other = &plan->cases[i];

        if (!is_measured(other) || !plan_is_like(one, other))
            continue;
        has_smaller |= other->workers < one->workers;
        has_larger |= other->workers > one->workers;
    }
    return is_measured(one) && !(has_smaller && has_larger);
}

static double limit_of(const struct plan *plan,
                       const struct runner_setup *setup)
{
    size_t pilots = 0;

    for (size_t i = 0; i < plan->case_count; i++)
        pilots += is_pilot(plan, i) ? 1 : 0;
    return isfinite(setup->budget_s)
               ? BUDGET_SHARE * setup->budget_s / (double)pilots
               : PILOT_S;
}

static bool record_pilot(const struct runner_setup *setup, size_t index,
                         size_t batches, const struct warmup *warmup)
{
    const struct record_case *one = &setup->record->cases[index];
    struct facts *pilot = facts_add_object(setup->record->run, "warmup_pilots");

    if (!setup->is_quiet)
        fprintf(stderr,
                "warm-up of %s on %s with %zu worker%s: %s, %zu batches\n",
                one->workload, one->backend, one->workers,
                one->workers == 1 ? "" : "s",
                steadiness_name(warmup->steadiness), batches);
    return pilot != NULL && facts_set_text(pilot, "workload", one->workload) &&
           facts_set_text(pilot, "backend", one->backend) &&
           facts_set_number(pilot, "workers", (double)one->workers) &&
           facts_set_number(pilot, "batches", (double)batches) &&
           facts_set_text(pilot, "steadiness",
                          steadiness_name(warmup->steadiness)) &&
           facts_set_number(pilot, "cut", (double)warmup->iterations);
}

/* Was it taken before the run was interrupted? Then `*most` is raised. */
static bool is_taken(const struct record *record, size_t index, size_t *most)
{
    const struct record_case *one = &record->cases[index];
    size_t count = facts_count(record->run, "warmup_pilots");

    for (size_t i = 0; i < count; i++) {
        const struct facts *pilot =
            facts_object_at(record->run, "warmup_pilots", i);
        double cut = facts_number(pilot, "cut", -1);

        if (strcmp(facts_text(pilot, "workload", ""), one->workload) != 0 ||
            strcmp(facts_text(pilot, "backend", ""), one->backend) != 0 ||
            facts_number(pilot, "workers", 0) != (double)one->workers ||
            !(cut >= 0 && cut <= BATCHES))
            continue;
        if (cut > (double)*most)
            *most = (size_t)cut;
        return true;
    }
    return false;
}

/* Of one case. Raises `*most` where it needs more. */
static bool take(struct runner *runner, const struct runner_setup *setup,
                 size_t index, size_t *most)
{
    double times[BATCHES];
    size_t count;
    struct warmup warmup;

    if (is_taken(setup->record, index, most))
        return true;
    if (!runner_pilot(runner, index, times, &count))
        return false;
    if (interrupt_count() > 0)
        return true;
    if (!warmup_judge(times, count, &warmup) ||
        !record_pilot(setup, index, count, &warmup))
        return say_trouble("run: no memory"), false;
    if (warmup.iterations > *most)
        *most = warmup.iterations;
    return true;
}

/* What the pilots have come to: where some are missing, to nothing yet. */
static bool record_end(struct facts *run, size_t most)
{
    bool is_cut_short = interrupt_count() > 0;

    return facts_set_number(run, "warmup", is_cut_short ? 0 : (double)most) &&
           ((!is_cut_short && !facts_bool(run, UNFINISHED_FACT, false)) ||
            facts_set_bool(run, UNFINISHED_FACT, is_cut_short));
}

bool warmup_pilot(struct plan *plan, const struct runner_setup *setup)
{
    struct runner_setup pilot = *setup;
    struct open_loop loop = plan->loop;
    struct runner *runner;
    size_t most = 0;
    bool is_fine = true;

    /* the runner takes as many batches as the plan has, and times itself */
    plan->warmup = BATCHES - 1;
    plan->loop = (struct open_loop){0};
    pilot.limit_s = limit_of(plan, setup);
    runner = runner_open(&pilot);
    if (runner == NULL)
        return say_trouble("run: no memory"), false;
    for (size_t i = 0;
         i < plan->case_count && is_fine && interrupt_count() == 0; i++)
        if (is_pilot(plan, i))
            is_fine = take(runner, setup, i, &most);
    runner_close(runner);
    plan->warmup = most;
    plan->loop = loop;
    if (is_fine && !record_end(setup->record->run, most))
        return say_trouble("run: no memory"), false;
    return is_fine;
}

bool warmup_is_unfinished(const struct record *record)
{
    return facts_bool(record->run, UNFINISHED_FACT, false);
}
