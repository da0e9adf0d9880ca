/* SPDX-License-Identifier: MIT */
/*
 * One walk over the text, character by character, decodes UTF-8 and makes
 * every character harmless; what differs between the destinations is how a
 * character that means something there is written:
 *
 *     HTML        & < > " '            as entities
 *     data file   " \                  as U+2033 and a doubled backslash (the
 *                                      label style of gnuplot reads \n)
 *     Markdown    what begins or ends anything   as entities
 *     terminal    nothing is left that means anything
 */
#include "text.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "utf8.h"

enum { REPLACEMENT = 0xFFFD, ELLIPSIS = 0x2026, DOUBLE_PRIME = 0x2033 };

typedef void (*put_function)(FILE *out, uint32_t c);

/* The length that a UTF-8 sequence's first byte announces; 0: none. */
static size_t sequence_bytes(unsigned char first)
{
    if (first < 0x80)
        return 1;
    if (first >= 0xC2 && first <= 0xDF)
        return 2;
    if (first >= 0xE0 && first <= 0xEF)
        return 3;
    return first >= 0xF0 && first <= 0xF4 ? 4 : 0;
}

/* Is this decoded value one that its sequence may hold (no overlong form, no
 * surrogate, nothing past the end of Unicode)? */
static bool is_scalar(uint32_t c, size_t bytes)
{
    static const uint32_t least[] = {0, 0, 0x80, 0x800, 0x10000};

    return c >= least[bytes] && c <= 0x10FFFF && !(c >= 0xD800 && c <= 0xDFFF);
}

/* Takes one character off `*text`; a byte that starts none is U+FFFD. */
static uint32_t next_character(const char **text)
{
    const unsigned char *p = (const unsigned char *)*text;
    size_t bytes = sequence_bytes(p[0]);
    uint32_t c = bytes == 1 ? p[0] : p[0] & (0x7Fu >> bytes);

    *text += 1;
    if (bytes == 0)
        return REPLACEMENT;
    for (size_t i = 1; i < bytes; i++) {
        if ((p[i] & 0xC0) != 0x80)
            return REPLACEMENT;
        c = c << 6 | (p[i] & 0x3Fu);
    }
    if (!is_scalar(c, bytes))
        return REPLACEMENT;
    *text += bytes - 1;
    return c;
}

/* Characters that nobody sees but that change what is seen: zero width,
 * direction, tags, private and non-characters. */
static bool is_invisible(uint32_t c)
{
    return c == 0xAD || c == 0x61C || c == 0x180E ||
           (c >= 0x200B && c <= 0x200F) || (c >= 0x2028 && c <= 0x202E) ||
           (c >= 0x2060 && c <= 0x206F) || (c >= 0xE000 && c <= 0xF8FF) ||
           (c >= 0xFDD0 && c <= 0xFDEF) || c == 0xFEFF ||
           (c >= 0xFFF0 && c <= 0xFFFB) || (c & 0xFFFE) == 0xFFFE ||
           c >= 0xE0000;
}

static uint32_t harmless(uint32_t c)
{
    if (c == '\t' || c == '\n' || c == '\r')
        return ' ';
    if (c < 0x20 || (c >= 0x7F && c < 0xA0) || is_invisible(c))
        return REPLACEMENT;
    return c;
}

uint32_t text_letter(const char **text)
{
    return harmless(next_character(text));
}

/* What a character counts: where a line has its room, a wide one counts twice. */
enum measure { IN_CHARACTERS, IN_COLUMNS };

static size_t width_of(const char *text, enum measure measure)
{
    return measure == IN_COLUMNS ? utf8_take(text, strnlen(text, 4)).columns
                                 : 1;
}

static void walk(FILE *out, const char *text, size_t most, enum measure measure,
                 put_function put)
{
    if (text == NULL)
        return;
    for (size_t used = 0; *text != '\0';) {
        used += width_of(text, measure);
        uint32_t c = text_letter(&text);
        if (used >= most && (used > most || *text != '\0')) {
            put(out, ELLIPSIS);
            return;
        }
        put(out, c);
    }
}

static void put_utf8(FILE *out, uint32_t c)
{
    if (c < 0x80) {
        putc((int)c, out);
        return;
    }
    if (c < 0x800) {
        putc((int)(0xC0 | c >> 6), out);
    } else {
        if (c < 0x10000) {
            putc((int)(0xE0 | c >> 12), out);
        } else {
            putc((int)(0xF0 | c >> 18), out);
            putc((int)(0x80 | (c >> 12 & 0x3F)), out);
        }
        putc((int)(0x80 | (c >> 6 & 0x3F)), out);
    }
    putc((int)(0x80 | (c & 0x3F)), out);
}

static void put_html(FILE *out, uint32_t c)
{
    switch (c) {
    case '&':
        fputs("&amp;", out);
        break;
    case '<':
        fputs("&lt;", out);
        break;
    case '>':
        fputs("&gt;", out);
        break;
    case '"':
        fputs("&quot;", out);
        break;
    case '\'':
        fputs("&#39;", out);
        break;
    default:
        put_utf8(out, c);
    }
}

static void put_data(FILE *out, uint32_t c)
{
    if (c == '\\')
        putc('\\', out);
    put_utf8(out, c == '"' ? DOUBLE_PRIME : c);
}

/* Entities mean nothing to Markdown; an underscore is left to be read, since
 * within words it means nothing either. */
static void put_markdown(FILE *out, uint32_t c)
{
    if (c < 0x80 && strchr("\\`*<>|&@#~$!", (int)c) != NULL)
        fprintf(out, "&#%u;", (unsigned)c);
    else if (c == ']')
        fputs("\\]", out);
    else if (c == '[')
        fputs("\\[", out);
    else
        put_utf8(out, c);
}

void text_to_html(FILE *out, const char *text, size_t max_chars)
{
    walk(out, text, max_chars, IN_CHARACTERS, put_html);
}

void text_to_markdown(FILE *out, const char *text, size_t max_chars)
{
    walk(out, text, max_chars, IN_CHARACTERS, put_markdown);
}

void text_to_data(FILE *out, const char *text, size_t max_chars)
{
    putc('"', out);
    walk(out, text, max_chars, IN_COLUMNS, put_data);
    putc('"', out);
}

void text_to_terminal(FILE *out, const char *text, size_t max_chars)
{
    walk(out, text, max_chars, IN_COLUMNS, put_utf8);
}

void text_slug(char *slug, size_t slug_bytes, const char *name, size_t ordinal,
               const char *text)
{
    enum { TEXT_MAX = 32 };
    size_t used = (size_t)snprintf(slug, slug_bytes, "%s-%zu-", name, ordinal);

    for (size_t i = 0; i < TEXT_MAX && used + 1 < slug_bytes; i++) {
        char c = text[i];
        if (c == '\0')
            break;
        if (c >= 'A' && c <= 'Z')
            c = (char)(c - 'A' + 'a');
        bool plain = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') ||
                     c == '_' || c == '-';
        slug[used++] = plain ? c : '-';
    }
    if (used < slug_bytes)
        slug[used] = '\0';
}
