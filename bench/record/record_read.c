/* SPDX-License-Identifier: MIT */
/*
 * Reading a record, document or journal, from a file that nobody vouches for.
 *
 *      file -> one strict pass over the text, noting where the members of the
 *      top level are -> schema -> tool, run, env -> workloads -> cases ->
 *      samples, one at a time -> summaries, comparisons, models
 *
 * Only one element of a list is parsed into a tree at a time: a tree costs some
 * 100 bytes a number, and there may be a million samples. A document has a
 * member "samples"; where there is none it is the first line of a journal, and
 * lines follow (journal.h says which).
 */
#include "record.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "c_locale.h"
#include "facts_json.h"
#include "fail.h"
#include "file.h"
#include "json_scan.h"
#include "record_json.h"
#include "record_parse.h"

#define FILE_LIMIT ((size_t)4 << 30)

/* The members of the top level that we read, in the order of reading. */
enum member {
    SCHEMA,
    TOOL,
    RUN,
    ENV,
    WORKLOADS,
    CASES,
    SAMPLES,
    TRACES,
    SUMMARIES,
    COMPARISONS,
    MODELS,
    RECOMMENDATIONS,
    MEMBERS
};

static const char *const names[MEMBERS] = {
    "schema",    "tool",        "run",     "env",
    "workloads", "cases",       "samples", "traces",
    "summaries", "comparisons", "models",  "recommendations",
};

/* What one element of a member is called in a message. */
static const char *const elements[MEMBERS] = {
    "schema", "tool",  "run",     "env",        "workload", "case",
    "sample", "trace", "summary", "comparison", "model",    "recommendation",
};

struct source {
    const char *path;
    const char *text;
    size_t length;
    size_t start[MEMBERS]; /* of the value; 0: absent (a '{' is at 0) */
    size_t end[MEMBERS];
    size_t forgotten; /* of the list that is being read */
    struct record_error *error;
    struct record_parser parser;
};

static bool damaged(struct source *source, const struct json_scan *scan)
{
    return fail(source->error, source->path, "damaged at byte %zu: %s",
                scan->at, scan->wrong);
}

/* Notes where the members of the top level are; the whole text is checked. */
static bool find_members(struct source *source, struct json_scan *scan)
{
    char key[JSON_KEY_BYTES];

    for (bool first = json_scan_begin(scan);
         json_scan_member(scan, &first, key);) {
        size_t start = scan->at;
        if (!json_scan_value(scan))
            break;
        for (int i = 0; i < MEMBERS; i++) {
            if (strcmp(key, names[i]) != 0)
                continue;
            if (source->start[i] != 0)
                return fail(source->error, source->path,
                            "damaged at byte %zu: \"%s\" stands there twice",
                            start, key);
            source->start[i] = start;
            source->end[i] = scan->at;
        }
    }
    return scan->wrong == NULL || damaged(source, scan);
}

/* Parses the value at `at`, which the scan has passed; `*after` is behind it.
 * Fails without memory, and for halves of a surrogate pair. */
static cJSON *parse_at(struct source *source, size_t at, size_t *after)
{
    const char *end;
    cJSON *tree = cJSON_ParseWithLengthOpts(source->text + at,
                                            source->length - at, &end, false);

    if (tree == NULL)
        fail(source->error, source->path, "damaged at byte %zu: not readable",
             at);
    else
        *after = (size_t)(end - source->text);
    return tree;
}

static bool check_schema(struct source *source)
{
    size_t after;
    cJSON *schema;
    const char *name, *version;
    bool is_ours = false;

    if (source->start[SCHEMA] == 0)
        return fail(source->error, source->path, "not a cfbench record");
    schema = parse_at(source, source->start[SCHEMA], &after);
    if (schema == NULL)
        return false;
    name = facts_text(facts_from_json(schema), "name", "");
    version = facts_text(facts_from_json(schema), "version", "");
    if (strcmp(name, SCHEMA_NAME) != 0)
        fail(source->error, source->path, "not a cfbench record");
    else if (strtol(version, NULL, 10) > SCHEMA_MAJOR)
        fail(source->error, source->path,
             "made by a newer cfbench: its schema is %.20s, known here is %s",
             version, SCHEMA_VERSION);
    else if (strtol(version, NULL, 10) < 1)
        fail(source->error, source->path,
             "not a cfbench record: its schema has no version");
    else
        is_ours = true;
    cJSON_Delete(schema);
    return is_ours;
}

/* Reads the member into `*facts`, in place of what was there. */
static bool read_facts(struct source *source, enum member member,
                       struct facts **facts)
{
    size_t after;
    cJSON *tree;

    if (source->start[member] == 0)
        return true;
    tree = parse_at(source, source->start[member], &after);
    if (tree == NULL)
        return false;
    if (!cJSON_IsObject(tree)) {
        cJSON_Delete(tree);
        return fail(source->error, source->path, "\"%s\" is not an object",
                    names[member]);
    }
    facts_destroy(*facts);
    *facts = facts_from_json(tree);
    return true;
}

/* Reads the element at `at` and moves on behind it. */
static bool read_element(struct source *source, enum member member,
                         record_parse *parse, size_t *at)
{
    struct json_fault fault = {0};
    size_t start = *at;
    cJSON *tree;

    if (member == SAMPLES &&
        record_parse_plain_sample(&source->parser, source->text, at))
        return true;
    tree = parse_at(source, start, at);
    if (tree == NULL)
        return false;
    if (!cJSON_IsObject(tree))
        fault = (struct json_fault){"it", "not an object"};
    else
        parse(&source->parser, tree, &fault);
    cJSON_Delete(tree);
    return fault.member == NULL ||
           fail(source->error, source->path, "%s of the %s at byte %zu: %s",
                fault.member, elements[member], start, fault.wrong);
}

