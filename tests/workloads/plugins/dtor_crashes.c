/* SPDX-License-Identifier: MIT */
/* A plugin that does its work, and crashes at the end of the process. */
#include <cfbench/workload.h>

#include <stdlib.h>

static const int number = 5;

__attribute__((destructor)) static void crash(void)
{
    abort();
}

__attribute__((constructor)) static void crash_later(void)
{
    atexit(abort);
}

static enum cf_status give_back(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

static enum cf_status prepare(const struct wl_setup *setup,
                              struct wl_work *work)
{
    int *numbers = calloc(setup->tasks, sizeof number);

    *work = (struct wl_work){
        .items = numbers, .item_bytes = sizeof number, .data = numbers};
    return numbers == NULL ? CF_NOMEM : CF_OK;
}

static bool verify(const struct wl_work *work, size_t i, const void *output,
                   size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    return output_bytes == sizeof number;
}

static void dispose(struct wl_work *work)
{
    free(work->data);
}

static const struct wl_workload workload = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "w",
    .about = "a",
    .limit = "l",
    .task = give_back,
    .prepare = prepare,
    .verify = verify,
    .dispose = dispose,
};
CF_API const struct wl_workload *const wl_plugin[] = {&workload, NULL};
