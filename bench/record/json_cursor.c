/* SPDX-License-Identifier: MIT */
/* Nothing is checked here that json_scan.h has checked before: brackets match,
 * commas and colons are where they belong, and the text ends with a NUL. */
#include "json_cursor.h"

#include <float.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "json_scan.h"

#define WHOLE_LIMIT 9007199254740992.0 /* 2^53: all whole numbers up to it */

static char here(const struct json_cursor *cursor)
{
    return cursor->text[cursor->at];
}

void json_pass_space(struct json_cursor *cursor)
{
    while (here(cursor) == ' ' || here(cursor) == '\n' ||
           here(cursor) == '\t' || here(cursor) == '\r')
        cursor->at++;
}

bool json_pass(struct json_cursor *cursor, char expected)
{
    if (here(cursor) != expected)
        return false;
    cursor->at++;
    return true;
}

bool json_pass_null(struct json_cursor *cursor)
{
    if (here(cursor) != 'n')
        return false;
    cursor->at += strlen("null");
    return true;
}

/* The value of `digits` times ten to the power of -`places`, which is exact
 * where both are exact doubles (Clinger, How to read floating point numbers
 * accurately, 1990) and there is no wider intermediate. */
static bool exact(uint64_t digits, int places, double *value)
{
    static const double powers[] = {
        1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
        1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

    if (FLT_EVAL_METHOD != 0 || digits > (uint64_t)1 << 53 || places > 22 ||
        places < -22)
        return false;
    *value = places < 0 ? (double)digits * powers[-places]
                        : (double)digits / powers[places];
    return true;
}

/* The digits of a number as one, up to 19 of them; false beyond. `*places` are
 * those behind the point. */
static bool take_digits(struct json_cursor *cursor, uint64_t *digits,
                        int *places)
{
    size_t start = cursor->at, point = 0;

    for (*digits = 0;; cursor->at++) {
        if (here(cursor) == '.')
            point = cursor->at;
        else if (here(cursor) >= '0' && here(cursor) <= '9')
            *digits = *digits * 10 + (uint64_t)(here(cursor) - '0');
        else
            break;
    }
    *places = point == 0 ? 0 : (int)(cursor->at - point - 1);
    return cursor->at - start <= 19;
}

static int take_exponent(struct json_cursor *cursor)
{
    bool is_negative;
    int exponent = 0;

    if (here(cursor) != 'e' && here(cursor) != 'E')
        return 0;
    cursor->at++;
    is_negative = here(cursor) == '-';
    if (is_negative || here(cursor) == '+')
        cursor->at++;
    for (; here(cursor) >= '0' && here(cursor) <= '9'; cursor->at++) {
        if (exponent < 1000)
            exponent = exponent * 10 + (here(cursor) - '0');
    }
    return is_negative ? -exponent : exponent;
}

bool json_take_value(struct json_cursor *cursor, double *value)
{
    const char *start = cursor->text + cursor->at;
    uint64_t digits;
    int places;
    bool is_short;

    if (here(cursor) < '0' || here(cursor) > '9')
        return false;
    is_short = take_digits(cursor, &digits, &places);
    places -= take_exponent(cursor);
    if (!is_short || !exact(digits, places, value))
        *value = strtod(start, NULL);
    return true;
}

bool json_take_whole(struct json_cursor *cursor, double *value)
{
    return json_take_value(cursor, value) && *value < WHOLE_LIMIT &&
           *value == floor(*value);
}

bool json_take_bool(struct json_cursor *cursor, bool *value)
{
    *value = here(cursor) == 't';
    if (!*value && here(cursor) != 'f')
        return false;
    cursor->at += strlen(*value ? "true" : "false");
    return true;
}

bool json_take_span(struct json_cursor *cursor, const char **start,
                    size_t *length)
{
    if (!json_pass(cursor, '"'))
        return false;
    *start = cursor->text + cursor->at;
    *length = strcspn(*start, "\"\\");
    cursor->at += *length;
    return json_pass(cursor, '"');
}

bool json_has_next(struct json_cursor *cursor, bool is_first, char closing)
{
    json_pass_space(cursor);
    if (json_pass(cursor, closing))
        return false;
    if (!is_first) {
        json_pass(cursor, ',');
        json_pass_space(cursor);
    }
    return true;
}

bool json_pass_unknown(struct json_cursor *cursor)
{
    struct json_scan scan = {
        .text = cursor->text, .length = SIZE_MAX, .at = cursor->at};
    const char *start = cursor->text + cursor->at;

    if (!json_scan_value(&scan) ||
        memchr(start, '\\', scan.at - cursor->at) != NULL)
        return false;
    cursor->at = scan.at;
    return true;
}
