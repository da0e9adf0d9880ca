/* SPDX-License-Identifier: MIT */
/* A plugin that forks wherever it is called, and the processes that it forks
 * come back from there as well; its children's ends are nobody's business. */
#include <cfbench/workload.h>

#include <signal.h>
#include <unistd.h>

static const int numbers[8];

static enum cf_status task(struct cf_task *task, const void *arg,
                           size_t arg_bytes)
{
    (void)fork();
    return cf_return(task, arg, arg_bytes);
}

/* Eight come back. */
static enum cf_status prepare(const struct wl_setup *setup,
                              struct wl_work *work)
{
    for (int i = 0; i < 3; i++)
        (void)fork();
    signal(SIGCHLD, SIG_IGN);
    *work = (struct wl_work){.items = numbers, .item_bytes = sizeof numbers[0]};
    return setup->tasks <= 8 ? CF_OK : CF_INVALID;
}

static bool verify(const struct wl_work *work, size_t i, const void *output,
                   size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    (void)fork();
    return output_bytes == sizeof numbers[0];
}

static void begin(struct wl_work *work, const struct wl_start *start)
{
    (void)work;
    (void)start;
    (void)fork();
}

static void dispose(struct wl_work *work)
{
    (void)work;
    (void)fork();
}

static const struct wl_workload forks = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "forks",
    .about = "a",
    .limit = "l",
    .task = task,
    .prepare = prepare,
    .verify = verify,
    .dispose = dispose,
    .begin = begin,
};

CF_API const struct wl_workload *const wl_plugin[] = {&forks, NULL};
