/* SPDX-License-Identifier: MIT */
/*
 * Samples are sorted by case and block once; then each case's samples, and
 * each block's within them, stand side by side. Block numbers may be anything:
 * they are compared and never index an array.
 */
#include "blocks.h"

#include <math.h>
#include <stdlib.h>

struct entry {
    size_t case_index;
    size_t block;
    size_t sample;
};

static bool counts(const struct record_sample *sample)
{
    return sample->verified && !sample->warmup && sample->excluded_by == NULL &&
           sample->elapsed_s > 0 && isfinite(sample->elapsed_s) &&
           sample->tasks > 0;
}

static int compare_sizes(size_t a, size_t b)
{
    return (a > b) - (a < b);
}

static int compare_entries(const void *a, const void *b)
{
    const struct entry *left = a, *right = b;
    int order = compare_sizes(left->case_index, right->case_index);

    if (order == 0)
        order = compare_sizes(left->block, right->block);
    return order != 0 ? order : compare_sizes(left->sample, right->sample);
}

static size_t sort_samples(const struct record *record, struct entry *entries)
{
    size_t count = 0;

    for (size_t i = 0; i < record->sample_count; i++) {
        const struct record_sample *sample = &record->samples[i];
        if (counts(sample))
            entries[count++] =
                (struct entry){sample->case_index, sample->block, i};
    }
    qsort(entries, count, sizeof *entries, compare_entries);
    return count;
}

/* The block that begins at `entries[0]`; returns how many samples it has. */
static size_t average_block(const struct record *record,
                            const struct entry *entries, size_t count,
                            struct block *block)
{
    size_t n = 0;

    *block = (struct block){.number = entries[0].block};
    while (n < count && entries[n].case_index == entries[0].case_index &&
           entries[n].block == entries[0].block) {
        const struct record_sample *sample =
            &record->samples[entries[n].sample];
        block->elapsed_s += sample->elapsed_s;
        block->tasks += (double)sample->tasks;
        n++;
    }
    block->elapsed_s /= (double)n;
    block->tasks /= (double)n;
    return n;
}

/* Returns how many blocks there are, over all cases. */
static size_t fill(const struct record *record, const struct entry *entries,
                   size_t count, struct all_blocks *all)
{
    struct block *block = all->storage;

    for (size_t i = 0; i < count;) {
        struct case_blocks *one = &all->cases[entries[i].case_index];
        size_t n = average_block(record, entries + i, count - i, block);
        if (one->count == 0) {
            one->blocks = block;
            one->samples = all->samples + i;
        }
        for (size_t j = i; j < i + n; j++)
            all->samples[j] = entries[j].sample;
        one->count++;
        one->sample_count += n;
        block++;
        i += n;
    }
    return (size_t)(block - all->storage);
}

static int compare_numbers(const void *a, const void *b)
{
    return compare_sizes(*(const size_t *)a, *(const size_t *)b);
}

/* What a column of a table over blocks is found by. False without memory. */
static bool rank_blocks(struct all_blocks *all, size_t count)
{
    size_t *numbers = calloc(count + 1, sizeof *numbers);

    if (numbers == NULL)
        return false;
    for (size_t i = 0; i < count; i++)
        numbers[i] = all->storage[i].number;
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    all->block_count = 0;
    for (size_t i = 0; i < count; i++)
        if (i == 0 || numbers[i] != numbers[i - 1])
            numbers[all->block_count++] = numbers[i];
    for (size_t i = 0; i < count; i++) {
        const size_t *place =
            bsearch(&all->storage[i].number, numbers, all->block_count,
                    sizeof *numbers, compare_numbers);
        all->storage[i].rank = (size_t)(place - numbers);
    }
    free(numbers);
    return true;
}

bool blocks_collect(const struct record *record, struct all_blocks *all)
{
    size_t samples = record->sample_count + 1; /* never an empty array */
    struct entry *entries = calloc(samples, sizeof *entries);
    size_t count;

    all->cases = calloc(record->case_count + 1, sizeof *all->cases);
    all->storage = calloc(samples, sizeof *all->storage);
    all->samples = calloc(samples, sizeof *all->samples);
    if (entries == NULL || all->cases == NULL || all->storage == NULL ||
        all->samples == NULL) {
        free(entries);
        blocks_finish(all);
        return false;
    }
    count = fill(record, entries, sort_samples(record, entries), all);
    free(entries);
    if (rank_blocks(all, count))
        return true;
    blocks_finish(all);
    return false;
}

void blocks_finish(struct all_blocks *all)
{
    free(all->cases);
    free(all->storage);
    free(all->samples);
}

static double s_per_task(const struct block *block)
{
    return block->elapsed_s / block->tasks;
}

/* Calls it for each block that both have. */
typedef void pair_function(const struct block *a, const struct block *b,
                           double *values, size_t count);

static size_t pair(const struct case_blocks *a, const struct case_blocks *b,
                   pair_function *put, double *values)
{
    size_t count = 0;

    for (size_t i = 0, j = 0; i < a->count && j < b->count;) {
        if (a->blocks[i].number < b->blocks[j].number)
            i++;
        else if (a->blocks[i].number > b->blocks[j].number)
            j++;
        else
            put(&a->blocks[i++], &b->blocks[j++], values, count++);
    }
    return count;
}

static void put_ratio(const struct block *a, const struct block *b,
                      double *values, size_t count)
{
    values[count] = s_per_task(a) / s_per_task(b);
}

static void put_log(const struct block *a, const struct block *b,
                    double *values, size_t count)
{
    (void)count;
    values[a->rank] = log(s_per_task(a) / s_per_task(b));
}

size_t blocks_pair(const struct case_blocks *a, const struct case_blocks *b,
                   double *ratios)
{
    return pair(a, b, put_ratio, ratios);
}

void blocks_pair_logs(const struct case_blocks *a, const struct case_blocks *b,
                      double *logs)
{
    pair(a, b, put_log, logs);
}

void blocks_times(const struct case_blocks *one, double *times)
{
    for (size_t i = 0; i < one->count; i++)
        times[i] = s_per_task(&one->blocks[i]);
}

void blocks_logs(const struct case_blocks *one, double *logs)
{
    for (size_t i = 0; i < one->count; i++)
        logs[one->blocks[i].rank] = log(s_per_task(&one->blocks[i]));
}
