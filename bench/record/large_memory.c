/* SPDX-License-Identifier: MIT */
#include "large_memory.h"

#include <stdint.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#define LARGE_BYTES ((size_t)16 << 20)

void *large_memory_resize(void *memory, size_t bytes)
{
    void *resized = realloc(memory, bytes);
    uintptr_t page, from, to;

    if (resized == NULL || bytes < LARGE_BYTES)
        return resized;
    page = (uintptr_t)sysconf(_SC_PAGESIZE);
    from = ((uintptr_t)resized + page - 1) / page * page;
    to = ((uintptr_t)resized + bytes) / page * page;
    (void)madvise((void *)from, to - from, MADV_HUGEPAGE); /* a wish */
    return resized;
}
