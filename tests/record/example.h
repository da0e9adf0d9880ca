/* SPDX-License-Identifier: MIT */
#ifndef TESTS_RECORD_EXAMPLE_H
#define TESTS_RECORD_EXAMPLE_H

#include <stddef.h>

#include "record.h"

/*
 * A record with something in every member: one workload on four cases (c0
 * serial, c1 thread x1, c2 thread x2, c3 openmp x2) and one that failed, all of
 * them in `blocks` blocks, with a warm-up, an excluded and a wrong sample, and
 * texts that are hard to write. Not summarized.
 */
struct record *example_record(size_t blocks);

/* Adds a sample that counts, of 64 tasks and no latency. */
struct record_sample *example_sample(struct record *record, size_t case_index,
                                     size_t block, double elapsed_s);

/* Adds an answer to "how many workers". */
void example_add_recommendation(struct record *record);

/* Adds the USL of values that have a peak. */
void example_add_model(struct record *record);

/* A path in a fresh folder of this process's own, which is removed with all
 * that is in it at exit. Valid until the next call. */
const char *scratch(const char *name);

/* The file's bytes, for free(). */
char *slurp(const char *path, size_t *length);
void spill(const char *path, const void *bytes, size_t length);

#endif
