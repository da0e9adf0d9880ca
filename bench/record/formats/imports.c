/* SPDX-License-Identifier: MIT */
/*
 * Whose file is it? Text that begins with '{' is JSON: a record of ours has a
 * member "schema", which is seen without building a tree; the others are asked
 * one by one. Everything else is a table.
 */
#include <stdlib.h>
#include <string.h>

#include "c_locale.h"
#include "fail.h"
#include "file.h"
#include "foreign.h"
#include "formats.h"
#include "json_scan.h"
#include "table_read.h"

#define FILE_LIMIT ((size_t)1 << 30)

static const struct import_format *const formats[] = {
    &import_hyperfine, &import_google_benchmark, &import_pyperf};

struct input {
    const char *path;
    char *text;
    size_t length;
    struct record_error *error;
};

/* Has the object at the start of the text a member "schema"? */
static bool is_ours(const struct input *input)
{
    struct json_scan scan = {input->text, input->length, 0, NULL};
    char key[JSON_KEY_BYTES];

    json_scan_space(&scan);
    for (bool first = json_scan_begin(&scan);
         json_scan_member(&scan, &first, key);) {
        if (strcmp(key, "schema") == 0)
            return true;
        if (!json_scan_value(&scan))
            break;
    }
    return false;
}

static bool is_json(const struct input *input)
{
    struct json_scan scan = {input->text, input->length, 0, NULL};

    json_scan_space(&scan);
    return scan.at < scan.length &&
           (input->text[scan.at] == '{' || input->text[scan.at] == '[');
}

/* The whole of it, strictly: what our parser builds a tree from is sound. */
static cJSON *parse(const struct input *input)
{
    struct json_scan scan = {input->text, input->length, 0, NULL};
    cJSON *root = NULL;

    json_scan_space(&scan);
    if (!json_scan_value(&scan)) {
        fail(input->error, input->path, "damaged at byte %zu: %s", scan.at,
             scan.wrong);
        return NULL;
    }
    json_scan_space(&scan);
    if (scan.at < scan.length)
        fail(input->error, input->path,
             "damaged at byte %zu: something follows the end", scan.at);
    else if ((root = cJSON_ParseWithLength(input->text, input->length)) == NULL)
        fail(input->error, input->path, "not readable as JSON");
    return root;
}

/* The record that `root` is of, by the format that knows it. */
static struct record *convert(const struct input *input, const cJSON *root)
{
    struct foreign foreign = {.path = input->path, .error = input->error};

    for (size_t i = 0; i < sizeof formats / sizeof *formats; i++) {
        if (!cJSON_IsObject(root) || !formats[i]->is_it(root))
            continue;
        foreign.tool = formats[i]->name;
        foreign.record = record_create();
        if (foreign.record == NULL) {
            foreign_fail(&foreign, "out of memory");
            return NULL;
        }
        if (formats[i]->read(&foreign, root) &&
            (foreign.record->sample_count > 0 ||
             foreign_fail(&foreign, "no measured time in it")))
            return foreign.record;
        record_destroy(foreign.record);
        return NULL;
    }
    fail(input->error, input->path,
         "neither a record nor a file of hyperfine, pyperf or Google "
         "Benchmark");
    return NULL;
}

/* Says where the numbers come from. */
static bool finish(struct record *record, const char *tool, const char *path)
{
    const char *slash = strrchr(path, '/');

    return facts_set_text(record->tool, "name", tool) &&
           facts_set_text(record->run, "name",
                          slash == NULL ? path : slash + 1) &&
           facts_set_text(record->run, "order", "sequential") &&
           record_summarize(record);
}

static struct record *read_json(const struct input *input)
{
    struct record *record = NULL;
    cJSON *root;

    if (is_ours(input))
        return record_read_text(input->path, input->text, input->length,
                                input->error);
    root = parse(input);
    if (root != NULL)
        record = convert(input, root);
    if (record != NULL && !finish(record, "import", input->path)) {
        fail(input->error, input->path, "out of memory");
        record_destroy(record);
        record = NULL;
    }
    cJSON_Delete(root);
    return record;
}

bool formats_read_values(const char *path, struct record **record,
                         struct series_list *series, struct record_error *error)
{
    struct input input = {.path = path, .error = error};
    locale_t before;
    bool is_read;

    *record = NULL;
    input.text = file_read(path, FILE_LIMIT, &input.length, error);
    if (input.text == NULL)
        return false;
    before = c_locale_enter();
    if (is_json(&input)) {
        *record = read_json(&input);
        is_read = *record != NULL;
    } else {
        is_read = table_read(path, input.text, input.length, series, error);
    }
    c_locale_leave(before);
    free(input.text);
    return is_read;
}

/* The record that a table is. */
static struct record *convert_table(const char *path,
                                    const struct series_list *series,
                                    struct record_error *error)
{
    struct foreign foreign = {.path = path,
                              .error = error,
                              .tool = "table",
                              .record = record_create()};

    if (foreign.record == NULL) {
        foreign_fail(&foreign, "out of memory");
        return NULL;
    }
    if (import_series(&foreign, series) &&
        (finish(foreign.record, "import", path) ||
         foreign_fail(&foreign, "out of memory")))
        return foreign.record;
    record_destroy(foreign.record);
    return NULL;
}

struct record *formats_import(const char *path, struct record_error *error)
{
    struct series_list series = {0};
    struct record *record;

    if (formats_read_values(path, &record, &series, error) && record == NULL)
        record = convert_table(path, &series, error);
    series_finish(&series);
    return record;
}
