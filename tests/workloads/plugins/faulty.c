/* SPDX-License-Identifier: MIT */
/* Plugins that load well and go wrong later: one workload per fault, all of
 * them `good` but for one member. */
#include <cfbench/workload.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

static const int number = 5;

static enum cf_status good_task(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

static enum cf_status failing_task(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    (void)arg;
    (void)arg_bytes;
    return cf_raise(task, 7, "on purpose");
}

static enum cf_status crashing_task(struct cf_task *task, const void *arg,
                                    size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    abort();
}

static enum cf_status hanging_task(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    (void)task;
    (void)arg;
    (void)arg_bytes;
    while (pause() != 0)
        continue;
    abort();
}

static enum cf_status good_prepare(const struct wl_setup *setup,
                                   struct wl_work *work)
{
    (void)setup;
    *work = (struct wl_work){.items = &number, .item_bytes = sizeof number};
    return CF_OK;
}

static enum cf_status refusing_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    (void)work;
    snprintf(setup->why, setup->why_bytes, "no licence\033[2J");
    return CF_SYSTEM;
}

static enum cf_status silent_prepare(const struct wl_setup *setup,
                                     struct wl_work *work)
{
    (void)setup;
    (void)work;
    return CF_SYSTEM;
}

static enum cf_status crashing_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    (void)setup;
    (void)work;
    abort();
}

static enum cf_status empty_prepare(const struct wl_setup *setup,
                                    struct wl_work *work)
{
    (void)setup;
    *work = (struct wl_work){.item_bytes = 16};
    return CF_OK;
}

static bool good_verify(const struct wl_work *work, size_t i,
                        const void *output, size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    return output_bytes == sizeof number;
}

static bool refusing_verify(const struct wl_work *work, size_t i,
                            const void *output, size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    (void)output_bytes;
    return false;
}

static void leaving_dispose(struct wl_work *work)
{
    (void)work;
    _exit(0);
}

static const struct wl_workload workloads[] = {
#define WORKLOAD(text, prepare_, task_, verify_, dispose_)                     \
    {                                                                          \
        .abi = WL_ABI, .table_bytes = sizeof(struct wl_workload),              \
        .name = text, .about = "a", .limit = "l", .prepare = prepare_,         \
        .task = task_, .verify = verify_, .dispose = dispose_,                 \
    }
    WORKLOAD("good", good_prepare, good_task, good_verify, NULL),
    WORKLOAD("task_fails", good_prepare, failing_task, good_verify, NULL),
    WORKLOAD("task_crashes", good_prepare, crashing_task, good_verify, NULL),
    WORKLOAD("task_hangs", good_prepare, hanging_task, good_verify, NULL),
    WORKLOAD("prepare_refuses", refusing_prepare, good_task, good_verify, NULL),
    WORKLOAD("prepare_fails", silent_prepare, good_task, good_verify, NULL),
    WORKLOAD("prepare_crashes", crashing_prepare, good_task, good_verify, NULL),
    WORKLOAD("prepare_is_empty", empty_prepare, good_task, good_verify, NULL),
    WORKLOAD("verify_refuses", good_prepare, good_task, refusing_verify, NULL),
    WORKLOAD("dispose_exits", good_prepare, good_task, good_verify,
             leaving_dispose),
};

CF_API const struct wl_workload *const wl_plugin[] = {
    &workloads[0], &workloads[1], &workloads[2], &workloads[3],
    &workloads[4], &workloads[5], &workloads[6], &workloads[7],
    &workloads[8], &workloads[9], NULL,
};
