/* SPDX-License-Identifier: MIT */
/*
 * The cases of a plan: each workload on each backend with each worker count. A
 * lane of a Python interpreter has a number of tasks of its own, since what
 * takes C a millisecond may take it thirty: such that a serial sample lasts
 * TASKS_S, and not more tasks than C has.
 */
#include "plan.h"

#include <math.h>
#include <string.h>

#include "backends.h"
#include "python_work.h"
#include "say.h"
#include "source.h"

enum { TASKS_STANDARD = 64 };

static const double TASKS_S = 0.4;

/* Of a sample, where their number is ours to choose. */
static size_t fewest_tasks(const struct options *options,
                           const struct plan_workload *work)
{
    if (work->tasks_least > 0)
        return work->tasks_least;
    return options->tasks_least > 0 ? options->tasks_least
                                    : (size_t)TASKS_STANDARD;
}

static bool choose_workers(const struct options *options,
                           const struct plan_machine *machine,
                           struct plan_workload *work, struct workers *workers)
{
    enum wl_class klass = work->workload->klass;

    bool is_whole = work->lane_only != NULL && work->lane_only->is_whole;

    *workers = options->workers;
    if (options->tasks != 0 && !is_whole)
        work->tasks = options->tasks;
    if (workers->length == 0) {
        workers_auto(!is_whole && (klass == WL_IO || klass == WL_MIXED),
                     machine->usable, machine->cores, workers);
        if (work->tasks != 0 && !is_whole)
            workers_limit(workers, work->tasks);
    }
    work->has_free_tasks = work->tasks == 0;
    if (work->has_free_tasks)
        work->tasks = workers_even_tasks(workers, fewest_tasks(options, work));
    if (is_whole || workers->counts[workers->length - 1] <= work->tasks)
        return true;
    say_trouble("--workers: %zu workers for %zu tasks: some would never work; "
                "raise --tasks",
                workers->counts[workers->length - 1], work->tasks);
    return false;
}

/* Tasks for the lanes of one interpreter, `least` of them where the workload
 * has so many. */
static size_t choose_python_tasks(const struct plan *plan,
                                  const struct plan_workload *work,
                                  const struct lane *lane,
                                  const struct workers *workers, size_t least)
{
    const struct python_work python = {
        .workload = work->workload, .values = work->values, .seed = plan->seed};
    double task_s = pythons_task_s(lane, &python);
    double wanted = isfinite(task_s) ? TASKS_S / fmax(task_s, 1e-9) : 1;
    double enough = fmax(fmax(wanted, (double)least), 1);
    size_t tasks =
        workers_even_tasks(workers, (size_t)fmin(enough, (double)work->tasks));

    return tasks < work->tasks ? tasks : work->tasks;
}

/* Why it cannot run there; NULL: it can. */
static const char *why_not(const struct plan_workload *work,
                           const struct backends *backends, size_t b)
{
    const struct lane *lane = backends->lanes[b];

    if (source_fault(work->workload) != NULL)
        return source_fault(work->workload);
    if (pythons_is_python(lane))
        return pythons_why_not(lane, work->workload);
    if (lane == NULL && python_work_is(work->workload->name))
        return "a Python function: the cpython lanes run it";
    if (backends->list[b] == CF_MPI && source_is_foreign(work->workload))
        return "a plugin: the ranks have not loaded it";
    return backends->skipped[b];
}

static bool is_serial(const struct plan_case *plan_case)
{
    return plan_case->lane != NULL ? plan_case->lane->is_serial
                                   : plan_case->backend == CF_SERIAL;
}

/* The same case with each worker count. */
static bool add_counts(struct plan *plan, const struct plan_case *like,
                       const struct workers *workers)
{
    for (size_t w = 0; w < (is_serial(like) ? 1 : workers->length); w++) {
        struct plan_case *added = plan_add_case(plan);

        if (added == NULL)
            return false;
        *added = *like;
        added->workers = is_serial(like) ? 1 : workers->counts[w];
        if (like->skipped == NULL && added->workers > plan_most_workers(like))
            added->skipped = "more workers than its ranks have";
    }
    return true;
}

static bool add_cases(struct plan *plan, size_t workload,
                      const struct backends *backends,
                      const struct workers *workers, size_t lane_tasks_least)
{
    const struct plan_workload *work = &plan->workloads[workload];
    struct plan_case last = {0}; /* in a Python interpreter */

    for (size_t b = 0; b < backends->count; b++) {
        struct plan_case like = {.workload = workload,
                                 .backend = backends->list[b],
                                 .lane = backends->lanes[b],
                                 .skipped = why_not(work, backends, b)};

        plan_set_rank_workers(&like, backends->rank_workers[b]);
        if (pythons_is_python(like.lane) && like.skipped == NULL) {
            like.tasks = pythons_are_one(last.lane, like.lane)
                             ? last.tasks
                             : choose_python_tasks(plan, work, like.lane,
                                                   workers, lane_tasks_least);
            last = like;
        }
        if (!add_counts(plan, &like, workers))
            return false;
    }
    return true;
}

/* What a Python function runs on where nothing is asked for. */
static bool read_backends(const struct options *options,
                          const struct plan *plan,
                          const struct plan_workload *work,
                          struct backends *backends)
{
    if (work->lane_only != NULL) {
        *backends = (struct backends){.lanes = {work->lane_only}, .count = 1};
        return true;
    }
    if (options->backends == NULL && python_work_is(work->workload->name))
        return backends_read("cpython-serial,cpython-thread,cpython-process,"
                             "cpython-interpreter",
                             plan->pythons, &options->rank_workers, backends);
    return backends_read(options->backends != NULL ? options->backends
                                                   : options->backends_default,
                         plan->pythons, &options->rank_workers, backends);
}

/* Does anything ask for an interpreter? */
static bool needs_python(const struct options *options, const struct plan *plan)
{
    for (size_t i = 0; i < plan->workload_count; i++)
        if (python_work_is(plan->workloads[i].workload->name))
            return true;
    return options->backends != NULL &&
           strstr(options->backends, "cpython-") != NULL;
}

bool plan_add_cases(struct plan *plan, const struct options *options,
                    const struct plan_machine *machine)
{
    if (needs_python(options, plan)) {
        plan->pythons = pythons_open(options->pythons, options->python_count);
        if (plan->pythons == NULL)
            return false;
    } else if (options->python_count > 0) {
        say_trouble("--python: nothing runs in it without -b cpython-thread "
                    "or its like");
        return false;
    }
    for (size_t i = 0; i < plan->workload_count; i++) {
        struct workers workers;
        struct backends backends;

        if (!read_backends(options, plan, &plan->workloads[i], &backends) ||
            !choose_workers(options, machine, &plan->workloads[i], &workers) ||
            !add_cases(plan, i, &backends, &workers, options->lane_tasks_least))
            return false;
    }
    return true;
}
