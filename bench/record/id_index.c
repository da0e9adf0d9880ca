/* SPDX-License-Identifier: MIT */
/* A hash table with linear probing, at most half full; FNV-1a as the hash. */
#include "id_index.h"

#include <stdlib.h>
#include <string.h>

void id_index_finish(struct id_index *index)
{
    free(index->entries);
    *index = (struct id_index){0};
}

/* Where `id` is, or the free entry where it would be. */
static struct id_entry *probe(const struct id_index *index, const char *id)
{
    uint64_t hash = UINT64_C(14695981039346656037);
    size_t mask = index->capacity - 1;
    size_t at;

    for (const char *c = id; *c != '\0'; c++)
        hash = (hash ^ (unsigned char)*c) * UINT64_C(1099511628211);
    at = (size_t)(hash ^ (hash >> 32)) & mask;
    while (index->entries[at].id != NULL &&
           strcmp(index->entries[at].id, id) != 0)
        at = (at + 1) & mask;
    return &index->entries[at];
}

size_t id_index_find(const struct id_index *index, const char *id)
{
    const struct id_entry *entry;

    if (index->capacity == 0)
        return ID_UNKNOWN;
    entry = probe(index, id);
    return entry->id == NULL ? ID_UNKNOWN : entry->place;
}

static bool grow(struct id_index *index)
{
    struct id_index larger = {
        .capacity = index->capacity == 0 ? 16 : 2 * index->capacity,
        .count = index->count,
    };

    larger.entries = calloc(larger.capacity, sizeof *larger.entries);
    if (larger.entries == NULL)
        return false;
    for (size_t i = 0; i < index->capacity; i++) {
        if (index->entries[i].id != NULL)
            *probe(&larger, index->entries[i].id) = index->entries[i];
    }
    free(index->entries);
    *index = larger;
    return true;
}

bool id_index_add(struct id_index *index, const char *id, size_t place)
{
    if (2 * (index->count + 1) > index->capacity && !grow(index))
        return false;
    *probe(index, id) = (struct id_entry){id, place};
    index->count++;
    return true;
}
