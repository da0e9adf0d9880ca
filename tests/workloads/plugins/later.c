/* SPDX-License-Identifier: MIT */
/* Plugins that stand their trial, which is one task, and go wrong with more. */
#include <cfbench/workload.h>

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

enum { TASKS_MAX = 64 };

static const int numbers[TASKS_MAX];
static const int odd_numbers[TASKS_MAX] = {1};

static enum cf_status give_back(struct cf_task *task, const void *arg,
                                size_t arg_bytes)
{
    return cf_return(task, arg, arg_bytes);
}

static bool is_number(const struct wl_work *work, size_t i, const void *output,
                      size_t output_bytes)
{
    (void)work;
    (void)i;
    (void)output;
    return output_bytes == sizeof numbers[0];
}

static enum cf_status prepare(const struct wl_setup *setup,
                              struct wl_work *work)
{
    *work = (struct wl_work){.items = numbers, .item_bytes = sizeof numbers[0]};
    return setup->tasks <= TASKS_MAX ? CF_OK : CF_INVALID;
}

static enum cf_status crashing_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    if (setup->tasks > 1)
        abort();
    return prepare(setup, work);
}

/* Hangs, and says so to whoever reads the pipe of that name. */
static void hang(void)
{
    int fd = open("hangs", O_WRONLY | O_CLOEXEC);

    close(fd);
    for (;;)
        pause();
}

static enum cf_status hanging_prepare(const struct wl_setup *setup,
                                      struct wl_work *work)
{
    if (setup->tasks > 1)
        hang();
    return prepare(setup, work);
}

static enum cf_status leaving_prepare(const struct wl_setup *setup,
                                      struct wl_work *work)
{
    if (setup->tasks > 1)
        exit(3);
    return prepare(setup, work);
}

static enum cf_status refusing_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    if (setup->tasks > 1) {
        snprintf(setup->why, setup->why_bytes, "a licence for one task");
        return CF_SYSTEM;
    }
    return prepare(setup, work);
}

/* Leaves somebody behind, who is found by his name. */
static enum cf_status breeding_prepare(const struct wl_setup *setup,
                                       struct wl_work *work)
{
    if (setup->tasks > 1 && fork() == 0) {
        execlp("sleep", "sleep", "57", (char *)NULL);
        _exit(1);
    }
    return prepare(setup, work);
}

static enum cf_status odd_prepare(const struct wl_setup *setup,
                                  struct wl_work *work)
{
    enum cf_status status = prepare(setup, work);

    if (setup->tasks > 1)
        work->items = odd_numbers;
    return status;
}

static enum cf_status hanging_task(struct cf_task *task, const void *arg,
                                   size_t arg_bytes)
{
    if (*(const int *)arg == 1)
        hang();
    return cf_return(task, arg, arg_bytes);
}

static enum cf_status dying_task(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    if (*(const int *)arg == 1)
        abort();
    return cf_return(task, arg, arg_bytes);
}

static void hanging_dispose(struct wl_work *work)
{
    while (work->items == odd_numbers)
        pause();
}

static size_t crashing_count(const struct wl_value *values, size_t tasks,
                             size_t workers)
{
    (void)values;
    if (workers > 1)
        abort();
    return tasks;
}

static size_t too_many(const struct wl_value *values, size_t tasks,
                       size_t workers)
{
    (void)values;
    return tasks + workers;
}

static size_t half(const struct wl_value *values, size_t tasks, size_t workers)
{
    (void)values;
    (void)workers;
    return tasks / 2 + tasks % 2;
}

static const struct wl_parameter parameters[] = {
    {.name = "n",
     .about = "nothing",
     .standard = "1",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 1000},
    {0},
};

static const struct wl_workload workloads[] = {
#define WORKLOAD(text, prepare_, task_, dispose_, tasks_for_)                  \
    {                                                                          \
        .abi = WL_ABI, .table_bytes = sizeof(struct wl_workload),              \
        .name = text, .about = "a", .limit = "l", .prepare = prepare_,         \
        .parameters = parameters, .task = task_, .verify = is_number,          \
        .dispose = dispose_, .tasks_for = tasks_for_                           \
    }
    WORKLOAD("good", prepare, give_back, NULL, half),
    WORKLOAD("prepare_crashes", crashing_prepare, give_back, NULL, NULL),
    WORKLOAD("prepare_hangs", hanging_prepare, give_back, NULL, NULL),
    WORKLOAD("prepare_exits", leaving_prepare, give_back, NULL, NULL),
    WORKLOAD("prepare_refuses", refusing_prepare, give_back, NULL, NULL),
    WORKLOAD("prepare_breeds", breeding_prepare, give_back, NULL, NULL),
    WORKLOAD("count_crashes", prepare, give_back, NULL, crashing_count),
    WORKLOAD("count_lies", prepare, give_back, NULL, too_many),
    WORKLOAD("dispose_hangs", odd_prepare, give_back, hanging_dispose, NULL),
    WORKLOAD("task_hangs", odd_prepare, hanging_task, NULL, NULL),
    WORKLOAD("task_dies", odd_prepare, dying_task, NULL, NULL),
};

CF_API const struct wl_workload *const wl_plugin[] = {
    &workloads[0], &workloads[1], &workloads[2],  &workloads[3],
    &workloads[4], &workloads[5], &workloads[6],  &workloads[7],
    &workloads[8], &workloads[9], &workloads[10], NULL,
};
