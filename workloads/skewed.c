/* SPDX-License-Identifier: MIT */
/*
 * Tasks of unequal length: what an executor makes of work that does not divide
 * evenly. The lengths are a geometric series from the shortest to the longest,
 * scaled to the mean `n`, in an order that the seed decides. So the total is
 * the same for every seed and order, and what differs between two runs is the
 * executor, not the luck of the draw.
 */
#include "workload.h"

#include <math.h>

#include "items.h"
#include "random.h"
#include "squares.h"

static enum cf_status skewed_task(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    uint64_t sum;
    enum cf_status status = wl_squares_task(task, *(const uint64_t *)arg, &sum);

    (void)arg_bytes; /* always one number */
    return status == CF_OK ? cf_return(task, &sum, sizeof sum) : status;
}

/* Fisher-Yates; the modulo's bias is below count / 2^64. */
static void shuffle(uint64_t *items, size_t count, uint64_t seed)
{
    for (size_t i = count; i > 1; i--) {
        size_t j = (size_t)(wl_random(&seed) % i);
        uint64_t swapped = items[i - 1];
        items[i - 1] = items[j];
        items[j] = swapped;
    }
}

static double relative_length(size_t i, size_t count, double ratio)
{
    return count == 1 ? 1 : pow(ratio, (double)i / (double)(count - 1));
}

static enum cf_status skewed_prepare(const struct wl_setup *setup,
                                     struct wl_work *work)
{
    double mean = setup->values[0].number;
    double ratio = setup->values[1].number;
    uint64_t *items = wl_items_create(setup, sizeof *items, work);
    double total = 0;

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        total += relative_length(i, setup->tasks, ratio);
    for (size_t i = 0; i < setup->tasks; i++) {
        double share = relative_length(i, setup->tasks, ratio) / total;
        items[i] = (uint64_t)llround(mean * (double)setup->tasks * share);
    }
    shuffle(items, setup->tasks, setup->seed);
    return CF_OK;
}

static bool skewed_verify(const struct wl_work *work, size_t i,
                          const void *output, size_t output_bytes)
{
    const uint64_t *items = work->items;

    return wl_squares_verify(items[i], output, output_bytes);
}

static const struct wl_parameter parameters[] = {
    {.name = "n",
     .about = "how many squares a task adds up on average",
     .standard = "10000000",
     .kind = WL_INTEGER,
     .minimum = 0,
     .maximum = 1e9},
    {.name = "ratio",
     .about = "how many times as long as the shortest task the longest is",
     .standard = "100",
     .kind = WL_REAL,
     .minimum = 1,
     .maximum = 1e6},
    {0},
};

const struct wl_workload wl_skewed = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "skewed",
    .about = "sum_squares in tasks of unequal length, in random order",
    .limit = "the last long task: shows how well work is shared out",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = skewed_task,
    .prepare = skewed_prepare,
    .verify = skewed_verify,
    .dispose = wl_items_dispose,
};
