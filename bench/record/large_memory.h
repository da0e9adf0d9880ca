/* SPDX-License-Identifier: MIT */
#ifndef RECORD_LARGE_MEMORY_H
#define RECORD_LARGE_MEMORY_H

#include <stddef.h>

/* As realloc(), for what may grow to hundreds of megabytes: then the kernel is
 * asked for large pages, since touching small ones for the first time takes as
 * long as reading what goes into them. */
void *large_memory_resize(void *memory, size_t bytes);

#endif
