/* SPDX-License-Identifier: MIT */
#ifndef CFI_RANGE_H
#define CFI_RANGE_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/iterator.h>

/* One cf_map_into(): `count` items from `items` to `results`. */
struct cfi_range {
    cf_item_function *function;
    const unsigned char *items;
    size_t item_bytes;
    unsigned char *results;
    size_t result_bytes;
    size_t count;
    size_t chunk;        /* at least 1 */
    bool may_vary;       /* nobody asked for chunks of this size */
    int64_t deadline_ns; /* of the call */
};

/* So many short items cost more than a look at a flag or the clock by far. */
#define CFI_RANGE_BLOCK 4096

/* Computes items first .. first + count - 1 here, one after the other. */
static inline void cfi_range_compute(const struct cfi_range *range,
                                     size_t first, size_t count)
{
    for (size_t i = first; i < first + count; i++)
        range->function(range->items + i * range->item_bytes,
                        range->results + i * range->result_bytes);
}

/* The same for another thread's call; once that `is_over`, as far as the end of
 * a chunk, or of a block where a chunk is longer. */
static inline void cfi_range_compute_until(const struct cfi_range *range,
                                           size_t first, size_t count,
                                           const _Atomic bool *is_over)
{
    size_t block =
        range->chunk < CFI_RANGE_BLOCK ? range->chunk : CFI_RANGE_BLOCK;

    while (count > 0 && !atomic_load(is_over)) {
        size_t size = count < block ? count : block;
        cfi_range_compute(range, first, size);
        first += size;
        count -= size;
    }
}

/* The same in the thread whose call it is: CF_OK; CF_TIMEOUT, with a text: the
 * time was up, or an interrupt came, before the last item. */
enum cf_status cfi_range_run(const struct cfi_range *range, size_t first,
                             size_t count);

/* The same for one of several parts: `*block` starts at 1 and is kept. */
enum cf_status cfi_range_run_part(const struct cfi_range *range, size_t first,
                                  size_t count, size_t *block);

/* What a call says that ends without all items. */
extern const char cfi_range_unfinished[];

#endif
