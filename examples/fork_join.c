/* SPDX-License-Identifier: MIT */
/* Sorts an array by dividing it: one half is a branch that an idle worker may
 * take, the other this task's own. A branch lives on the stack and costs little
 * more than a call, so even small halves may be branches. */
#include <cf/cf.h>

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

struct part {
    uint32_t *numbers;
    uint32_t *scratch; /* as many */
    size_t count;
};

static void merge(const struct part *part, size_t half)
{
    const uint32_t *left = part->numbers, *right = part->numbers + half;
    const uint32_t *middle = right, *end = part->numbers + part->count;

    for (size_t i = 0; i < part->count; i++) {
        bool is_left = right == end || (left < middle && *left <= *right);
        part->scratch[i] = is_left ? *left++ : *right++;
    }
    memcpy(part->numbers, part->scratch, part->count * sizeof *part->numbers);
}

static enum cf_status sort(struct cf_task *task, void *arg)
{
    const struct part *part = arg;
    size_t half = part->count / 2;
    struct part low = {part->numbers, part->scratch, half};
    struct part high = {part->numbers + half, part->scratch + half,
                        part->count - half};
    struct cf_branch branch;

    if (part->count < 2)
        return CF_OK;
    cf_branch_fork(task, &branch, sort, &low);
    enum cf_status status = sort(task, &high);
    enum cf_status other = cf_branch_join(task, &branch); /* in any case */
    if (status != CF_OK || other != CF_OK)
        return status != CF_OK ? status : other;
    merge(part, half);
    return CF_OK;
}

static enum cf_status sort_all(struct cf_task *task, const void *arg,
                               size_t arg_bytes)
{
    struct part part = *(const struct part *)arg; /* a copy of ours to keep */

    (void)arg_bytes;
    if (sort(task, &part) != CF_OK)
        return cf_raise(task, 1, "a part could not be sorted");
    return cf_return(task, NULL, 0);
}

int main(void)
{
    enum { COUNT = 200000 };
    static uint32_t numbers[COUNT], scratch[COUNT];
    struct part all = {numbers, scratch, COUNT};
    struct cf_executor *executor;
    struct cf_future *future;
    size_t in_order = 1;

    for (uint32_t i = 0; i < COUNT; i++)
        numbers[i] = i * 2654435761u;
    if (cf_executor_create(CF_THREAD, NULL, &executor) != CF_OK ||
        cf_submit(executor, sort_all, &all, sizeof all, &future) != CF_OK ||
        cf_result(future, CF_FOREVER, NULL, 0) != CF_OK) {
        fprintf(stderr, "sort: %s\n", cf_last_error().text);
        return 1;
    }
    while (in_order < COUNT && numbers[in_order - 1] <= numbers[in_order])
        in_order++;
    printf("%zu of %d numbers are in order\n", in_order, COUNT);

    cf_future_release(future);
    cf_executor_destroy(executor);
    return in_order == COUNT ? 0 : 1;
}
