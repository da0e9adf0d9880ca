/* SPDX-License-Identifier: MIT */
#ifndef CFI_SLAB_H
#define CFI_SLAB_H

#include <stddef.h>

/* 2 MiB of blocks of one size, at a multiple of 2 MiB, and behind them as much
 * for their rests (block.h); this is its head. */
struct cfi_slab {
    size_t cut;  /* blocks taken out of it so far           */
    size_t seen; /* the trimmer's, see block.c; 0 but then  */
};

/* Slabs being cut up for blocks of one size, one after the other. Zero is a
 * good start. Who owns it guards it. */
struct cfi_cutting {
    struct cfi_slab *slab;   /* NULL: none yet           */
    unsigned char *at, *end; /* the rest of it           */
    unsigned char *touched;  /* has pages up to here     */
    size_t piece;            /* how much gets pages next */
};

/* Cuts up to `count` blocks of `bytes`, a multiple of 32; returns how many, 0
 * without memory. The last has the lowest address: it is to be used first. */
size_t cfi_slab_cut(struct cfi_cutting *cutting, size_t bytes, void **blocks,
                    size_t count);

/* Which slab a block lies in. */
struct cfi_slab *cfi_slab_of(const void *block);

/* Gives one back of which nothing is used. */
void cfi_slab_unmap(struct cfi_slab *slab);

#endif
