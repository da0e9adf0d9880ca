/* SPDX-License-Identifier: MIT */
/*
 * A recognizer for JSON by recursive descent, with bounded depth. It stands in
 * front of the parser library, which takes NUL for white space, cuts texts at
 * \u0000, lets any byte into a string and does not say where it stopped.
 */
#include "json_scan.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

#define DEPTH_LIMIT  64
#define NUMBER_LIMIT 60 /* characters; the parser library reads 63 */

static bool wrong(struct json_scan *scan, const char *what)
{
    if (scan->wrong == NULL)
        scan->wrong = scan->at >= scan->length ? "the text ends early" : what;
    return false;
}

/* The character at the cursor; NUL at the end. */
static char here(const struct json_scan *scan)
{
    return scan->text[scan->at];
}

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

void json_scan_space(struct json_scan *scan)
{
    while (here(scan) == ' ' || here(scan) == '\n' || here(scan) == '\t' ||
           here(scan) == '\r')
        scan->at++;
}

static bool scan_word(struct json_scan *scan, const char *word)
{
    const char *text = scan->text + scan->at;
    size_t length = 0;

    while (word[length] != '\0' && text[length] == word[length])
        length++;
    if (word[length] != '\0')
        return wrong(scan, "not a JSON value");
    scan->at += length;
    return true;
}

static bool scan_digits(struct json_scan *scan)
{
    if (!is_digit(here(scan)))
        return wrong(scan, "a digit is missing");
    while (is_digit(here(scan)))
        scan->at++;
    return true;
}

/* Without its exponent's digits a number that is not too long is below 1e60;
 * with two of them it is still no infinity. */
static bool scan_exponent(struct json_scan *scan, size_t start)
{
    size_t digits;

    scan->at++;
    if (here(scan) == '+' || here(scan) == '-')
        scan->at++;
    digits = scan->at;
    if (!scan_digits(scan))
        return false;
    if (scan->at - digits <= 2 && scan->at - start <= NUMBER_LIMIT)
        return true;
    return !isinf(strtod(scan->text + start, NULL)) ||
           wrong(scan, "the number is too large");
}

static bool scan_number(struct json_scan *scan)
{
    size_t start = scan->at;

    if (here(scan) == '-')
        scan->at++;
    if (here(scan) == '0')
        scan->at++;
    else if (!scan_digits(scan))
        return false;
    if (here(scan) == '.') {
        scan->at++;
        if (!scan_digits(scan))
            return false;
    }
    if ((here(scan) == 'e' || here(scan) == 'E') && !scan_exponent(scan, start))
        return false;
    if (scan->at - start > NUMBER_LIMIT)
        return wrong(scan, "the number is too long");
    return true;
}

static bool scan_unicode_escape(struct json_scan *scan)
{
    const char *digits = scan->text + scan->at;

    if (strspn(digits, "0123456789abcdefABCDEF") < 4)
        return wrong(scan, "not four hexadecimal digits");
    if (strncmp(digits, "0000", 4) == 0)
        return wrong(scan, "a text contains NUL");
    scan->at += 4;
    return true;
}

static bool scan_escape(struct json_scan *scan)
{
    scan->at++;
    if (here(scan) == 'u') {
        scan->at++;
        return scan_unicode_escape(scan);
    }
    if (here(scan) == '\0' || strchr("\"\\/bfnrt", here(scan)) == NULL)
        return wrong(scan, "not an escape");
    scan->at++;
    return true;
}

/* Passes over what needs no second look, which is nearly every text. */
static void scan_plain(struct json_scan *scan)
{
    const char *text = scan->text;
    size_t at = scan->at;

    while ((signed char)text[at] >= 0x20 && text[at] != '"' && text[at] != '\\')
        at++;
    scan->at = at;
}

static bool scan_string(struct json_scan *scan)
{
    if (here(scan) != '"')
        return wrong(scan, "a text is missing");
    scan->at++;
    for (scan_plain(scan); here(scan) != '"'; scan_plain(scan)) {
        const char *text = scan->text + scan->at;
        if ((unsigned char)*text < 0x20)
            return wrong(scan, "a text contains a control character");
        if (*text == '\\') {
            if (!scan_escape(scan))
                return false;
        } else {
            size_t length = utf8_sequence(text, scan->length - scan->at);
            if (length == 0)
                return wrong(scan, "not UTF-8");
            scan->at += length;
        }
    }
    scan->at++;
    return true;
}

/* Is there another element before `closing`? Passes over the comma before it,
 * or over `closing`. */
static bool next_element(struct json_scan *scan, bool *first, char closing)
{
    json_scan_space(scan);
    if (here(scan) == closing) {
        scan->at++;
        return false;
    }
    if (!*first) {
        if (here(scan) != ',')
            return wrong(scan, "a comma or a closing bracket is missing");
        scan->at++;
        json_scan_space(scan);
    }
    *first = false;
    return true;
}

static bool scan_colon(struct json_scan *scan)
{
    json_scan_space(scan);
    if (here(scan) != ':')
        return wrong(scan, "a colon is missing");
    scan->at++;
    json_scan_space(scan);
    return true;
}

static bool scan_nested(struct json_scan *scan, unsigned depth);

static bool scan_elements(struct json_scan *scan, char closing, unsigned depth)
{
    bool first = true;

    if (depth >= DEPTH_LIMIT)
        return wrong(scan, "nested too deep");
    scan->at++;
    while (next_element(scan, &first, closing)) {
        if (closing == '}' && !(scan_string(scan) && scan_colon(scan)))
            return false;
        if (!scan_nested(scan, depth + 1))
            return false;
    }
    return scan->wrong == NULL;
}

static bool scan_nested(struct json_scan *scan, unsigned depth)
{
    switch (here(scan)) {
    case '{':
        return scan_elements(scan, '}', depth);
    case '[':
        return scan_elements(scan, ']', depth);
    case '"':
        return scan_string(scan);
    case 't':
        return scan_word(scan, "true");
    case 'f':
        return scan_word(scan, "false");
    case 'n':
        return scan_word(scan, "null");
    default:
        if (here(scan) != '-' && !is_digit(here(scan)))
            return wrong(scan, "not a JSON value");
        return scan_number(scan);
    }
}

bool json_scan_value(struct json_scan *scan)
{
    json_scan_space(scan);
    return scan_nested(scan, 0);
}

bool json_scan_begin(struct json_scan *scan)
{
    json_scan_space(scan);
    if (here(scan) != '{')
        return wrong(scan, "not a JSON object");
    scan->at++;
    return true;
}

bool json_scan_member(struct json_scan *scan, bool *first,
                      char key[JSON_KEY_BYTES])
{
    size_t start;

    if (scan->wrong != NULL || !next_element(scan, first, '}'))
        return false;
    start = scan->at + 1;
    if (!scan_string(scan))
        return false;
    snprintf(key, JSON_KEY_BYTES, "%.*s", (int)(scan->at - 1 - start),
             scan->text + start);
    return scan_colon(scan);
}
