/* SPDX-License-Identifier: MIT */
/* Arithmetic in registers: the purest CPU work, for which every core counts. */
#include "workload.h"

#include "items.h"
#include "squares.h"

static enum cf_status sum_squares_task(struct cf_task *task, const void *arg,
                                       size_t arg_bytes)
{
    uint64_t sum;
    enum cf_status status = wl_squares_task(task, *(const uint64_t *)arg, &sum);

    (void)arg_bytes; /* always one number */
    return status == CF_OK ? cf_return(task, &sum, sizeof sum) : status;
}

static enum cf_status sum_squares_prepare(const struct wl_setup *setup,
                                          struct wl_work *work)
{
    uint64_t *items = wl_items_create(setup, sizeof *items, work);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        items[i] = (uint64_t)setup->values[0].number;
    return CF_OK;
}

static bool sum_squares_verify(const struct wl_work *work, size_t i,
                               const void *output, size_t output_bytes)
{
    const uint64_t *items = work->items;

    return wl_squares_verify(items[i], output, output_bytes);
}

static const struct wl_parameter parameters[] = {
    {.name = "n",
     .about = "how many squares each task adds up",
     .standard = "10000000",
     .kind = WL_INTEGER,
     .minimum = 0,
     .maximum = 1e12},
    {0},
};

const struct wl_workload wl_sum_squares = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "sum_squares",
    .about = "adds up i * i for i < n, modulo 2^64",
    .limit = "the cores alone, no memory: shows what the cores can give",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = sum_squares_task,
    .prepare = sum_squares_prepare,
    .verify = sum_squares_verify,
    .dispose = wl_items_dispose,
};
