/* SPDX-License-Identifier: MIT */
#ifndef RECORD_RECORD_MEMORY_H
#define RECORD_RECORD_MEMORY_H

/* What reading and summarizing need of record.c beyond record.h: appending to
 * the other arrays, with the same contract, and giving up their contents. */
#include "record.h"

struct record_summary *record_add_summary(struct record *record);
struct record_comparison *record_add_comparison(struct record *record);
struct record_parameter *record_add_parameter(struct record_parameter **list,
                                              size_t *count);

/* Frees what a case or a sample holds, not the element itself. */
void record_finish_case(struct record_case *one);
void record_finish_sample(struct record_sample *sample);

/* Drops all summaries and comparisons. */
void record_clear_results(struct record *record);

#endif
