/* SPDX-License-Identifier: MIT */
#ifndef CFI_BLOCK_H
#define CFI_BLOCK_H

#include <stdbool.h>
#include <stddef.h>

#include "this_thread.h"

/*
 * Memory for what is made and dropped once per task: blocks of a few sizes,
 * aligned to 32 bytes, kept for the next task when they are given back. Any
 * thread may give back what another took.
 *
 * To each belongs its rest, one line more at a fixed distance, which has pages
 * only where somebody has written there: a task of which that has nothing to
 * tell costs half the memory, and what lies side by side in the cache is all in
 * use. The rest is all zero when a block is taken, and has to be when it is
 * given back, but for bytes that whoever takes it next does not rely on (Bonwick
 * 1994, "The Slab Allocator": objects are kept as they were constructed).
 */
enum {
    CFI_BLOCK_STEP = 32,
    CFI_BLOCK_LEAST = 64,
    CFI_BLOCK_SIZES = 5, /* 64, 96, ... 192; larger ones come from malloc() */
    CFI_BLOCK_REST = 64,
    CFI_BLOCK_REST_AT = 2 << 20, /* from the block: in the slab's other half */
    CFI_BLOCK_SHELF = 46,        /* blocks that a thread keeps of each size */
    CFI_BLOCK_AHEAD = 16,        /* blocks that are fetched in advance      */
};

#if defined __SANITIZE_ADDRESS__
/* or it would not see a use after the end; the rest is in front of the block */
#define CFI_BLOCKS_ARE_KEPT false
#else
#define CFI_BLOCKS_ARE_KEPT true
#endif

/* A thread's own of one size, the warmest last. */
struct cfi_shelf {
    size_t count;
    void *blocks[CFI_BLOCK_SHELF];
};

struct cfi_shelves {
    struct cfi_shelf of[CFI_BLOCK_SIZES];
};

/* How large a block for `bytes` is. */
static inline size_t cfi_block_bytes(size_t bytes)
{
    return bytes <= CFI_BLOCK_LEAST
               ? CFI_BLOCK_LEAST
               : (bytes + CFI_BLOCK_STEP - 1) & ~(size_t)(CFI_BLOCK_STEP - 1);
}

/* The place among the sizes of what cfi_block_bytes() gave; CFI_BLOCK_SIZES or
 * more: there is no block so large. */
static inline size_t cfi_block_size(size_t bytes)
{
    return (bytes - CFI_BLOCK_LEAST) / CFI_BLOCK_STEP;
}

/* The rest of take() and give(), for a shelf that is nearly empty or full. */
void *cfi_block_fetch(size_t size, void **later);
void cfi_block_put_away(void *block, size_t size);

/* A block of that size, below CFI_BLOCK_SIZES; NULL without memory. `*later`:
 * the one that this thread will take CFI_BLOCK_AHEAD takes from now, if it gives
 * none back before; where that is not known, the same. */
static inline void *cfi_block_take(size_t size, void **later)
{
    struct cfi_shelves *shelves = cfi_this_thread.shelves;

    if (!CFI_BLOCKS_ARE_KEPT || shelves == NULL ||
        shelves->of[size].count <= CFI_BLOCK_AHEAD)
        return cfi_block_fetch(size, later);
    struct cfi_shelf *shelf = &shelves->of[size];
    void *block = shelf->blocks[--shelf->count];
    *later = shelf->blocks[shelf->count - CFI_BLOCK_AHEAD];
    __builtin_prefetch(*later, 1);
    return block;
}

/* The blocks of that size will need their rests: fetches that of one that take()
 * has fetched. */
static inline void cfi_block_fetch_rest(size_t size)
{
    struct cfi_shelves *shelves = cfi_this_thread.shelves;
    struct cfi_shelf *shelf = shelves != NULL ? &shelves->of[size] : NULL;

    if (shelf != NULL && shelf->count >= CFI_BLOCK_AHEAD)
        __builtin_prefetch(
            (char *)shelf->blocks[shelf->count - CFI_BLOCK_AHEAD] +
                CFI_BLOCK_REST_AT,
            1);
}

static inline void cfi_block_give(void *block, size_t size)
{
    struct cfi_shelves *shelves = cfi_this_thread.shelves;

    if (!CFI_BLOCKS_ARE_KEPT || shelves == NULL ||
        shelves->of[size].count == CFI_BLOCK_SHELF) {
        cfi_block_put_away(block, size);
        return;
    }
    struct cfi_shelf *shelf = &shelves->of[size];
    shelf->blocks[shelf->count++] = block;
}

/* Gives back to the system what lies unused: after a burst, when idle. Cheap
 * where there is little. */
void cfi_block_trim(void);

/* In a forked child, whose other threads are gone. */
void cfi_block_after_fork(void);

#endif
