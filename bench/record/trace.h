/* SPDX-License-Identifier: MIT */
#ifndef RECORD_TRACE_H
#define RECORD_TRACE_H

/*
 * Traces: which worker ran which task of a batch, and when. One for each case
 * is kept, of a batch near the case's median: the first one is often the odd
 * one, and all of them would be many times the record.
 */
#include "record.h"

/* Of a batch with more tasks the first so many are kept. */
enum { TRACE_SPANS_MAX = 4096 };

/*
 * Offers the trace of the record's last sample, which is about to be dropped:
 * takes a copy of `offered` where its time is nearer to the median of the
 * case's samples so far than that of the trace it has. False without memory.
 */
bool trace_offer(struct record *record, const struct record_trace *offered);

/* The trace of a case; NULL: none. */
const struct record_trace *trace_find(const struct record *record,
                                      size_t case_index);

#endif
