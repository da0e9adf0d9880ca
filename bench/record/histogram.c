/* SPDX-License-Identifier: MIT */
/*
 * Durations counted in log-linear buckets, after HdrHistogram's idea: within
 * each power of two of nanoseconds stand 1024 buckets of equal width, so that a
 * bucket is at most 1/1024 of its lower end wide (below 0.1 %), and finding it
 * is a shift and an addition.
 *
 *      1 .. 1023 ns        one bucket a nanosecond
 *      1024 .. 2047 ns     1024 buckets of 1 ns
 *      2048 .. 4095 ns     1024 buckets of 2 ns      ... up to an hour
 *
 * There are two forms of one object. The dense form has all 33,000 buckets in
 * place and is what is counted into: a quarter megabyte. The compact form is a
 * sorted list of the buckets that are not empty and can only be read: what a
 * record keeps for each of its samples, of which there may be a million. Only
 * histogram_next() tells the two apart; all other readers go through it.
 */
#include "histogram.h"

#include <assert.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#define SUB_BITS    10
#define SUB_BUCKETS (UINT64_C(1) << SUB_BITS)
#define LONGEST_NS  INT64_C(3600000000000)
#define DENSE       UINT64_MAX

struct counted {
    uint32_t bucket;
    uint64_t count;
};

/* Followed by its counts: uint64_t for all buckets, or struct counted. */
struct histogram {
    uint64_t total;
    uint64_t form; /* DENSE, else how many struct counted follow */
};

static uint64_t *dense_counts(const struct histogram *histogram)
{
    return (uint64_t *)(histogram + 1);
}

static struct counted *compact_counts(const struct histogram *histogram)
{
    return (struct counted *)(histogram + 1);
}

static uint32_t bucket_of(int64_t duration_ns)
{
    int shift;
    uint64_t ns = (uint64_t)(duration_ns < 1            ? 1
                             : duration_ns > LONGEST_NS ? LONGEST_NS
                                                        : duration_ns);

    if (ns < SUB_BUCKETS)
        return (uint32_t)ns;
    shift = 63 - __builtin_clzll(ns) - SUB_BITS;
    return (uint32_t)(((uint64_t)shift << SUB_BITS) + (ns >> shift));
}

/* The longest duration in a bucket: what the bucket is called in a file. */
static int64_t upper_ns(uint32_t bucket)
{
    uint32_t shift;
    uint64_t mantissa;

    if (bucket < SUB_BUCKETS)
        return bucket;
    shift = (bucket >> SUB_BITS) - 1;
    mantissa = bucket - ((uint64_t)shift << SUB_BITS);
    return (int64_t)(((mantissa + 1) << shift) - 1);
}

static size_t bucket_count(void)
{
    return (size_t)bucket_of(LONGEST_NS) + 1;
}

size_t histogram_bytes(void)
{
    return sizeof(struct histogram) + bucket_count() * sizeof(uint64_t);
}

struct histogram *histogram_create(void)
{
    struct histogram *histogram = calloc(1, histogram_bytes());

    if (histogram != NULL)
        histogram->form = DENSE;
    return histogram;
}

void histogram_destroy(struct histogram *histogram)
{
    free(histogram);
}

void histogram_add(struct histogram *histogram, int64_t duration_ns)
{
    histogram_add_count(histogram, duration_ns, 1);
}

void histogram_add_count(struct histogram *histogram, int64_t duration_ns,
                         uint64_t count)
{
    assert(histogram->form == DENSE);
    dense_counts(histogram)[bucket_of(duration_ns)] += count;
    histogram->total += count;
}

/* Moves `*cursor` past the next bucket that is not empty. */
static bool next_counted(const struct histogram *histogram, size_t *cursor,
                         struct counted *counted)
{
    const uint64_t *dense = dense_counts(histogram);

    if (histogram->form != DENSE) {
        if (*cursor >= histogram->form)
            return false;
        *counted = compact_counts(histogram)[(*cursor)++];
        return true;
    }
    while (*cursor < bucket_count()) {
        size_t bucket = (*cursor)++;
        if (dense[bucket] != 0) {
            *counted = (struct counted){(uint32_t)bucket, dense[bucket]};
            return true;
        }
    }
    return false;
}

int histogram_next(const struct histogram *histogram, size_t *cursor,
                   struct histogram_bucket *bucket)
{
    struct counted counted;

    if (!next_counted(histogram, cursor, &counted))
        return false;
    bucket->upper_s = (double)upper_ns(counted.bucket) / 1e9;
    bucket->count = counted.count;
    return true;
}

void histogram_merge(struct histogram *into, const struct histogram *from)
{
    struct counted counted;

    for (size_t cursor = 0; next_counted(from, &cursor, &counted);)
        histogram_add_count(into, upper_ns(counted.bucket), counted.count);
}

uint64_t histogram_total(const struct histogram *histogram)
{
    return histogram->total;
}

double histogram_percentile_s(const struct histogram *histogram, double p)
{
    struct histogram_bucket bucket = {.upper_s = NAN};
    uint64_t seen = 0;
    double rank = ceil(p * (double)histogram->total);

    for (size_t cursor = 0; histogram_next(histogram, &cursor, &bucket);) {
        seen += bucket.count;
        if ((double)seen >= rank)
            break;
    }
    return bucket.upper_s;
}

static struct histogram *compact_create(size_t entries)
{
    struct histogram *histogram =
        calloc(1, sizeof *histogram + entries * sizeof(struct counted));

    if (histogram != NULL)
        histogram->form = entries;
    return histogram;
}

struct histogram *histogram_compact(const struct histogram *histogram)
{
    struct counted counted;
    struct histogram *compact;
    size_t entries = 0;

    for (size_t cursor = 0; next_counted(histogram, &cursor, &counted);)
        entries++;
    compact = compact_create(entries);
    if (compact == NULL)
        return NULL;
    entries = 0;
    for (size_t cursor = 0; next_counted(histogram, &cursor, &counted);)
        compact_counts(compact)[entries++] = counted;
    compact->total = histogram->total;
    return compact;
}

struct histogram *histogram_from_buckets(const struct histogram_bucket *buckets,
                                         size_t count)
{
    struct histogram *histogram;

    if (count >= bucket_count())
        return NULL;
    histogram = compact_create(count);
    if (histogram == NULL)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        struct counted *entry = compact_counts(histogram) + i;
        if (!(buckets[i].upper_s >= 0 && buckets[i].upper_s < 1e5) ||
            buckets[i].count > UINT64_MAX - histogram->total)
            goto refuse;
        entry->bucket = bucket_of(llround(buckets[i].upper_s * 1e9));
        entry->count = buckets[i].count;
        if (i > 0 && entry->bucket <= entry[-1].bucket)
            goto refuse;
        histogram->total += entry->count;
    }
    return histogram;

refuse:
    histogram_destroy(histogram);
    return NULL;
}
