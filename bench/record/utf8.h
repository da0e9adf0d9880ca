/* SPDX-License-Identifier: MIT */
#ifndef RECORD_UTF8_H
#define RECORD_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* The length of the well-formed UTF-8 sequence at the start of `text` (not
 * empty), 0 where there is none: stray or cut bytes, overlong forms,
 * surrogates, beyond U+10FFFF. */
size_t utf8_sequence(const char *text, size_t length);

/* What stands at the start of a text: a character, or a byte of none. */
struct utf8_char {
    size_t bytes;
    bool is_plain; /* well-formed, and no control character (C0, DEL, C1) or one
                      of a text's direction: a terminal only shows it */
    size_t columns; /* that it takes there: 2 where it is wide (Chinese, emoji),
                       else 1; marks that join the letter before count, too */
};

/* `text` is not empty. */
struct utf8_char utf8_take(const char *text, size_t length);

/* Replaces what is not plain by '?'. */
void utf8_clean(char *text);

#endif
