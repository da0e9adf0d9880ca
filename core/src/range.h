/* SPDX-License-Identifier: MIT */
#ifndef CFI_RANGE_H
#define CFI_RANGE_H

#include <stdbool.h>
#include <stddef.h>

#include <cf/iterator.h>

/* One cf_map_into(): `count` items from `items` to `results`. */
struct cfi_range {
    cf_item_function *function;
    const unsigned char *items;
    size_t item_bytes;
    unsigned char *results;
    size_t result_bytes;
    size_t count;
    size_t chunk;  /* at least 1 */
    bool may_vary; /* nobody asked for chunks of this size */
};

/* Computes items first .. first + count - 1 here, one after the other. CF_OK. */
enum cf_status cfi_range_run(const struct cfi_range *range, size_t first,
                             size_t count);

#endif
