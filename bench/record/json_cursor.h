/* SPDX-License-Identifier: MIT */
#ifndef RECORD_JSON_CURSOR_H
#define RECORD_JSON_CURSOR_H

/*
 * Takes values out of JSON text that json_scan.h has found good, without
 * building anything. A value is taken and passed over where it is of the kind
 * that is asked for; otherwise false, and the cursor may stand anywhere in it.
 * Call in the C locale.
 */
#include <stdbool.h>
#include <stddef.h>

struct json_cursor {
    const char *text;
    size_t at;
};

void json_pass_space(struct json_cursor *cursor);
bool json_pass(struct json_cursor *cursor, char expected);
bool json_pass_null(struct json_cursor *cursor);
/* Any value without an escape: whether the halves of a surrogate pair are whole
 * was not looked at. */
bool json_pass_unknown(struct json_cursor *cursor);

/* Is there another element before `closing`? Passes over what lies before it,
 * or over `closing`. */
bool json_has_next(struct json_cursor *cursor, bool is_first, char closing);

/* A number from 0 up: the nearest double to what is written. */
bool json_take_value(struct json_cursor *cursor, double *value);
/* The same, whole and below 2^53. */
bool json_take_whole(struct json_cursor *cursor, double *value);
bool json_take_bool(struct json_cursor *cursor, bool *value);
/* A text without escapes: where it starts and how long it is. */
bool json_take_span(struct json_cursor *cursor, const char **start,
                    size_t *length);

#endif
