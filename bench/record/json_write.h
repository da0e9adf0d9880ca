/* SPDX-License-Identifier: MIT */
#ifndef RECORD_JSON_WRITE_H
#define RECORD_JSON_WRITE_H

/*
 * Writes JSON piece by piece, into memory or through a buffer into a file, so
 * that a document of any size needs no tree. Commas come by themselves. `key`
 * is NULL for the elements of a list. The first failure sticks in `error`
 * (an errno) and the rest does nothing. Call in the C locale (c_locale.h).
 */
#include <stdbool.h>
#include <stddef.h>

struct json_writer {
    char *data;
    size_t length;
    size_t capacity;
    int fd;     /* where a full buffer goes; -1: it grows instead */
    int error;  /* of the first failure, else 0                   */
    bool flat;  /* json_break() does nothing: all on one line     */
    bool comma; /* a value stands before                          */
    bool line;  /* a line break is due before the next value      */
};

void json_init(struct json_writer *writer, int fd);
void json_finish(struct json_writer *writer);
/* Sends what is left to the file. False if anything failed since init. */
bool json_flush(struct json_writer *writer);

void json_open(struct json_writer *writer, const char *key, char bracket);
void json_close(struct json_writer *writer, char bracket);
void json_text(struct json_writer *writer, const char *key, const char *text);
void json_number(struct json_writer *writer, const char *key, double number);
void json_bool(struct json_writer *writer, const char *key, bool value);
void json_null(struct json_writer *writer, const char *key);
/* The next value, or the closing bracket, begins a new line. */
void json_break(struct json_writer *writer);
/* A bare line feed: between the values of a journal. */
void json_end_line(struct json_writer *writer);

#define JSON_NUMBER_BYTES 32
/* The shortest text that reads back as the same number, which is finite. */
void json_print_number(char text[JSON_NUMBER_BYTES], double number);

#endif
