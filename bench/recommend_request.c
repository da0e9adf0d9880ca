/* SPDX-License-Identifier: MIT */
/*
 * What is asked of the advice: the lanes with the most workers of each, how
 * many tasks a sample has, and the counts that people would choose.
 */
#include "recommend_passage.h"

#include "plan.h"

bool passage_is_single(const struct plan_case *one)
{
    return one->lane != NULL ? one->lane->is_serial : one->backend == CF_SERIAL;
}

size_t passage_cap(const struct options *options)
{
    return options->workers.length == 0
               ? 0
               : options->workers.counts[options->workers.length - 1];
}

/* Of a lane's workers: what this machine bears; on the ranks of an MPI job,
 * which have machines of their own, all that there are. */
static size_t most_of(const struct passage *passage, size_t lane)
{
    const struct course *course = passage->course;
    const struct plan_case *one = &course->plan->cases[passage->lanes[lane]];
    size_t most = plan_most_workers(one), cap = passage_cap(course->options);
    size_t tasks = course->plan->workloads[one->workload].tasks;

    if (passage_is_single(one))
        return 1;
    if (most == SIZE_MAX)
        return passage->limits.most;
    if (cap > 0 && cap < most)
        most = cap;
    return tasks < most ? tasks : most;
}

/* Of a sample in that lane, where they are the same at every count and are dealt
 * out in rounds: not where they come at their own rate. */
static size_t told_tasks(const struct passage *passage, size_t lane)
{
    const struct plan *plan = passage->course->plan;
    const struct plan_case *one = &plan->cases[passage->lanes[lane]];

    if ((one->lane != NULL && one->lane->is_whole) || plan->loop.rate_per_s > 0)
        return 0;
    return plan_told_tasks(plan, one);
}

struct advice_request passage_request(const struct passage *passage)
{
    const struct course *course = passage->course;
    const struct advice_options *asked = &course->options->advice;
    const struct cf_cpus *usable = &course->cpu->usable;
    struct advice_request request = {.is_open_loop =
                                         course->plan->loop.rate_per_s > 0,
                                     .goal = asked->goal,
                                     .within = asked->within,
                                     .min_efficiency = asked->min_efficiency,
                                     .slo_s = asked->slo_s,
                                     .lane_count = passage->lane_count,
                                     .nproc = usable->affinity};

    for (size_t i = 0; i < passage->lane_count; i++)
        request.most[i] = most_of(passage, i);
    for (size_t i = 0; i < passage->lane_count; i++)
        request.tasks[i] = told_tasks(passage, i);
    request.marks[request.mark_count++] = course->cpu->cores;
    request.marks[request.mark_count++] = usable->count;
    request.marks[request.mark_count++] = usable->affinity;
    request.marks[request.mark_count++] = passage->limits.goetz;
    request.marks[request.mark_count++] = passage_python_default(passage, true);
    return request;
}

size_t passage_tasks(const struct passage *passage)
{
    const struct plan *plan = passage->course->plan;
    size_t fewest = WORKERS_MAX;

    for (size_t i = 0; i < passage->lane_count; i++) {
        const struct plan_case *one = &plan->cases[passage->lanes[i]];
        /* what one worker runs of them says nothing of what many would */
        size_t tasks =
            one->tasks > 0 ? one->tasks : plan->workloads[one->workload].tasks;

        if ((one->lane == NULL || !one->lane->is_whole) && tasks < fewest)
            fewest = tasks;
    }
    return fewest;
}
