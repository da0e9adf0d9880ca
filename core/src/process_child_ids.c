/* SPDX-License-Identifier: MIT */
/* The numbers by which a worker names its children: a place in a table, and a
 * serial, so that a number that has been is none of a later child's. */
#include <stdlib.h>

#include "process_children.h"

static bool make_room(struct cfi_nest *nest)
{
    size_t room = nest->room * 2 + 8;
    struct cfi_child **by_id =
        realloc(nest->by_id, room * sizeof(struct cfi_child *));

    if (by_id == NULL)
        return false;
    for (size_t i = nest->room; i < room; i++)
        by_id[i] = NULL;
    nest->by_id = by_id;
    nest->room = room;
    return true;
}

/* Serials rise, so the place after the last one is likely to be free. */
bool cfi_child_give_id(struct cfi_nest *nest, struct cfi_child *child)
{
    for (size_t tries = 0; tries < nest->room; tries++) {
        size_t at = ++nest->serial % nest->room;
        if (nest->by_id[at] != NULL)
            continue;
        nest->by_id[at] = child;
        child->id = (uint64_t)nest->serial << 32 | at;
        return true;
    }
    return make_room(nest) && cfi_child_give_id(nest, child);
}

struct cfi_child *cfi_child_find(const struct cfi_nest *nest, uint64_t id)
{
    size_t at = id & UINT32_MAX;
    struct cfi_child *child = at < nest->room ? nest->by_id[at] : NULL;

    return child != NULL && child->id == id ? child : NULL;
}
