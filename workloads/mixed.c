/* SPDX-License-Identifier: MIT */
/*
 * Computes, then waits: what most services do. Below cores * (1 + wait / cpu)
 * workers the wait is the limit, above it the cores are.
 *
 * `cpu_ms` is turned into a number of steps once, before anything runs: a task
 * that computed until a clock said stop would do less work on a busy machine,
 * and would hide exactly what is to be seen.
 */
#include "workload.h"

#include <time.h>

#include "items.h"
#include "pause.h"
#include "squares.h"

struct item {
    uint64_t n;
    double wait_ms;
};

static enum cf_status mixed_task(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    const struct item *item = arg;
    uint64_t sum;
    enum cf_status status = wl_squares_task(task, item->n, &sum);

    (void)arg_bytes; /* always one item */
    if (status != CF_OK)
        return status;
    wl_pause(task, item->wait_ms);
    return cf_return(task, &sum, sizeof sum);
}

static double thread_cpu_ms(void)
{
    struct timespec now;

    clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
    return (double)now.tv_sec * 1e3 + (double)now.tv_nsec / 1e6;
}

/* The fastest of several short runs, each some 1 ms: what disturbs a run can
 * only make it slower. CPU time leaves out the turns of other processes. */
static double steps_per_ms(void)
{
    enum { RUNS = 12, STEPS = 3000000 };
    volatile uint64_t used;
    double fastest_ms = 1e9;

    for (int run = 0; run < RUNS; run++) {
        double start_ms = thread_cpu_ms();
        used = wl_squares_loop(0, STEPS);
        double ms = thread_cpu_ms() - start_ms;
        if (ms < fastest_ms)
            fastest_ms = ms;
    }
    (void)used;
    /* A clock too coarse to see a run is as good as a very fast machine. */
    return STEPS / (fastest_ms > 0.01 ? fastest_ms : 0.01);
}

static enum cf_status mixed_prepare(const struct wl_setup *setup,
                                    struct wl_work *work)
{
    struct item item = {
        .n = (uint64_t)(setup->values[0].number * steps_per_ms()),
        .wait_ms = setup->values[1].number,
    };
    struct item *items = wl_items_create(setup, sizeof *items, work);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        items[i] = item;
    return CF_OK;
}

static bool mixed_verify(const struct wl_work *work, size_t i,
                         const void *output, size_t output_bytes)
{
    const struct item *items = work->items;

    return wl_squares_verify(items[i].n, output, output_bytes);
}

static const struct wl_parameter parameters[] = {
    {.name = "cpu_ms",
     .about = "how long each task computes, in milliseconds of a free core",
     .standard = "1",
     .kind = WL_REAL,
     .minimum = 0,
     .maximum = 600e3},
    {.name = "wait_ms",
     .about = "how long it then sleeps, in milliseconds",
     .standard = "10",
     .kind = WL_REAL,
     .minimum = 0,
     .maximum = 3600e3},
    {0},
};

const struct wl_workload wl_mixed = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "mixed",
    .about = "computes for cpu_ms, then waits for wait_ms",
    .limit = "the wait, then the cores: shows where more workers stop paying",
    .klass = WL_MIXED,
    .parameters = parameters,
    .task = mixed_task,
    .prepare = mixed_prepare,
    .verify = mixed_verify,
    .dispose = wl_items_dispose,
};
