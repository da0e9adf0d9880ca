/* SPDX-License-Identifier: MIT */
/*
 * Slabs: where blocks come from in the first place.
 *
 * The first one of a size gets its pages in growing pieces, so that a program
 * with few tasks stays small; the next ones are asked for as one huge page
 * each, of which zeroing is the price, not 512 page faults.
 */
#include "slab.h"

#include "block.h"

#include <stdbool.h>
#include <stdint.h>
#include <sys/mman.h>

#define SLAB_BYTES  ((size_t)2 << 20)
#define ALL_BYTES   (SLAB_BYTES + CFI_BLOCK_REST_AT) /* with the rests */
#define HEAD_BYTES  256
#define FIRST_PIECE ((size_t)32 << 10)

_Static_assert(CFI_BLOCK_REST_AT >= SLAB_BYTES, "behind the blocks");

/* At a multiple of 2 MiB; NULL without memory. */
static void *map_slab(void)
{
    unsigned char *map =
        mmap(NULL, ALL_BYTES + SLAB_BYTES, PROT_READ | PROT_WRITE,
             MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (map == MAP_FAILED)
        return NULL;
    size_t before = -(uintptr_t)map & (SLAB_BYTES - 1);
    if (before > 0)
        munmap(map, before);
    munmap(map + before + ALL_BYTES, SLAB_BYTES - before);
    return map + before;
}

static bool new_slab(struct cfi_cutting *cutting)
{
    unsigned char *slab = map_slab();

    if (slab == NULL)
        return false;
    /* of the rests few are written: not all of them for one */
    madvise(slab + CFI_BLOCK_REST_AT, SLAB_BYTES, MADV_NOHUGEPAGE);
    if (cutting->piece == 0) {
        cutting->piece = FIRST_PIECE;
        cutting->touched = slab;
    } else {
        madvise(slab, SLAB_BYTES, MADV_HUGEPAGE); /* or not, as it can */
        cutting->touched = slab + SLAB_BYTES;
    }
    cutting->slab = (struct cfi_slab *)(void *)slab;
    cutting->at = slab + HEAD_BYTES;
    cutting->end = slab + SLAB_BYTES;
    return true;
}

/* Gives pages up to `to` at a time, which is cheaper than one by one. */
static void touch(struct cfi_cutting *cutting, const unsigned char *to)
{
    while (cutting->touched < to) {
        size_t rest = (size_t)(cutting->end - cutting->touched);
        size_t bytes = cutting->piece < rest ? cutting->piece : rest;
        madvise(cutting->touched, bytes, MADV_POPULATE_WRITE); /* or later */
        cutting->touched += bytes;
        cutting->piece *= 2;
    }
}

size_t cfi_slab_cut(struct cfi_cutting *cutting, size_t bytes, void **blocks,
                    size_t count)
{
    if ((size_t)(cutting->end - cutting->at) < bytes && !new_slab(cutting))
        return 0;
    size_t fit = (size_t)(cutting->end - cutting->at) / bytes;
    if (count > fit)
        count = fit;
    touch(cutting, cutting->at + count * bytes);
    /* from the shelf's end, which is taken first */
    for (size_t i = count; i-- > 0; cutting->at += bytes)
        blocks[i] = cutting->at;
    cutting->slab->cut += count;
    return count;
}

struct cfi_slab *cfi_slab_of(const void *block)
{
    return (struct cfi_slab *)((uintptr_t)block & ~(uintptr_t)(SLAB_BYTES - 1));
}

void cfi_slab_unmap(struct cfi_slab *slab)
{
    munmap(slab, ALL_BYTES);
}
