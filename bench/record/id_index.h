/* SPDX-License-Identifier: MIT */
#ifndef RECORD_ID_INDEX_H
#define RECORD_ID_INDEX_H

/* Finds a place in an array by the id of what stands there, in constant time.
 * The ids are the array's; they must outlive the index. Zero is empty. */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct id_index {
    struct id_entry {
        const char *id; /* NULL: free */
        size_t place;
    } * entries;
    size_t capacity; /* a power of two */
    size_t count;
};

#define ID_UNKNOWN SIZE_MAX

void id_index_finish(struct id_index *index);
size_t id_index_find(const struct id_index *index, const char *id);
/* The id must not be in it yet. False without memory. */
bool id_index_add(struct id_index *index, const char *id, size_t place);

#endif
