/* SPDX-License-Identifier: MIT */
#ifndef RECORD_UTF8_H
#define RECORD_UTF8_H

#include <stddef.h>

/* The length of the well-formed UTF-8 sequence at the start of `text` (not
 * empty), 0 where there is none: stray or cut bytes, overlong forms,
 * surrogates, beyond U+10FFFF. */
size_t utf8_sequence(const char *text, size_t length);

#endif
