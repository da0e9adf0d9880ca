/* SPDX-License-Identifier: MIT */
#ifndef CFI_OPENMP_MODULE_H
#define CFI_OPENMP_MODULE_H

#include <stddef.h>

#include "module.h"
#include "range.h"

#define CFI_OPENMP_INTERFACE 2

/* What libcf asks of an OpenMP runtime. */
struct cfi_openmp_module {
    struct cfi_module_head head;

    /* Enters a parallel region of `members` threads, fewer where the runtime
     * grants no more: `member` is called in each, with its index and how many
     * there are. Returns when all have returned. */
    void (*enter)(size_t members,
                  void (*member)(void *context, size_t index, size_t size),
                  void *context);

    /* Worksharing loops: called by each member, in the same order; nobody
     * waits for the others. share_range() returns how many it passed: it
     * computes them until `*is_over`. */
    size_t (*share_range)(const struct cfi_range *range,
                          const _Atomic bool *is_over);
    void (*share_calls)(size_t count, size_t chunk,
                        void (*call)(void *context, size_t i), void *context);
};

extern CF_API const struct cfi_openmp_module cf_module_openmp;

#endif
