/* SPDX-License-Identifier: MIT */
/*
 * The document: a record as one JSON file, laid out for people and line tools:
 * one member of the top level to a line, and within the lists one element to a
 * line. It streams through a buffer into a temporary file, so a million samples
 * cost no memory, and takes the old file's place in one step (file.c).
 */
#include "record.h"

#include <string.h>

#include "c_locale.h"
#include "fail.h"
#include "file.h"
#include "record_json.h"

static void write_document(struct json_writer *writer,
                           const struct record *record)
{
    json_open(writer, NULL, '{');
    record_write_head(writer, record);
    json_break(writer);
    json_open(writer, "samples", '[');
    for (size_t i = 0; i < record->sample_count; i++) {
        json_break(writer);
        record_write_sample(writer, record, &record->samples[i]);
    }
    json_close(writer, ']');
    json_break(writer);
    if (record->trace_count > 0) {
        record_write_traces(writer, record);
        json_break(writer);
    }
    record_write_results(writer, record);
    json_break(writer);
    record_write_models(writer, record);
    json_break(writer);
    record_write_recommendations(writer, record);
    json_break(writer);
    json_close(writer, '}');
    json_end_line(writer);
}

/* Writes through `fd`; 0, or the errno of what failed. */
static int stream_document(const struct record *record, int fd)
{
    struct json_writer writer;
    locale_t before = c_locale_enter();

    json_init(&writer, fd);
    write_document(&writer, record);
    json_flush(&writer);
    json_finish(&writer);
    c_locale_leave(before);
    return writer.error;
}

bool record_write(const struct record *record, const char *path,
                  struct record_error *error)
{
    struct file_replacement replacement;
    int why;

    if (!file_replace_begin(&replacement, path, error))
        return false;
    why = stream_document(record, replacement.fd);
    if (why == 0)
        return file_replace_commit(&replacement, false, error);
    file_replace_abandon(&replacement);
    return fail(error, path, "cannot be written: %s", strerror(why));
}
