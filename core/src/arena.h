/* SPDX-License-Identifier: MIT */
#ifndef CFI_ARENA_H
#define CFI_ARENA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ring.h"

/*
 * Room for large payloads in one arena of a region, as the side that writes
 * there keeps it; the account lies in its own memory. Payloads belong to
 * positions of the ring and are given back in that order.
 */
struct cfi_extent {
    uint64_t position;
    size_t begin;
    size_t end;
};

struct cfi_arena {
    unsigned char *base;
    size_t capacity;
    size_t reserved; /* so many bytes from `base` on have memory behind them */
    size_t first;    /* of the ring of extents: the oldest                  */
    size_t count;
    struct cfi_extent extents[CFI_RING_SLOTS];
};

/* So much stays with an arena that nobody has used for a while. */
enum { CFI_ARENA_KEPT = 1 << 20 };

void cfi_arena_init(struct cfi_arena *arena, unsigned char *base,
                    size_t capacity);

/* Room for `bytes` bytes at `position`, later than all before it; aligned for
 * any type, with memory behind it. False: there is none. */
bool cfi_arena_take(struct cfi_arena *arena, uint64_t position, size_t bytes,
                    size_t *at);

/*
 * A large free stretch that has memory behind it already, for a payload whose
 * size is not known yet; `*bytes` may be 0. keep() then takes the first
 * `bytes` of it, before anything else was taken.
 */
size_t cfi_arena_offer(const struct cfi_arena *arena, size_t *bytes);
void cfi_arena_keep(struct cfi_arena *arena, uint64_t position, size_t at,
                    size_t bytes);

/* Where that of `position` lies, which was taken and is not given back. */
size_t cfi_arena_where(const struct cfi_arena *arena, uint64_t position);

/* Gives back what belongs to positions before `position`. */
void cfi_arena_release(struct cfi_arena *arena, uint64_t position);

/* The memory behind all but CFI_ARENA_KEPT of it is gone: nothing was taken. */
void cfi_arena_note_trimmed(struct cfi_arena *arena);

#endif
