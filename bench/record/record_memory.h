/* SPDX-License-Identifier: MIT */
#ifndef RECORD_RECORD_MEMORY_H
#define RECORD_RECORD_MEMORY_H

/* What reading and summarizing need of record.c beyond record.h: appending to
 * the other arrays, with the same contract, and giving up their contents. */
#include "record.h"

struct record_trace *record_add_trace(struct record *record);
struct record_summary *record_add_summary(struct record *record);
struct record_comparison *record_add_comparison(struct record *record);
struct record_model *record_add_model(struct record *record);
struct record_parameter *record_add_parameter(struct record_parameter **list,
                                              size_t *count);

/* Append to the lists of a model, as above. */
struct record_candidate *record_add_candidate(struct record_model *model);
bool record_add_warning(struct record_model *model, const char *warning);

/* Frees what a case, a sample or a model holds, not the element itself. */
void record_finish_case(struct record_case *one);
void record_finish_sample(struct record_sample *sample);
void record_finish_model(struct record_model *model);

/* Drops all summaries and comparisons. */
void record_clear_results(struct record *record);
/* Drops all models. */
void record_clear_models(struct record *record);
void record_clear_recommendations(struct record *record);

#endif
