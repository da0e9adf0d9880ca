/* SPDX-License-Identifier: MIT */
#ifndef RECORD_JSON_SCAN_H
#define RECORD_JSON_SCAN_H

/*
 * Walks over JSON text without building anything, as strictly as RFC 8259 has
 * it, and says where it is wrong. What it has passed over can be parsed piece
 * by piece. `text` has a NUL behind its `length` bytes. The first thing found
 * wrong sticks: then `wrong` says what and `at` where. Call in the C locale.
 */
#include <stdbool.h>
#include <stddef.h>

struct json_scan {
    const char *text;
    size_t length;
    size_t at;
    const char *wrong; /* NULL: nothing */
};

#define JSON_KEY_BYTES 32

/* Passes over white space, and over one whole value. */
void json_scan_space(struct json_scan *scan);
bool json_scan_value(struct json_scan *scan);

/*
 * Step into an object and through its members:
 *
 *      for (bool first = json_scan_begin(&scan);
 *           json_scan_member(&scan, &first, key);) {
 *          ... json_scan_value(&scan) ...
 *      }
 *
 * `key` is the raw text between the quotes, cut to fit.
 */
bool json_scan_begin(struct json_scan *scan);
bool json_scan_member(struct json_scan *scan, bool *first,
                      char key[JSON_KEY_BYTES]);

#endif
