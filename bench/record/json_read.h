/* SPDX-License-Identifier: MIT */
#ifndef RECORD_JSON_READ_H
#define RECORD_JSON_READ_H

/*
 * Takes typed members out of a parsed object whose content is not to be
 * trusted. A member that is absent or null is unknown (NAN, 0, NULL, false).
 * One of the wrong type or range is a fault: the first one is noted in
 * `fault`, which belongs to all objects of one element, and is to be looked at
 * once at the end.
 */
#include <stdbool.h>
#include <stddef.h>

#include <cjson/cJSON.h>

struct json_fault {
    const char *member; /* NULL: no fault. The caller's text */
    const char *wrong;
};

struct json_fields {
    const cJSON *object;
    struct json_fault *fault;
    const cJSON *expected; /* members mostly come in the order of writing */
};

struct json_fields json_fields(const cJSON *object, struct json_fault *fault);
/* The members of the object `name`; of none where it is unknown. */
struct json_fields json_read_inside(struct json_fields *fields,
                                    const char *name);

const cJSON *json_read_any(struct json_fields *fields, const char *name);
double json_read_number(struct json_fields *fields, const char *name);
/* Of either sign. */
double json_read_signed(struct json_fields *fields, const char *name);
/* A whole number from 0 up to below 2^53. */
size_t json_read_count(struct json_fields *fields, const char *name);
bool json_read_bool(struct json_fields *fields, const char *name);
/* For free(). */
char *json_read_text(struct json_fields *fields, const char *name);
/* The same, but must be there. */
char *json_read_name(struct json_fields *fields, const char *name);
/* [low, high]; two NAN where unknown. */
void json_read_interval(struct json_fields *fields, const char *name,
                        double interval[2]);

/* Notes a fault, unless there is one. */
void json_note(struct json_fields *fields, const char *name, const char *wrong);

/* A number as all of ours are: finite and not negative. */
bool json_is_number(const cJSON *item);
bool json_is_count(const cJSON *item);

#endif
