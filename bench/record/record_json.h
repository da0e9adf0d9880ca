/* SPDX-License-Identifier: MIT */
#ifndef RECORD_RECORD_JSON_H
#define RECORD_RECORD_JSON_H

/* The parts of a record as JSON, as documents and journals share them. */
#include <cjson/cJSON.h>

#include "json_write.h"
#include "record.h"

#define SCHEMA_NAME    "cfbench.record"
#define SCHEMA_VERSION "1.0"
#define SCHEMA_MAJOR   1

/* --- writing (record_json.c) --- */

/* Members of an open object: schema, tool, run, env, workloads, cases. */
void record_write_head(struct json_writer *writer, const struct record *record);
void record_write_case(struct json_writer *writer,
                       const struct record_case *one);
void record_write_sample(struct json_writer *writer,
                         const struct record *record,
                         const struct record_sample *sample);
/* Members of an open object: summaries, comparisons. */
void record_write_results(struct json_writer *writer,
                          const struct record *record);
/* The member "recommendations" of an open object (recommendation.c). */
void record_write_recommendations(struct json_writer *writer,
                                  const struct record *record);

/* The member "models" of an open object (model_json.c). */
void record_write_models(struct json_writer *writer,
                         const struct record *record);

/* The member "traces" of an open object (trace.c). */
void record_write_traces(struct json_writer *writer,
                         const struct record *record);

/* [low, high], or null where neither end is known. */
void record_write_interval(struct json_writer *writer, const char *key,
                           const double interval[2]);

#endif
