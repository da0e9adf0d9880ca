/* SPDX-License-Identifier: MIT */
#ifndef RECORD_HISTOGRAM_H
#define RECORD_HISTOGRAM_H

/*
 * How often durations fell where: buckets of three significant decimal digits
 * from 1 ns to an hour, so that percentiles keep a relative error below 0.1 %
 * and histograms of different samples can be added. A plain value without
 * pointers, so that it can be sent through a pipe.
 */
#include <stddef.h>
#include <stdint.h>

struct histogram;

struct histogram *histogram_create(void); /* empty; NULL without memory */
void histogram_destroy(struct histogram *histogram);
size_t histogram_bytes(void); /* size of the object, for sending it whole */

/*
 * A copy with the same counts that takes 16 bytes a bucket used instead of a
 * quarter of a megabyte. It can be read and merged from, not added to nor sent.
 */
struct histogram *histogram_compact(const struct histogram *histogram);

/* Counts a duration; below 1 ns counts as 1 ns, above an hour as an hour. */
void histogram_add(struct histogram *histogram, int64_t duration_ns);
void histogram_add_count(struct histogram *histogram, int64_t duration_ns,
                         uint64_t count);
void histogram_merge(struct histogram *into, const struct histogram *from);

uint64_t histogram_total(const struct histogram *histogram);
/* The value in seconds below or at which a fraction p of all lie (upper end of
 * its bucket); NAN for an empty one. */
double histogram_percentile_s(const struct histogram *histogram, double p);

/* The i-th bucket that is not empty: its upper bound in seconds and count.
 * Returns false past the last. */
struct histogram_bucket {
    double upper_s;
    uint64_t count;
};
/* Call with *cursor = 0 first. */
int histogram_next(const struct histogram *histogram, size_t *cursor,
                   struct histogram_bucket *bucket);

/* The histogram with these buckets, compact. NULL where they are not in
 * ascending order or not durations, and without memory. */
struct histogram *histogram_from_buckets(const struct histogram_bucket *buckets,
                                         size_t count);

#endif
