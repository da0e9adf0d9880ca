/* SPDX-License-Identifier: MIT */
/* No work at all: what is left is the cost of the executor itself. */
#include "workload.h"

static enum cf_status empty_task(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    return CF_OK;
}

static enum cf_status empty_prepare(const struct wl_setup *setup,
                                    struct wl_work *work)
{
    (void)setup;
    *work = (struct wl_work){0};
    return CF_OK;
}

static bool empty_verify(const struct wl_work *work, size_t i,
                         const void *output, size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    return output_bytes == 0;
}

const struct wl_workload wl_empty = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "empty",
    .about = "does nothing, with nothing in and nothing out",
    .limit = "the executor: shows what a task costs beside its work",
    .klass = WL_CPU,
    .task = empty_task,
    .prepare = empty_prepare,
    .verify = empty_verify,
};
