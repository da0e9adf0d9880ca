/* SPDX-License-Identifier: MIT */
#ifndef RECORD_RECORD_PARSE_H
#define RECORD_RECORD_PARSE_H

/*
 * Adds to a record what one parsed element of a file says. False with the
 * fault: a member that is wrong, an id used twice or unknown, no memory. Each
 * element may name only what was added before: workloads, cases, the rest.
 */
#include <cjson/cJSON.h>

#include "id_index.h"
#include "json_read.h"
#include "record.h"

struct record_parser {
    struct record *record;
    struct id_index workloads;
    struct id_index cases;
    struct histogram_bucket *buckets; /* room for one histogram's */
    size_t bucket_room;
};

void record_parser_finish(struct record_parser *parser);

typedef bool record_parse(struct record_parser *parser, const cJSON *element,
                          struct json_fault *fault);

record_parse record_parse_workload;
record_parse record_parse_case;
record_parse record_parse_sample;
record_parse record_parse_trace; /* trace.c */
record_parse record_parse_summary;
record_parse record_parse_comparison;
record_parse record_parse_model;          /* model_parse.c */
record_parse record_parse_recommendation; /* recommendation.c */

/* The case that the member `name` names; NO_CASE, a fault if `is_needed`. */
size_t record_parse_case_id(struct record_parser *parser,
                            struct json_fields *fields, const char *name,
                            bool is_needed);

/*
 * Adds the sample whose object stands at `*at` of a text that json_scan has
 * found good, and moves on behind it: as record_parse_sample() would, without a
 * tree. False, and nothing is changed, where the sample is not as plain as that
 * (a member of another type, twice or missing, a text with an escape): then the
 * tree decides. In sample_parse.c.
 */
bool record_parse_plain_sample(struct record_parser *parser, const char *text,
                               size_t *at);

/* A case as it now stands: takes the place of the one with its id. */
record_parse record_parse_case_again;

#endif
