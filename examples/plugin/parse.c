/* SPDX-License-Identifier: MIT */
/*
 * A workload of your own for cfbench, to copy and change: it adds up a line of
 * numbers, "17,4,...". README.md has the one line that builds it.
 *
 *     prepare()   makes the arguments of all tasks, and what is right
 *     task()      is run by somebody else, in any thread or process
 *     verify()    looks at every output: a wrong one has no time
 *     dispose()   frees what prepare() made
 */
#include <cfbench/workload.h>

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* What a task does: bytes in, bytes out, no clock, no printing. In long work
 * call cf_stopping(task) every 10 to 100 us; around waiting put
 * cf_blocking_begin(task) and cf_blocking_end(task). */
static enum cf_status parse_task(struct cf_task *task, const void *arg,
                                 size_t arg_bytes)
{
    const char *text = arg, *end = text + arg_bytes;
    uint64_t sum = 0, number = 0;

    for (; text < end; text++) {
        if (*text >= '0' && *text <= '9') {
            number = number * 10 + (uint64_t)(*text - '0');
            continue;
        }
        if (*text != ',')
            return cf_raise(task, EINVAL, "not a number: '%c'", *text);
        sum += number;
        number = 0;
    }
    return cf_return(task, &sum, sizeof sum);
}

/* Writes `size` bytes of numbers below 1000; returns their sum. */
static uint64_t write_line(char *line, size_t size, uint64_t *random)
{
    uint64_t sum = 0;

    memset(line, ',', size);
    for (size_t at = 0; at + 4 <= size; at += 4) {
        unsigned number;
        char digits[4];

        *random = *random * UINT64_C(6364136223846793005) + 1;
        number = (unsigned)(*random >> 33) % 1000;
        snprintf(digits, sizeof digits, "%03u", number);
        memcpy(line + at, digits, 3);
        sum += number;
    }
    return sum;
}

/* Called once per run. The arguments lie one after the other, all of the same
 * size. */
static enum cf_status parse_prepare(const struct wl_setup *setup,
                                    struct wl_work *work)
{
    size_t size = (size_t)setup->values[0].number;
    char *lines = calloc(setup->tasks, size);
    uint64_t *sums = calloc(setup->tasks, sizeof *sums);
    uint64_t random = setup->seed;

    if (lines == NULL || sums == NULL) {
        free(lines);
        free(sums);
        snprintf(setup->why, setup->why_bytes, "no memory for %zu lines",
                 setup->tasks);
        return CF_NOMEM;
    }
    for (size_t i = 0; i < setup->tasks; i++)
        sums[i] = write_line(lines + i * size, size, &random);
    *work = (struct wl_work){.items = lines, .item_bytes = size, .data = sums};
    return CF_OK;
}

static bool parse_verify(const struct wl_work *work, size_t i,
                         const void *output, size_t output_bytes)
{
    const uint64_t *sums = work->data;

    return output_bytes == sizeof sums[i] &&
           memcmp(output, &sums[i], sizeof sums[i]) == 0;
}

static void parse_dispose(struct wl_work *work)
{
    free((void *)work->items);
    free(work->data);
}

/* -p size=..., with its limits; the table ends with an empty line. */
static const struct wl_parameter parameters[] = {
    {.name = "size",
     .about = "how many bytes of numbers each task adds up",
     .standard = "65536",
     .kind = WL_INTEGER,
     .minimum = 4,
     .maximum = 1 << 28},
    {0},
};

static const struct wl_workload parse = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "parse",
    .about = "adds up numbers that are written in a line",
    .limit = "the cores: a branch for every byte",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = parse_task,
    .prepare = parse_prepare,
    .verify = parse_verify,
    .dispose = parse_dispose,
};

/* What cfbench finds: any number of workloads, then NULL. */
const struct wl_workload *const wl_plugin[] = {&parse, NULL};
