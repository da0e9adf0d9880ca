/* SPDX-License-Identifier: MIT */
/* A plugin that could not be prepared is not tried again: its first fault is
 * the reason of all its cases. One that is prepared for another number of tasks
 * than the plan has by now is prepared anew. */
#include "keepers.h"

#include <stdlib.h>

#include "interrupt.h"
#include "keeper.h"
#include "source.h"

struct kept {
    struct keeper *keeper; /* NULL: none */
    size_t tasks;          /* that it is prepared for */
};

struct keepers {
    const struct plan *plan;
    struct sample_room *room;
    size_t count;
    struct kept list[]; /* one a workload */
};

struct keepers *keepers_create(const struct plan *plan,
                               struct sample_room *room)
{
    struct keepers *keepers = calloc(
        1, sizeof *keepers + plan->workload_count * sizeof keepers->list[0]);

    if (keepers == NULL)
        return NULL;
    keepers->plan = plan;
    keepers->room = room;
    keepers->count = plan->workload_count;
    return keepers;
}

void keepers_destroy(struct keepers *keepers)
{
    if (keepers == NULL)
        return;
    for (size_t i = 0; i < keepers->count; i++)
        keeper_stop(keepers->list[i].keeper);
    free(keepers);
}

static bool is_ready(const struct keepers *keepers, size_t workload)
{
    const struct kept *kept = &keepers->list[workload];

    return kept->keeper != NULL &&
           kept->tasks == keepers->plan->workloads[workload].tasks;
}

/* False: the workload has a fault from now on. */
static bool start(struct keepers *keepers, size_t workload,
                  const struct sample_setup *sample)
{
    const struct plan_workload *work = &keepers->plan->workloads[workload];
    struct kept *kept = &keepers->list[workload];
    const struct wl_setup setup = {.tasks = work->tasks,
                                   .seed = keepers->plan->seed,
                                   .values = work->values};
    char why[256];

    keeper_stop(kept->keeper);
    kept->tasks = work->tasks;
    kept->keeper = keeper_start(work->workload, &setup, keepers->room,
                                sample->limit_ns, why, sizeof why);
    if (kept->keeper != NULL)
        return true;
    if (interrupt_count() < 2)
        source_blame(work->workload, why);
    return false;
}

static struct child_report refuse(struct keepers *keepers, const char *fault,
                                  const struct sample_numbers **numbers)
{
    struct child_report report = {.end = CHILD_ENDED};
    const char *why = fault != NULL ? fault : "interrupted";

    if (interrupt_count() >= 2)
        report.end = CHILD_INTERRUPTED;
    *numbers = sample_refuse(keepers->room, why);
    return report;
}

struct child_report keepers_measure(struct keepers *keepers, size_t workload,
                                    const struct sample_setup *setup,
                                    const struct sample_numbers **numbers)
{
    if (!source_is_foreign(setup->workload))
        return sample_measure(keepers->room, setup, numbers);
    if (source_fault(setup->workload) != NULL ||
        (!is_ready(keepers, workload) && !start(keepers, workload, setup)))
        return refuse(keepers, source_fault(setup->workload), numbers);
    return keeper_measure(keepers->list[workload].keeper, setup, numbers);
}
