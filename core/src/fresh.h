/* SPDX-License-Identifier: MIT */
#ifndef CFI_FRESH_H
#define CFI_FRESH_H

#include <stddef.h>
#include <stdint.h>
#include <sys/mman.h>

/* So large that the heap mostly has fresh memory for it. */
#define CFI_FRESH_BYTES ((size_t)256 << 10)

/*
 * Has the pages of memory that is about to be written whole made at once: a
 * fault for each costs more than the copy that goes there. Before Linux 5.14,
 * and where memory is short, they come one by one as ever.
 */
static inline void cfi_fresh(void *memory, size_t bytes)
{
    const uintptr_t page = 4096;
    uintptr_t begin = ((uintptr_t)memory + page - 1) & ~(page - 1);
    uintptr_t end = ((uintptr_t)memory + bytes) & ~(page - 1);

    if (bytes >= CFI_FRESH_BYTES)
        madvise((void *)begin, end - begin, MADV_POPULATE_WRITE);
}

#endif