/*
 * Gives back the memory of the text before `at` that has been read; the pages
 * read as NUL from then on. A record of a million samples takes as much text as
 * it takes samples, and both at a time are too much.
 */
static void forget(struct source *source, size_t at)
{
    const size_t often = (size_t)8 << 20;
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    uintptr_t from = (uintptr_t)source->text + source->forgotten + page - 1;
    uintptr_t to = (uintptr_t)source->text + at;

    if (at < source->forgotten + often)
        return;
    from -= from % page;
    to -= to % page;
    if (madvise((void *)from, to - from, MADV_DONTNEED) == 0)
        source->forgotten = at;
}

/* Reads the list element by element: after the scan, what stands between two
 * is white space and a comma. What is read is not looked at again. */
static bool read_list(struct source *source, enum member member,
                      record_parse *parse)
{
    const char *text = source->text;
    size_t at = source->start[member];

    source->forgotten = at;

    if (at == 0)
        return true;
    if (text[at] != '[')
        return fail(source->error, source->path, "\"%s\" is not a list",
                    names[member]);
    for (;;) {
        at += 1 + strspn(text + at + 1, " \n\t\r");
        if (text[at] == ']')
            return true;
        if (!read_element(source, member, parse, &at))
            return false;
        forget(source, at);
        at += strspn(text + at, " \n\t\r");
        if (text[at] == ']')
            return true;
    }
}

static bool read_head(struct source *source)
{
    struct record *record = source->parser.record;

    return check_schema(source) && read_facts(source, TOOL, &record->tool) &&
           read_facts(source, RUN, &record->run) &&
           read_facts(source, ENV, &record->env) &&
           read_list(source, WORKLOADS, record_parse_workload) &&
           read_list(source, CASES, record_parse_case);
}

static bool read_document(struct source *source, struct json_scan *scan)
{
    json_scan_space(scan);
    if (scan->at < scan->length)
        return fail(source->error, source->path,
                    "damaged at byte %zu: something follows the record",
                    scan->at);
    return read_head(source) &&
           read_list(source, SAMPLES, record_parse_sample) &&
           read_list(source, TRACES, record_parse_trace) &&
           read_list(source, SUMMARIES, record_parse_summary) &&
           read_list(source, COMPARISONS, record_parse_comparison) &&
           read_list(source, MODELS, record_parse_model) &&
           read_list(source, RECOMMENDATIONS, record_parse_recommendation);
}

/* A line of a journal, already checked: a case has an id, a sample has none. */
static bool read_line(struct source *source, size_t start)
{
    struct json_scan scan = {source->text, source->length, start, NULL};
    char key[JSON_KEY_BYTES] = "";
    bool first = json_scan_begin(&scan);
    size_t at = start;

    json_scan_member(&scan, &first, key);
    if (strcmp(key, "id") == 0)
        return read_element(source, CASES, record_parse_case_again, &at);
    return read_element(source, SAMPLES, record_parse_sample, &at);
}

/* Reads the lines behind the first. A line that breaks off at the end of the
 * file is what a kill leaves behind, and is passed over. */
static bool read_journal(struct source *source, struct json_scan *scan)
{
    if (!read_head(source))
        return false;
    source->parser.record->from_journal = true;
    for (;;) {
        size_t start;
        json_scan_space(scan);
        start = scan->at;
        if (start >= scan->length)
            break;
        if (!json_scan_value(scan)) {
            if (memchr(source->text + start, '\n', source->length - start))
                return damaged(source, scan);
            break;
        }
        if (!read_line(source, start))
            return false;
    }
    return record_summarize(source->parser.record) ||
           fail(source->error, source->path, "out of memory");
}

static bool read_source(struct source *source)
{
    struct json_scan scan = {source->text, source->length, 0, NULL};

    json_scan_space(&scan);
    if (source->length == 0)
        return fail(source->error, source->path, "empty, not a record");
    if (source->text[scan.at] != '{')
        return fail(source->error, source->path,
                    "not a cfbench record: byte %zu does not begin an object",
                    scan.at);
    if (!find_members(source, &scan))
        return false;
    return source->start[SAMPLES] != 0 ? read_document(source, &scan)
                                       : read_journal(source, &scan);
}

struct record *record_read_text(const char *path, char *text, size_t length,
                                struct record_error *error)
{
    struct source source = {
        .path = path, .text = text, .length = length, .error = error};
    struct record *record = source.parser.record = record_create();
    locale_t before;
    bool is_read;

    if (record == NULL) {
        fail(error, path, "out of memory");
        return NULL;
    }
    before = c_locale_enter();
    is_read = read_source(&source);
    c_locale_leave(before);
    record_parser_finish(&source.parser);
    if (is_read)
        return record;
    record_destroy(record);
    return NULL;
}

struct record *record_read(const char *path, struct record_error *error)
{
    size_t length;
    char *text = file_read(path, FILE_LIMIT, &length, error);
    struct record *record = NULL;

    if (text != NULL)
        record = record_read_text(path, text, length, error);
    free(text);
    return record;
}

bool record_is_record(const char *path)
{
    struct record_error error;
    struct record *record = record_read(path, &error);

    record_destroy(record);
    return record != NULL;
}
