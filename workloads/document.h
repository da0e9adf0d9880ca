/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_DOCUMENT_H
#define CFBENCH_DOCUMENT_H

/*
 * A JSON document like those that services exchange: an array of records with
 * numbers, strings, escapes, flags and lists. Anybody can make the same one
 * again from its number, and what a parser must find in it is known while it
 * is written.
 */
#include <stddef.h>
#include <stdint.h>

/* What there is to find. Without padding: it is also a task's output. */
struct wl_document_facts {
    uint64_t values;     /* objects, arrays, strings, numbers, true, null    */
    uint64_t text_bytes; /* of all strings and keys, decoded, in UTF-8       */
    uint64_t quarters;   /* sum of four times each number, modulo 2^64       */
};

/* How many bytes a document of at least `bytes` bytes may need. */
size_t wl_document_room(size_t bytes);

/*
 * Writes document `number` into `room` (wl_document_room() bytes): records
 * until `bytes` are reached, then blanks to the end of the room.
 */
struct wl_document_facts wl_document_write(uint64_t number, size_t bytes,
                                           char *room);

#endif
