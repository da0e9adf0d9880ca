/* SPDX-License-Identifier: MIT */
#ifndef CFI_BLOCK_H
#define CFI_BLOCK_H

#include <stddef.h>

/*
 * Memory for what is made and dropped once per task: blocks of a few sizes,
 * aligned to 32 bytes, kept for the next task when they are given back. Any
 * thread may give back what another took.
 */
enum {
    CFI_BLOCK_STEP = 32,
    CFI_BLOCK_LEAST = 128,
    CFI_BLOCK_SIZES = 5, /* 128, 160, ... 256; larger ones come from malloc() */
};

/* How large a block for `bytes` is. */
static inline size_t cfi_block_bytes(size_t bytes)
{
    return bytes <= CFI_BLOCK_LEAST
               ? CFI_BLOCK_LEAST
               : (bytes + CFI_BLOCK_STEP - 1) & ~(size_t)(CFI_BLOCK_STEP - 1);
}

/* A block of cfi_block_bytes(bytes), for `bytes` that it gave; NULL without
 * memory. */
void *cfi_block_take(size_t bytes);
void cfi_block_give(void *block, size_t bytes);

/* Gives back to the system what lies unused: after a burst, when idle. Cheap
 * where there is little. */
void cfi_block_trim(void);

/* In a forked child, whose other threads are gone. */
void cfi_block_after_fork(void);

#endif
