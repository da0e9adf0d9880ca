/* SPDX-License-Identifier: MIT */
/*
 * A JSON writer: one buffer, appended to by put() alone. Everything above it
 * is the grammar: what stands before a value (comma, line break, key), and how
 * texts and numbers are spelled. Text that is not UTF-8 gets U+FFFD for each
 * byte that is not, since a JSON file must be UTF-8 and a label may be anything.
 */
#include "json_write.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "file.h"
#include "utf8.h"

#define FLUSH_BYTES ((size_t)64 * 1024)

void json_init(struct json_writer *writer, int fd)
{
    *writer = (struct json_writer){.fd = fd};
}

void json_finish(struct json_writer *writer)
{
    free(writer->data);
    writer->data = NULL;
}

bool json_flush(struct json_writer *writer)
{
    if (writer->error == 0 && writer->fd >= 0) {
        if (!file_write(writer->fd, writer->data, writer->length))
            writer->error = errno;
        writer->length = 0;
    }
    return writer->error == 0;
}

static void make_room(struct json_writer *writer, size_t bytes)
{
    size_t capacity = writer->capacity * 2;
    char *data;

    if (writer->capacity - writer->length >= bytes)
        return;
    if (capacity < writer->length + bytes)
        capacity = writer->length + bytes + FLUSH_BYTES;
    data = realloc(writer->data, capacity);
    if (data == NULL) {
        writer->error = ENOMEM;
        return;
    }
    writer->data = data;
    writer->capacity = capacity;
}

static void put(struct json_writer *writer, const char *bytes, size_t length)
{
    if (writer->fd >= 0 && writer->length >= FLUSH_BYTES)
        json_flush(writer);
    if (writer->error == 0)
        make_room(writer, length);
    if (writer->error != 0)
        return;
    memcpy(writer->data + writer->length, bytes, length);
    writer->length += length;
}

static void put_text(struct json_writer *writer, const char *text)
{
    put(writer, text, strlen(text));
}

/* What JSON wants written instead of an ASCII character, NULL for itself. */
static const char *escape_of(unsigned char c, char unicode[8])
{
    switch (c) {
    case '"':
        return "\\\"";
    case '\\':
        return "\\\\";
    case '\n':
        return "\\n";
    case '\t':
        return "\\t";
    default:
        if (c >= 0x20)
            return NULL;
        snprintf(unicode, 8, "\\u%04x", c);
        return unicode;
    }
}

static void put_string(struct json_writer *writer, const char *text)
{
    size_t rest = strlen(text);
    char unicode[8];

    put(writer, "\"", 1);
    while (rest > 0) {
        size_t length = utf8_sequence(text, rest);
        const char *escape = length == 0
                                 ? "\xef\xbf\xbd" /* U+FFFD */
                                 : escape_of((unsigned char)*text, unicode);
        if (escape != NULL)
            put_text(writer, escape);
        else
            put(writer, text, length);
        length = length == 0 ? 1 : length;
        text += length;
        rest -= length;
    }
    put(writer, "\"", 1);
}

/* What stands between the value before and this one. */
static void put_prefix(struct json_writer *writer, const char *key)
{
    if (writer->comma)
        put(writer, ",", 1);
    if (writer->line)
        put(writer, "\n", 1);
    else if (writer->comma)
        put(writer, " ", 1);
    writer->line = false;
    writer->comma = true;
    if (key != NULL) {
        put_string(writer, key);
        put(writer, ": ", 2);
    }
}

void json_open(struct json_writer *writer, const char *key, char bracket)
{
    put_prefix(writer, key);
    put(writer, &bracket, 1);
    writer->comma = false;
}

void json_close(struct json_writer *writer, char bracket)
{
    if (writer->line)
        put(writer, "\n", 1);
    put(writer, &bracket, 1);
    writer->line = false;
    writer->comma = true;
}

void json_text(struct json_writer *writer, const char *key, const char *text)
{
    if (text == NULL) {
        json_null(writer, key);
        return;
    }
    put_prefix(writer, key);
    put_string(writer, text);
}

void json_print_number(char text[JSON_NUMBER_BYTES], double number)
{
    if (fabs(number) < 1e15 && number == floor(number)) { /* most are */
        snprintf(text, JSON_NUMBER_BYTES, "%.0f", number);
        return;
    }
    /* 15 digits are always right for what was typed, 17 always enough. */
    for (int digits = 15; digits <= 17; digits++) {
        snprintf(text, JSON_NUMBER_BYTES, "%.*g", digits, number);
        if (strtod(text, NULL) == number)
            return;
    }
}

void json_number(struct json_writer *writer, const char *key, double number)
{
    char text[JSON_NUMBER_BYTES];

    if (!isfinite(number)) {
        json_null(writer, key);
        return;
    }
    json_print_number(text, number);
    put_prefix(writer, key);
    put_text(writer, text);
}

void json_bool(struct json_writer *writer, const char *key, bool value)
{
    put_prefix(writer, key);
    put_text(writer, value ? "true" : "false");
}

void json_null(struct json_writer *writer, const char *key)
{
    put_prefix(writer, key);
    put_text(writer, "null");
}

void json_break(struct json_writer *writer)
{
    writer->line = !writer->flat;
}

void json_end_line(struct json_writer *writer)
{
    put(writer, "\n", 1);
    writer->comma = false;
}
