/* SPDX-License-Identifier: MIT */
/*
 * Tasks that submit tasks: the double recursion of the Fibonacci numbers, one
 * half handed to the executor, the other done here. Above `cutoff` every call
 * is a task; below it a plain call, of which there are many for little work.
 *
 * It needs workers that can submit and wait. Where a task cannot reach its
 * executor it fails with that as its reason.
 */
#include "workload.h"

#include <errno.h>
#include <string.h>

#include <cf/executor.h>
#include <cf/future.h>

#include "items.h"

enum { LOOK_AT = 14 }; /* a call with that n takes some 2 us */

struct item {
    uint64_t n;
    uint64_t cutoff;
};

static cf_function fib_task;

static enum cf_status raise_stop(struct cf_task *task)
{
    return cf_raise(task, ECANCELED, "asked to stop");
}

/* Without tasks. Once it is asked to stop its number is of no use. */
static uint64_t count_alone(struct cf_task *task, uint64_t n, bool *stop)
{
    if (n < 2)
        return n;
    if (*stop || (n == LOOK_AT && cf_stopping(task))) {
        *stop = true;
        return 0;
    }
    return count_alone(task, n - 1, stop) + count_alone(task, n - 2, stop);
}

static enum cf_status fib(struct cf_task *task, struct item item,
                          uint64_t *number);

/* fib(n - 1) by another task, fib(n - 2) here meanwhile. */
static enum cf_status fork_and_join(struct cf_task *task, struct item item,
                                    uint64_t *number)
{
    struct cf_executor *executor = cf_task_executor(task);
    struct item less = {item.n - 1, item.cutoff};
    struct cf_future *future;
    uint64_t there = 0, here = 0;
    enum cf_status joined, status;

    if (executor == NULL)
        return cf_raise(task, ENOTSUP,
                        "a task of this backend cannot submit tasks");
    if (cf_submit(executor, fib_task, &less, sizeof less, &future) != CF_OK)
        return cf_raise(task, EAGAIN, "cf_submit: %s", cf_last_error().text);
    status = fib(task, (struct item){item.n - 2, item.cutoff}, &here);
    joined = cf_result(future, CF_FOREVER, &there, sizeof there);
    cf_future_release(future);
    if (status == CF_OK && joined != CF_OK)
        status = cf_raise(task, ECANCELED, "a task of this task: %s",
                          cf_status_name(joined));
    *number = there + here;
    return status;
}

static enum cf_status fib(struct cf_task *task, struct item item,
                          uint64_t *number)
{
    bool stop = false;

    if (item.n > item.cutoff && item.n >= 2)
        return fork_and_join(task, item, number);
    *number = count_alone(task, item.n, &stop);
    return stop ? raise_stop(task) : CF_OK;
}

static enum cf_status fib_task(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    uint64_t number = 0;
    enum cf_status status = fib(task, *(const struct item *)arg, &number);

    (void)arg_bytes; /* always one item */
    return status == CF_OK ? cf_return(task, &number, sizeof number) : status;
}

static enum cf_status fib_prepare(const struct wl_setup *setup,
                                  struct wl_work *work)
{
    struct item *items = wl_items_create(setup, sizeof *items, work);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        items[i] = (struct item){(uint64_t)setup->values[0].number,
                                 (uint64_t)setup->values[1].number};
    return CF_OK;
}

static bool fib_verify(const struct wl_work *work, size_t i, const void *output,
                       size_t output_bytes)
{
    const struct item *items = work->items;
    uint64_t number = 0, next = 1;

    for (uint64_t k = 0; k < items[i].n; k++) {
        uint64_t after = number + next;
        number = next;
        next = after;
    }
    return output_bytes == sizeof number &&
           memcmp(output, &number, sizeof number) == 0;
}

static const struct wl_parameter parameters[] = {
    {.name = "n",
     .about = "which Fibonacci number each task works out",
     .standard = "24",
     .kind = WL_INTEGER,
     .minimum = 0,
     .maximum = 50},
    {.name = "cutoff",
     .about = "up to which n a call is no task of its own",
     .standard = "14",
     .kind = WL_INTEGER,
     .minimum = 0,
     .maximum = 50},
    {0},
};

const struct wl_workload wl_fib = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "fib",
    .about = "works out a Fibonacci number by tasks that submit tasks",
    .limit = "the executor: shows what nested submits and waits cost",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = fib_task,
    .prepare = fib_prepare,
    .verify = fib_verify,
    .dispose = wl_items_dispose,
};
