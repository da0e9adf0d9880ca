/* SPDX-License-Identifier: MIT */
/*
 * Pure waiting, without the traffic of a real server: the ideal I/O task. Each
 * task gives its own number back, so that none can stand in for another.
 */
#include "workload.h"

#include <string.h>

#include "items.h"
#include "pause.h"

struct item {
    uint64_t number;
    double ms;
};

static enum cf_status sleep_task(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    const struct item *item = arg;

    (void)arg_bytes; /* always one item */
    wl_pause(task, item->ms);
    return cf_return(task, &item->number, sizeof item->number);
}

static enum cf_status sleep_prepare(const struct wl_setup *setup,
                                    struct wl_work *work)
{
    struct item *items = wl_items_create(setup, sizeof *items, work);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        items[i] = (struct item){.number = i, .ms = setup->values[0].number};
    return CF_OK;
}

static bool sleep_verify(const struct wl_work *work, size_t i,
                         const void *output, size_t output_bytes)
{
    uint64_t number = i;

    (void)work;
    return output_bytes == sizeof number &&
           memcmp(output, &number, sizeof number) == 0;
}

static const struct wl_parameter parameters[] = {
    {.name = "ms",
     .about = "how long each task sleeps, in milliseconds",
     .standard = "10",
     .kind = WL_REAL,
     .minimum = 0,
     .maximum = 3600e3},
    {0},
};

const struct wl_workload wl_sleep = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "sleep",
    .about = "sleeps for a fixed time",
    .limit = "the number of workers alone: shows the ideal I/O scaling",
    .klass = WL_IO,
    .parameters = parameters,
    .task = sleep_task,
    .prepare = sleep_prepare,
    .verify = sleep_verify,
    .dispose = wl_items_dispose,
};
