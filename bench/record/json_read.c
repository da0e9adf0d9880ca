/* SPDX-License-Identifier: MIT */
/*
 * Typed members of a parsed object. Nearly every number in a record is a time,
 * a size, a count or a ratio of such: finite and not negative. Counts end at
 * 2^53, since the parser keeps doubles.
 */
#include "json_read.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define COUNT_LIMIT 9007199254740992.0 /* 2^53 */

struct json_fields json_fields(const cJSON *object, struct json_fault *fault)
{
    return (struct json_fields){object, fault,
                                object == NULL ? NULL : object->child};
}

void json_note(struct json_fields *fields, const char *name, const char *wrong)
{
    if (fields->fault->member == NULL)
        *fields->fault = (struct json_fault){name, wrong};
}

const cJSON *json_read_any(struct json_fields *fields, const char *name)
{
    const cJSON *item = fields->expected;

    if (item == NULL || strcmp(item->string, name) != 0)
        item = cJSON_GetObjectItemCaseSensitive(fields->object, name);
    if (item == NULL)
        return NULL;
    fields->expected = item->next;
    return cJSON_IsNull(item) ? NULL : item;
}

struct json_fields json_read_inside(struct json_fields *fields,
                                    const char *name)
{
    const cJSON *item = json_read_any(fields, name);

    if (item != NULL && !cJSON_IsObject(item)) {
        json_note(fields, name, "not an object");
        item = NULL;
    }
    return json_fields(item, fields->fault);
}

bool json_is_number(const cJSON *item)
{
    return cJSON_IsNumber(item) && isfinite(item->valuedouble) &&
           item->valuedouble >= 0;
}

bool json_is_count(const cJSON *item)
{
    return json_is_number(item) && item->valuedouble < COUNT_LIMIT &&
           item->valuedouble == floor(item->valuedouble);
}

double json_read_number(struct json_fields *fields, const char *name)
{
    const cJSON *item = json_read_any(fields, name);

    if (item == NULL)
        return NAN;
    if (!json_is_number(item)) {
        json_note(fields, name, "not a finite number from 0 up");
        return NAN;
    }
    return item->valuedouble;
}

double json_read_signed(struct json_fields *fields, const char *name)
{
    const cJSON *item = json_read_any(fields, name);

    if (item == NULL)
        return NAN;
    if (!cJSON_IsNumber(item) || !isfinite(item->valuedouble)) {
        json_note(fields, name, "not a finite number");
        return NAN;
    }
    return item->valuedouble;
}

size_t json_read_count(struct json_fields *fields, const char *name)
{
    const cJSON *item = json_read_any(fields, name);

    if (item == NULL)
        return 0;
    if (!json_is_count(item)) {
        json_note(fields, name, "not a whole number from 0 to 2^53");
        return 0;
    }
    return (size_t)item->valuedouble;
}

bool json_read_bool(struct json_fields *fields, const char *name)
{
    const cJSON *item = json_read_any(fields, name);

    if (item != NULL && !cJSON_IsBool(item))
        json_note(fields, name, "neither true nor false");
    return cJSON_IsTrue(item);
}

char *json_read_text(struct json_fields *fields, const char *name)
{
    const cJSON *item = json_read_any(fields, name);
    char *text;

    if (item == NULL)
        return NULL;
    if (!cJSON_IsString(item)) {
        json_note(fields, name, "not a text");
        return NULL;
    }
    text = strdup(item->valuestring);
    if (text == NULL)
        json_note(fields, name, "out of memory");
    return text;
}

char *json_read_name(struct json_fields *fields, const char *name)
{
    char *text = json_read_text(fields, name);

    if (text == NULL)
        json_note(fields, name, "missing");
    return text;
}

void json_read_interval(struct json_fields *fields, const char *name,
                        double interval[2])
{
    const cJSON *item = json_read_any(fields, name);

    interval[0] = interval[1] = NAN;
    if (item == NULL)
        return;
    if (!cJSON_IsArray(item) || cJSON_GetArraySize(item) != 2) {
        json_note(fields, name, "not a pair of numbers");
        return;
    }
    for (int i = 0; i < 2; i++) {
        const cJSON *end = cJSON_GetArrayItem(item, i);
        if (json_is_number(end))
            interval[i] = end->valuedouble;
        else if (!cJSON_IsNull(end))
            json_note(fields, name, "not a pair of numbers");
    }
}
