/* SPDX-License-Identifier: MIT */
#include "regret.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include <gsl/gsl_cdf.h>

#include "blocks.h"
#include "layout.h"

struct values {
    struct layout_value *list;
    size_t count;
    size_t blocks; /* numbers are below it */
};

/* The cases of the workload become points, in their order. */
static void add_case(const struct all_blocks *all, size_t case_index,
                     struct regret *regret, struct values *values)
{
    const struct case_blocks *one = &all->cases[case_index];

    for (size_t i = 0; i < one->count; i++) {
        const struct block *block = &one->blocks[i];
        values->list[values->count++] =
            (struct layout_value){.point = regret->count,
                                  .block = block->number,
                                  .y = log(block->tasks / block->elapsed_s)};
        if (block->number >= values->blocks)
            values->blocks = block->number + 1;
    }
    if (one->count > 0)
        regret->points[regret->count++] = (struct regret_point){
            .case_index = case_index, .block_count = one->count};
}

static size_t find_best(const struct layout *layout, size_t count)
{
    size_t best = SIZE_MAX;

    for (size_t i = 0; i < count; i++)
        if (!isnan(layout->effect[i]) &&
            (best == SIZE_MAX || layout->effect[i] > layout->effect[best]))
            best = i;
    return best;
}

static bool judge(const struct values *values, struct regret *regret)
{
    struct layout layout;
    size_t best;

    if (!layout_fit(values->list, values->count, regret->count, values->blocks,
                    &layout))
        return false;
    best = find_best(&layout, regret->count);
    for (size_t i = 0; i < regret->count && best != SIZE_MAX; i++) {
        struct regret_point *point = &regret->points[i];
        double off = layout_difference(&layout, i, best);
        double half = layout.df >= 1
                          ? gsl_cdf_tdist_Pinv(0.975, layout.df) *
                                layout_standard_error(&layout, i, best)
                          : NAN;
        point->regret = 1 - exp(off);
        point->ci95[0] = 1 - exp(off + half);
        point->ci95[1] = 1 - exp(off - half);
    }
    layout_finish(&layout);
    return best != SIZE_MAX;
}

bool regret_collect(const struct record *record, const char *workload,
                    struct regret *regret)
{
    struct values values = {0};
    struct all_blocks all;
    bool is_done;

    *regret = (struct regret){0};
    if (!blocks_collect(record, &all))
        return false;
    values.list = calloc(record->sample_count + 1, sizeof *values.list);
    regret->points = calloc(record->case_count + 1, sizeof *regret->points);
    is_done = values.list != NULL && regret->points != NULL;
    for (size_t i = 0; i < record->case_count && is_done; i++)
        if (strcmp(record->cases[i].workload, workload) == 0)
            add_case(&all, i, regret, &values);
    is_done = is_done && regret->count > 0 && judge(&values, regret);
    blocks_finish(&all);
    free(values.list);
    if (!is_done)
        regret_finish(regret);
    return is_done;
}

void regret_finish(struct regret *regret)
{
    free(regret->points);
    *regret = (struct regret){0};
}
