/* SPDX-License-Identifier: MIT */
/*
 * Facts are a cJSON object under an opaque name. A path is walked segment by
 * segment; setting makes the objects on the way, reading never changes
 * anything. Names are compared with case, as JSON has them.
 */
#include "facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "c_locale.h"
#include "facts_json.h"

/* Longer segments of a path are cut; ours are words. */
#define SEGMENT_BYTES 64

struct facts *facts_from_json(cJSON *object)
{
    return (struct facts *)object;
}

const cJSON *facts_json(const struct facts *facts)
{
    return (const cJSON *)facts;
}

struct facts *facts_create(void)
{
    return facts_from_json(cJSON_CreateObject());
}

void facts_destroy(struct facts *facts)
{
    cJSON_Delete((cJSON *)facts);
}

/* Copies the first segment of `path` and returns what follows it, NULL after
 * the last. */
static const char *split(const char *path, char segment[SEGMENT_BYTES])
{
    size_t length = strcspn(path, ".");

    snprintf(segment, SEGMENT_BYTES, "%.*s", (int)length, path);
    return path[length] == '.' ? path + length + 1 : NULL;
}

static const cJSON *find(const struct facts *facts, const char *path)
{
    const cJSON *node = facts_json(facts);
    char segment[SEGMENT_BYTES];

    if (path[0] == '\0')
        return node;
    while (path != NULL && node != NULL) {
        path = split(path, segment);
        node = cJSON_GetObjectItemCaseSensitive(node, segment);
    }
    return node;
}

/* Puts `item` in the place of the member `name`, or adds it. Takes it over,
 * also on failure. */
static bool put(cJSON *object, const char *name, cJSON *item)
{
    if (item == NULL)
        return false;
    if (cJSON_GetObjectItemCaseSensitive(object, name) != NULL
            ? cJSON_ReplaceItemInObjectCaseSensitive(object, name, item)
            : cJSON_AddItemToObject(object, name, item))
        return true;
    cJSON_Delete(item);
    return false;
}

/* The object that holds the last segment of `path`, made where it is absent or
 * no object. NULL without memory. */
static cJSON *make_parent(struct facts *facts, const char *path,
                          char last[SEGMENT_BYTES])
{
    cJSON *node = (cJSON *)facts;

    for (path = split(path, last); path != NULL; path = split(path, last)) {
        cJSON *next = cJSON_GetObjectItemCaseSensitive(node, last);
        if (!cJSON_IsObject(next)) {
            next = cJSON_CreateObject();
            if (!put(node, last, next))
                return NULL;
        }
        node = next;
    }
    return node;
}

static bool set(struct facts *facts, const char *path, cJSON *item)
{
    char last[SEGMENT_BYTES];
    cJSON *parent = make_parent(facts, path, last);

    if (parent != NULL)
        return put(parent, last, item);
    cJSON_Delete(item);
    return false;
}

bool facts_set_text(struct facts *facts, const char *path, const char *text)
{
    return set(facts, path,
               text == NULL ? cJSON_CreateNull() : cJSON_CreateString(text));
}

bool facts_set_number(struct facts *facts, const char *path, double number)
{
    return set(facts, path,
               isfinite(number) ? cJSON_CreateNumber(number)
                                : cJSON_CreateNull());
}

bool facts_set_bool(struct facts *facts, const char *path, bool value)
{
    return set(facts, path, cJSON_CreateBool(value));
}

/* Appends to the list at `path`, made where it is absent. */
static bool append(struct facts *facts, const char *path, cJSON *item)
{
    char last[SEGMENT_BYTES];
    cJSON *parent = make_parent(facts, path, last);
    cJSON *list;

    if (parent == NULL || item == NULL)
        goto delete_item;
    list = cJSON_GetObjectItemCaseSensitive(parent, last);
    if (!cJSON_IsArray(list)) {
        list = cJSON_CreateArray();
        if (!put(parent, last, list))
            goto delete_item;
    }
    if (cJSON_AddItemToArray(list, item))
        return true;

delete_item:
    cJSON_Delete(item);
    return false;
}

bool facts_add_text(struct facts *facts, const char *path, const char *text)
{
    return append(facts, path, cJSON_CreateString(text));
}

struct facts *facts_add_object(struct facts *facts, const char *path)
{
    cJSON *object = cJSON_CreateObject();

    return append(facts, path, object) ? facts_from_json(object) : NULL;
}

const char *facts_text(const struct facts *facts, const char *path,
                       const char *fallback)
{
    const cJSON *node = find(facts, path);
    return cJSON_IsString(node) ? node->valuestring : fallback;
}

double facts_number(const struct facts *facts, const char *path,
                    double fallback)
{
    const cJSON *node = find(facts, path);
    return cJSON_IsNumber(node) ? node->valuedouble : fallback;
}

bool facts_bool(const struct facts *facts, const char *path, bool fallback)
{
    const cJSON *node = find(facts, path);
    return cJSON_IsBool(node) ? cJSON_IsTrue(node) : fallback;
}

/* The i-th element of a list, or member of an object; NULL past the last.
 * (cJSON takes int indices and walks from the front; lists here are short.) */
static const cJSON *nth(const cJSON *node, size_t i)
{
    const cJSON *child = node == NULL ? NULL : node->child;

    while (child != NULL && i-- > 0)
        child = child->next;
    return child;
}

size_t facts_count(const struct facts *facts, const char *path)
{
    const cJSON *list = find(facts, path);
    return cJSON_IsArray(list) ? (size_t)cJSON_GetArraySize(list) : 0;
}

const char *facts_text_at(const struct facts *facts, const char *path, size_t i,
                          const char *fallback)
{
    const cJSON *list = find(facts, path);
    const cJSON *item = cJSON_IsArray(list) ? nth(list, i) : NULL;
    return cJSON_IsString(item) ? item->valuestring : fallback;
}

const struct facts *facts_object_at(const struct facts *facts, const char *path,
                                    size_t i)
{
    const cJSON *list = find(facts, path);
    const cJSON *item = cJSON_IsArray(list) ? nth(list, i) : NULL;
    return cJSON_IsObject(item) ? (const struct facts *)item : NULL;
}

/* A number for a reader: with a point in any locale, without a false digit. */
static void print_number(char *value, size_t value_bytes, double number)
{
    locale_t before = c_locale_enter();

    snprintf(value, value_bytes, "%.15g", number);
    c_locale_leave(before);
}

const char *facts_member(const struct facts *facts, const char *path, size_t i,
                         char *value, size_t value_bytes)
{
    const cJSON *object = find(facts, path);
    const cJSON *member = cJSON_IsObject(object) ? nth(object, i) : NULL;

    if (member == NULL)
        return NULL;
    if (cJSON_IsString(member))
        snprintf(value, value_bytes, "%s", member->valuestring);
    else if (cJSON_IsNumber(member))
        print_number(value, value_bytes, member->valuedouble);
    else if (cJSON_IsBool(member))
        snprintf(value, value_bytes, "%s",
                 cJSON_IsTrue(member) ? "true" : "false");
    else
        snprintf(value, value_bytes, "%s", "");
    return member->string;
}
