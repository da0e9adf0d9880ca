/* SPDX-License-Identifier: MIT */
/*
 * A case's time is that of its batches, by the bounds, and what a sample of its
 * backend takes beside them (fork, pool, checks). The bounds leave contention
 * out, so that a plan takes rather longer than is said.
 */
#include "predict.h"

#include <math.h>
#include <stdlib.h>

#include "clock.h"
#include "sample.h"
#include "say.h"

enum { TASKS_MOST = 8 };

static const double LIMIT_S = 20;

/* What a trial has shown of one workload on one backend. */
struct trial {
    double cpu_s;  /* a task's C */
    double wait_s; /* and its W */
    double beside_s;
};

static bool is_predictable(const struct plan *plan, const struct plan_case *one)
{
    return one->lane == NULL && !plan->workloads[one->workload].owns_workload;
}

static double seconds(struct timeval time)
{
    return (double)time.tv_sec + (double)time.tv_usec * 1e-6;
}

/* One small sample, with the case's own number of workers. */
static void try_case(const struct plan *plan, const struct plan_case *one,
                     struct sample_room *room, struct trial *trial)
{
    const struct plan_workload *work = &plan->workloads[one->workload];
    size_t least = one->workers > TASKS_MOST ? one->workers : TASKS_MOST;
    size_t all = plan_tasks(plan, one);
    struct sample_setup setup = {.workload = work->workload,
                                 .work = &work->work,
                                 .tasks = all < least ? all : least,
                                 .seed = plan->seed,
                                 .values = work->values,
                                 .input_seed = plan->seed,
                                 .backend = one->backend,
                                 .rank_workers = one->rank_workers,
                                 .workers = one->workers,
                                 .chunk = 1,
                                 .limit_ns = (int64_t)(LIMIT_S * 1e9)};
    const struct sample_numbers *numbers;
    int64_t start_ns = clock_now_ns();
    struct child_report report = sample_measure(room, &setup, &numbers);
    double elapsed_s = clock_seconds(numbers->batches[0].elapsed_ns);
    double rounds = (double)setup.tasks / (double)setup.workers;

    trial->beside_s = clock_seconds(clock_now_ns() - start_ns) - elapsed_s;
    const struct rusage *end = sample_usage_end(numbers, &report.usage);
    trial->cpu_s = (seconds(end->ru_utime) + seconds(end->ru_stime) -
                    seconds(numbers->before.ru_utime) -
                    seconds(numbers->before.ru_stime)) /
                   (double)setup.tasks;
    trial->wait_s = fmax(0, elapsed_s / rounds - trial->cpu_s);
}

static double sample_s(const struct plan *plan, const struct plan_case *one,
                       const struct trial *trial, double usable)
{
    double tasks = (double)plan_tasks(plan, one);
    double workers = (double)one->workers;
    double batch_s = tasks * fmax((trial->cpu_s + trial->wait_s) / workers,
                                  trial->cpu_s / usable);

    if (plan->loop.rate_per_s > 0)
        batch_s = fmax(batch_s, tasks / plan->loop.rate_per_s);
    return trial->beside_s + batch_s * (double)(plan->warmup + 1);
}

static void predict_cases(const struct plan *plan, double usable, double gap_s,
                          struct sample_room *room,
                          struct prediction *prediction)
{
    const struct plan_case *tried = NULL;
    struct trial trial = {0};

    for (size_t i = 0; i < plan->case_count; i++) {
        const struct plan_case *one = &plan->cases[i];

        if (one->skipped != NULL)
            continue;
        if (!is_predictable(plan, one)) {
            prediction->unpredicted++;
            continue;
        }
        if (tried == NULL || !plan_is_like(tried, one))
            try_case(plan, one, room, &trial);
        tried = one;
        prediction->case_count++;
        prediction->block_s += gap_s + sample_s(plan, one, &trial, usable);
    }
}

/* Preparing makes input and starts servers, and would run a command's own
 * --setup: not for a look. */
static bool may_prepare(const struct plan *plan)
{
    for (size_t i = 0; i < plan->workload_count; i++)
        if (plan->workloads[i].owns_workload)
            return false;
    return true;
}

bool predict(struct plan *plan, double usable, double gap_s,
             struct prediction *prediction)
{
    struct sample_room *room;

    *prediction = (struct prediction){0};
    if (!may_prepare(plan)) {
        for (size_t i = 0; i < plan->case_count; i++)
            prediction->unpredicted += plan->cases[i].skipped == NULL ? 1 : 0;
        return true;
    }
    if (!plan_prepare(plan))
        return false;
    room = sample_room_create(0, 0);
    if (room == NULL)
        return say_trouble("run: no memory"), false;
    predict_cases(plan, usable, gap_s, room, prediction);
    sample_room_destroy(room);
    return true;
}
