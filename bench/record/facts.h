/* SPDX-License-Identifier: MIT */
#ifndef RECORD_FACTS_H
#define RECORD_FACTS_H

#include <stdbool.h>
#include <stddef.h>

/*
 * Facts: the descriptive parts of a record (tool, run, env) as a tree of named
 * values. A path names a value through its objects: "cpu.model". Values read
 * from a file are untrusted text. Opaque over the JSON library, which the rest
 * of the program need not know.
 */
struct facts;

/* An empty tree; NULL without memory. */
struct facts *facts_create(void);
void facts_destroy(struct facts *facts);

/* Set a value, replacing what stood there and making the objects on the way.
 * False without memory. A number that is not finite becomes null. */
bool facts_set_text(struct facts *facts, const char *path, const char *text);
bool facts_set_number(struct facts *facts, const char *path, double number);
bool facts_set_bool(struct facts *facts, const char *path, bool value);
/* Appends to the list of texts at `path`. */
bool facts_add_text(struct facts *facts, const char *path, const char *text);
/* Appends an empty object to the list at `path` and lends it. */
struct facts *facts_add_object(struct facts *facts, const char *path);

/* Read a value; the fallback where it is absent or of another type. */
const char *facts_text(const struct facts *facts, const char *path,
                       const char *fallback);
double facts_number(const struct facts *facts, const char *path,
                    double fallback);
bool facts_bool(const struct facts *facts, const char *path, bool fallback);
/* The list at `path`: its length, its i-th text, its i-th object (lent). */
size_t facts_count(const struct facts *facts, const char *path);
const char *facts_text_at(const struct facts *facts, const char *path, size_t i,
                          const char *fallback);
const struct facts *facts_object_at(const struct facts *facts, const char *path,
                                    size_t i);
/* The i-th member of the object at `path` ("" is the tree itself), NULL past
 * the last; a scalar value is written as text into `value`. */
const char *facts_member(const struct facts *facts, const char *path, size_t i,
                         char *value, size_t value_bytes);

#endif
