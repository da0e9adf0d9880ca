/* SPDX-License-Identifier: MIT */
/*
 * What most services do all day: cJSON makes a tree of a document, which is
 * then walked through once. A tree is thousands of small pieces of memory, so
 * this is malloc's work as much as the parser's.
 */
#include "workload.h"

#include <cjson/cJSON.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "document.h"
#include "refuse.h"

enum { VARIETY = 16 }; /* of documents */

/* An item: this, and the document. */
struct head {
    uint64_t rounds;
};

struct json_work {
    struct wl_document_facts right[VARIETY];
};

/* The deepest of our documents has three levels, cJSON's limit is 1000. */
static void walk(const cJSON *value, struct wl_document_facts *facts)
{
    const cJSON *child;

    facts->values++;
    if (value->string != NULL)
        facts->text_bytes += strlen(value->string);
    if (cJSON_IsString(value))
        facts->text_bytes += strlen(value->valuestring);
    if (cJSON_IsNumber(value))
        facts->quarters += (uint64_t)(int64_t)(4 * value->valuedouble);
    cJSON_ArrayForEach(child, value) /* members, too */
        walk(child, facts);
}

static enum cf_status json_parse_task(struct cf_task *task, const void *arg,
                                      size_t arg_bytes)
{
    const struct head *head = arg;
    const char *text = (const char *)arg + sizeof *head;
    struct wl_document_facts facts = {0};

    for (uint64_t round = 0; round < head->rounds; round++) {
        cJSON *tree = cJSON_ParseWithLength(text, arg_bytes - sizeof *head);

        if (tree == NULL)
            return cf_raise(task, EIO, "cJSON: no document, or no memory");
        facts = (struct wl_document_facts){0};
        walk(tree, &facts);
        cJSON_Delete(tree);
        if (cf_stopping(task) && round + 1 < head->rounds)
            return cf_raise(task, ECANCELED, "asked to stop");
    }
    return cf_return(task, &facts, sizeof facts);
}

/* All items: the documents in turn. */
static void write_items(const struct wl_setup *setup, struct json_work *data,
                        char *items, size_t item_bytes)
{
    struct head head = {(uint64_t)setup->values[1].number};
    size_t bytes = (size_t)setup->values[0].number;

    for (size_t i = 0; i < setup->tasks; i++) {
        char *item = items + i * item_bytes;

        if (i >= VARIETY) {
            memcpy(item, item - VARIETY * item_bytes, item_bytes);
            continue;
        }
        memcpy(item, &head, sizeof head);
        data->right[i] = wl_document_write(i, bytes, item + sizeof head);
    }
}

static enum cf_status json_parse_prepare(const struct wl_setup *setup,
                                         struct wl_work *work)
{
    size_t bytes = (size_t)setup->values[0].number;
    size_t item_bytes = (sizeof(struct head) + wl_document_room(bytes) + 7) &
                        ~(size_t)7; /* aligned, as the head of each must be */
    struct json_work *data = calloc(1, sizeof *data);
    char *items = calloc(setup->tasks, item_bytes);

    if (data == NULL || items == NULL) {
        free(data);
        free(items);
        return wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                         "no memory for %zu documents of %zu bytes",
                         setup->tasks, bytes);
    }
    write_items(setup, data, items, item_bytes);
    *work = (struct wl_work){items, item_bytes, data};
    return CF_OK;
}

static bool json_parse_verify(const struct wl_work *work, size_t i,
                              const void *output, size_t output_bytes)
{
    const struct json_work *data = work->data;
    const struct wl_document_facts *right = &data->right[i % VARIETY];

    return output_bytes == sizeof *right &&
           memcmp(output, right, sizeof *right) == 0;
}

static void json_parse_dispose(struct wl_work *work)
{
    free((void *)work->items);
    free(work->data);
}

static const struct wl_parameter parameters[] = {
    {.name = "bytes",
     .about = "size of the document",
     .standard = "16384",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 1 << 28},
    {.name = "rounds",
     .about = "how many times a task parses it",
     .standard = "30",
     .kind = WL_INTEGER,
     .minimum = 1,
     .maximum = 1e6},
    {0},
};

const struct wl_workload wl_json_parse = {
    .abi = WL_ABI,
    .table_bytes = sizeof(struct wl_workload),
    .name = "json_parse",
    .about = "parses a JSON document with cJSON and walks through it",
    .limit = "the cores and malloc: shows real code with many allocations",
    .klass = WL_CPU,
    .parameters = parameters,
    .task = json_parse_task,
    .prepare = json_parse_prepare,
    .verify = json_parse_verify,
    .dispose = json_parse_dispose,
};
