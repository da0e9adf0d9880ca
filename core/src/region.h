/* SPDX-License-Identifier: MIT */
#ifndef CFI_REGION_H
#define CFI_REGION_H

#include <stddef.h>

#include <cf/status.h>

#include "desk.h"
#include "ring.h"

/*
 * One worker's shared memory as this process sees it: the rings, the desk,
 * then an arena for large arguments, then one for large results. A memfd without a name,
 * sparse, its size sealed; no descriptor of it stays open once both sides have
 * mapped it.
 */
struct cfi_region {
    struct cfi_rings *rings; /* NULL: none */
    struct cfi_desk *desk;   /* to be reserved by each side before its use */
    unsigned char *args;
    unsigned char *results;
    size_t arena_bytes; /* of each arena */
    size_t bytes;       /* of everything */
};

/* No arena is smaller. */
#define CFI_LEAST_ARENA_BYTES ((size_t)1 << 20)

/*
 * A new region with empty rings and, as far as this process's limits allow,
 * `arena_bytes` in each arena; `*descriptor` (close-on-exec) is the caller's
 * to close. Not inherited by fork. CF_OK, CF_NOMEM, CF_SYSTEM.
 */
CF_MUST_CHECK enum cf_status cfi_region_create(size_t arena_bytes,
                                               struct cfi_region *region,
                                               int *descriptor);

/* Maps the region behind `descriptor`, which stays open. */
CF_MUST_CHECK enum cf_status cfi_region_map(int descriptor,
                                            struct cfi_region *region);

/* Unmaps it. A region without rings is allowed. */
void cfi_region_unmap(struct cfi_region *region);

/*
 * Has memory put behind `bytes` bytes at `start`, an address in a region,
 * before they are touched: a touch without memory left would be a SIGBUS.
 * CF_OK, CF_NOMEM, CF_SYSTEM.
 */
CF_MUST_CHECK enum cf_status cfi_region_reserve(void *start, size_t bytes);

/* Gives the memory behind these bytes back to the system, for both sides; the
 * address space stays. For whole pages. */
void cfi_region_give_back(void *start, size_t bytes);

/* How long a file may be: one byte more would be a signal, not an error. */
size_t cfi_file_limit(void);

#endif
