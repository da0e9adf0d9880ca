/* SPDX-License-Identifier: MIT */
#ifndef RECORD_PART_H
#define RECORD_PART_H

/*
 * A record cut by what its sections are about: a workload, or the workloads
 * that differ in the length of their tasks alone (grain.h). Whoever asks the
 * whole record about each of its workloads walks all cases and samples for
 * each; a part has those of one section alone, as a record like any other.
 */
#include "record.h"

struct record_parts;

/* NULL without memory. `whole` must outlive it, and not change. */
struct record_parts *record_parts_create(const struct record *whole);
void record_parts_destroy(struct record_parts *parts);

/*
 * What the record has about the section of that workload: the same facts and
 * workloads, so that a workload's index is good in both; of the rest its own,
 * in the same order. It is lent until the next call, and only to be read. NULL
 * without memory. A record of few workloads, and one that compares cases of
 * several sections, is its own part.
 */
const struct record *record_part(struct record_parts *parts, size_t workload);

#endif
