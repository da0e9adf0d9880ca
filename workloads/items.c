/* SPDX-License-Identifier: MIT */
/* One contiguous array, as cf_map() wants it and as a fork inherits it. */
#include "items.h"

#include <stdlib.h>

#include "refuse.h"

void *wl_items_create(const struct wl_setup *setup, size_t item_bytes,
                      struct wl_work *work)
{
    void *items = calloc(setup->tasks, item_bytes);

    if (items == NULL)
        wl_refuse(setup->why, setup->why_bytes, CF_NOMEM,
                  "no memory for the arguments of %zu tasks", setup->tasks);
    *work = (struct wl_work){
        .items = items, .item_bytes = item_bytes, .data = items};
    return items;
}

void wl_items_dispose(struct wl_work *work)
{
    free(work->data);
}
