/* SPDX-License-Identifier: MIT */
/* A plugin with a name that would be two words. */
#include <cfbench/workload.h>

#include <stdlib.h>

/* Nobody may call it: its table is refused before. */
static enum cf_status prepare(const struct wl_setup *setup,
                              struct wl_work *work)
{
    (void)setup;
    (void)work;
    abort();
}

static enum cf_status task(struct cf_task *itself, const void *arg,
                           size_t arg_bytes)
{
    (void)itself;
    (void)arg;
    (void)arg_bytes;
    abort();
}

static bool verify(const struct wl_work *work, size_t i, const void *output,
                   size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    (void)output_bytes;
    abort();
}

static const struct wl_workload workload = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "two words",
    .about = "a",
    .limit = "l",
    .prepare = prepare,
    .task = task,
    .verify = verify,
};

CF_API const struct wl_workload *const wl_plugin[] = {&workload, NULL};
