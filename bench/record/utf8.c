/* SPDX-License-Identifier: MIT */
/*
 * Which bytes are UTF-8: table 3-7 of the Unicode standard. Only the second
 * byte has limits of its own, and they depend on the first.
 */
#include "utf8.h"

#include <stdint.h>
#include <string.h>

struct lead {
    unsigned char first, last;     /* of the first byte  */
    unsigned char lowest, highest; /* of the second byte */
    unsigned char length;
};

static const struct lead leads[] = {
    {0x00, 0x7f, 0x00, 0x00, 1}, {0xc2, 0xdf, 0x80, 0xbf, 2},
    {0xe0, 0xe0, 0xa0, 0xbf, 3}, {0xe1, 0xec, 0x80, 0xbf, 3},
    {0xed, 0xed, 0x80, 0x9f, 3}, {0xee, 0xef, 0x80, 0xbf, 3},
    {0xf0, 0xf0, 0x90, 0xbf, 4}, {0xf1, 0xf3, 0x80, 0xbf, 4},
    {0xf4, 0xf4, 0x80, 0x8f, 4},
};

static bool continues(const unsigned char *bytes, size_t length,
                      const struct lead *lead)
{
    if (lead->length == 1)
        return true;
    if (length < lead->length || bytes[1] < lead->lowest ||
        bytes[1] > lead->highest)
        return false;
    for (size_t i = 2; i < lead->length; i++) {
        if ((bytes[i] & 0xc0) != 0x80)
            return false;
    }
    return true;
}

size_t utf8_sequence(const char *text, size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;

    for (size_t i = 0; i < sizeof leads / sizeof leads[0]; i++) {
        if (bytes[0] >= leads[i].first && bytes[0] <= leads[i].last)
            return continues(bytes, length, &leads[i]) ? leads[i].length : 0;
    }
    return 0;
}

/* C1 is U+0080 to U+009F: some terminals obey U+009B as they do ESC [. */
static bool is_control(const char *text, size_t bytes)
{
    unsigned char first = (unsigned char)text[0];

    return first < 0x20 || first == 0x7f ||
           (bytes == 2 && first == 0xc2 && (unsigned char)text[1] < 0xa0);
}

/* U+061C, U+200E, U+200F, U+2028 to U+202E and U+2066 to U+2069 turn around or
 * break what stands beside them on the line, too. */
static bool is_direction(const char *text, size_t bytes)
{
    unsigned char third;

    if (bytes == 2)
        return memcmp(text, "\xd8\x9c", 2) == 0;
    if (bytes != 3)
        return false;
    third = (unsigned char)text[2];
    if (memcmp(text, "\xe2\x80", 2) == 0)
        return third == 0x8e || third == 0x8f ||
               (third >= 0xa8 && third <= 0xae);
    return memcmp(text, "\xe2\x81", 2) == 0 && third >= 0xa6 && third <= 0xa9;
}

/* The characters of East Asian width W and F, in blocks: what Unicode has not
 * assigned between them is taken to be as its neighbours are. */
static bool is_wide(const char *text, size_t bytes)
{
    static const struct {
        uint32_t first, last;
    } wide[] = {
        {0x1100, 0x115f},   {0x231a, 0x231b},   {0x23e9, 0x23ec},
        {0x2e80, 0x303e},   {0x3041, 0x4dbf},   {0x4e00, 0xa4cf},
        {0xa960, 0xa97c},   {0xac00, 0xd7a3},   {0xf900, 0xfaff},
        {0xfe30, 0xfe6b},   {0xff01, 0xff60},   {0xffe0, 0xffe6},
        {0x17000, 0x18cff}, {0x1b000, 0x1b2ff}, {0x1f200, 0x1f320},
        {0x1f32d, 0x1f64f}, {0x1f680, 0x1f6ff}, {0x1f900, 0x1faff},
        {0x20000, 0x3fffd},
    };
    const unsigned char *at = (const unsigned char *)text;
    uint32_t c;

    if (bytes < 3)
        return false;
    c = at[0] & (0xffu >> (bytes + 1));
    for (size_t i = 1; i < bytes; i++)
        c = c << 6 | (at[i] & 0x3fu);
    for (size_t i = 0; i < sizeof wide / sizeof wide[0]; i++)
        if (c >= wide[i].first && c <= wide[i].last)
            return true;
    return false;
}

struct utf8_char utf8_take(const char *text, size_t length)
{
    size_t bytes = utf8_sequence(text, length);

    return (struct utf8_char){.bytes = bytes > 0 ? bytes : 1,
                              .is_plain = bytes > 0 &&
                                          !is_control(text, bytes) &&
                                          !is_direction(text, bytes),
                              .columns = is_wide(text, bytes) ? 2 : 1};
}

void utf8_clean(char *text)
{
    size_t left = strlen(text);
    char *to = text;

    while (left > 0) {
        struct utf8_char c = utf8_take(text, left);

        if (c.is_plain)
            memmove(to, text, c.bytes);
        else
            *to = '?';
        to += c.is_plain ? c.bytes : 1;
        text += c.bytes;
        left -= c.bytes;
    }
    *to = '\0';
}
