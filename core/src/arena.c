/* SPDX-License-Identifier: MIT */
/*
 * Payloads are released in the order in which they were taken, so the arena is
 * a ring. It wraps as early as it can, at the first payload that fits before
 * the oldest one, rather than at its end: memory once reserved is used again
 * and again, and an arena as large as the machine's memory takes about twice
 * what is under way at a time.
 *
 *      |   free   | oldest ... newest |        free         |
 *      |... newest|   free  |  oldest ...     | unused      |   wrapped
 */
#include "arena.h"

#include "region.h"

#define ALIGN         ((size_t)64)
#define RESERVE_BYTES ((size_t)65536) /* at a time, at least */

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) & ~(ALIGN - 1);
}

/* The free stretches: [low_begin, low_end) and [high_begin, high_end). */
struct gaps {
    size_t low_begin, low_end;
    size_t high_begin, high_end;
};

static struct gaps find_gaps(const struct cfi_arena *arena)
{
    struct gaps gaps = {.high_end = arena->capacity};

    if (arena->count == 0)
        return gaps;
    size_t last = (arena->first + arena->count - 1) % CFI_RING_SLOTS;
    const struct cfi_extent *oldest = &arena->extents[arena->first];
    const struct cfi_extent *newest = &arena->extents[last];
    if (newest->begin < oldest->begin) { /* wrapped: one gap, between them */
        gaps.low_begin = newest->end;
        gaps.low_end = oldest->begin;
        gaps.high_begin = gaps.high_end;
    } else {
        gaps.low_end = oldest->begin;
        gaps.high_begin = newest->end;
    }
    return gaps;
}

static bool reserve(struct cfi_arena *arena, size_t end)
{
    if (end <= arena->reserved)
        return true;
    size_t upto = (end + RESERVE_BYTES - 1) & ~(RESERVE_BYTES - 1);
    if (upto > arena->capacity)
        upto = arena->capacity;
    if (cfi_region_reserve(arena->base + arena->reserved,
                           upto - arena->reserved) != CF_OK)
        return false;
    arena->reserved = upto;
    return true;
}

void cfi_arena_init(struct cfi_arena *arena, unsigned char *base,
                    size_t capacity)
{
    *arena = (struct cfi_arena){.base = base, .capacity = capacity};
}

void cfi_arena_keep(struct cfi_arena *arena, uint64_t position, size_t at,
                    size_t bytes)
{
    size_t last = (arena->first + arena->count) % CFI_RING_SLOTS;

    arena->extents[last] = (struct cfi_extent){
        .position = position, .begin = at, .end = at + align_up(bytes)};
    arena->count++;
}

bool cfi_arena_take(struct cfi_arena *arena, uint64_t position, size_t bytes,
                    size_t *at)
{
    struct gaps gaps = find_gaps(arena);

    if (bytes > arena->capacity || arena->count == CFI_RING_SLOTS)
        return false;
    size_t needed = align_up(bytes);
    if (needed <= gaps.low_end - gaps.low_begin)
        *at = gaps.low_begin;
    else if (needed <= gaps.high_end - gaps.high_begin)
        *at = gaps.high_begin;
    else
        return false;
    if (!reserve(arena, *at + needed))
        return false;
    cfi_arena_keep(arena, position, *at, needed);
    return true;
}

size_t cfi_arena_offer(const struct cfi_arena *arena, size_t *bytes)
{
    struct gaps gaps = find_gaps(arena);
    size_t high_end =
        gaps.high_end < arena->reserved ? gaps.high_end : arena->reserved;
    size_t low = gaps.low_end - gaps.low_begin;
    size_t high = high_end > gaps.high_begin ? high_end - gaps.high_begin : 0;

    if (arena->count == CFI_RING_SLOTS)
        low = high = 0;
    *bytes = low > high ? low : high;
    return low > high ? gaps.low_begin : gaps.high_begin;
}

void cfi_arena_release(struct cfi_arena *arena, uint64_t position)
{
    while (arena->count > 0 &&
           arena->extents[arena->first].position < position) {
        arena->first = (arena->first + 1) % CFI_RING_SLOTS;
        arena->count--;
    }
}
