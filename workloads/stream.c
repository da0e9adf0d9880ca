/* SPDX-License-Identifier: MIT */
/*
 * Three long arrays, one sweep after the other: out = one + 3 * two, and then
 * the arrays change roles. There is next to nothing to compute, so what counts
 * is how fast memory can be read and written: a few cores use all of it up.
 *
 * Elements are whole numbers modulo 2^64, where the sum over a sweep's output
 * is the sum over `one` and three times that over `two`: the right answer is
 * three numbers carried along. Each worker keeps its arrays, or the kernel's
 * clearing of fresh pages would be the better part of the work.
 */
#include "workload.h"

#include <errno.h>
#include <string.h>

#include "items.h"
#include "kept.h"

enum {
    ARRAYS = 3,
    STRIDE = 1 << 13, /* elements between two cf_stopping(): some 20 us */
};

struct item {
    uint64_t number;
    uint64_t count; /* of elements in an array */
    uint64_t rounds;
};

static struct wl_kept kept; /* the arrays */

static uint64_t element(const struct item *item, uint64_t array, uint64_t i)
{
    return item->number + (array + 1) * i;
}

static void sweep(uint64_t *restrict out, const uint64_t *restrict one,
                  const uint64_t *restrict two, uint64_t count)
{
    for (uint64_t i = 0; i < count; i++)
        out[i] = one[i] + 3 * two[i];
}

/* All of one sweep; false when the task is asked to stop. */
static bool sweep_all(struct cf_task *task, uint64_t *const arrays[ARRAYS],
                      uint64_t round, uint64_t count)
{
    uint64_t *out = arrays[round % ARRAYS];
    const uint64_t *one = arrays[(round + 1) % ARRAYS];
    const uint64_t *two = arrays[(round + 2) % ARRAYS];

    for (uint64_t from = 0; from < count; from += STRIDE) {
        uint64_t part = count - from < STRIDE ? count - from : STRIDE;

        sweep(out + from, one + from, two + from, part);
        if (cf_stopping(task))
            return false;
    }
    return true;
}

static uint64_t sum_of(const uint64_t *array, uint64_t count)
{
    uint64_t sum = 0;

    for (uint64_t i = 0; i < count; i++)
        sum += array[i];
    return sum;
}

static enum cf_status stream_task(struct cf_task *task, const void *arg,
                                  size_t arg_bytes)
{
    const struct item *item = arg;
    uint64_t count = item->count;
    uint64_t *room = wl_kept_room(&kept, ARRAYS * count * sizeof *room);
    uint64_t *const arrays[] = {room, room + count, room + 2 * count};
    uint64_t sum;

    (void)arg_bytes; /* always one item */
    if (room == NULL)
        return cf_raise(task, ENOMEM, "no memory for three arrays");
    for (uint64_t array = 1; array < ARRAYS; array++) /* 0 is written first */
        for (uint64_t i = 0; i < count; i++)
            arrays[array][i] = element(item, array, i);
    for (uint64_t round = 0; round < item->rounds; round++)
        if (!sweep_all(task, arrays, round, count))
            return cf_raise(task, ECANCELED, "asked to stop");
    sum = sum_of(arrays[(item->rounds - 1) % ARRAYS], count);
    return cf_return(task, &sum, sizeof sum);
}

static bool stream_verify(const struct wl_work *work, size_t i,
                          const void *output, size_t output_bytes)
{
    const struct item *item = (const struct item *)work->items + i;
    uint64_t count = item->count, sums[ARRAYS] = {0};
    uint64_t indices =
        count % 2 == 0 ? count / 2 * (count - 1) : (count - 1) / 2 * count;

    for (uint64_t array = 1; array < ARRAYS; array++)
        sums[array] = count * item->number + (array + 1) * indices;
    for (uint64_t round = 0; round < item->rounds; round++)
        sums[round % ARRAYS] =
            sums[(round + 1) % ARRAYS] + 3 * sums[(round + 2) % ARRAYS];
    return output_bytes == sizeof sums[0] &&
           memcmp(output, &sums[(item->rounds - 1) % ARRAYS], sizeof sums[0]) ==
               0;
}

static enum cf_status stream_prepare(const struct wl_setup *setup,
                                     struct wl_work *work)
{
    struct item *items = wl_items_create(setup, sizeof *items, work);

    if (items == NULL)
        return CF_NOMEM;
    for (size_t i = 0; i < setup->tasks; i++)
        items[i] = (struct item){
            .number = i,
            .count = (uint64_t)setup->values[0].number / sizeof(uint64_t),
            .rounds = (uint64_t)setup->values[1].number,
        };
    return CF_OK;
}

static const struct wl_parameter parameters[] = {
    {.name = "bytes",
     .about = "size of each of the three arrays; beyond any cache",
     .standard = "33554432",
     .kind = WL_INTEGER,
     .minimum = 8,
     .maximum = 1LL << 34},
    {.name = "rounds",
     .about = "how many sweeps make a task",
     .standard = "2",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 1e6},
    {0},
};

const struct wl_workload wl_stream = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "stream",
    .about = "sweeps over three long arrays: a[i] = b[i] + 3 * c[i]",
    .limit = "the memory's bandwidth, which a few cores use up",
    .klass = WL_MEMORY,
    .parameters = parameters,
    .task = stream_task,
    .prepare = stream_prepare,
    .verify = stream_verify,
    .dispose = wl_items_dispose,
};
