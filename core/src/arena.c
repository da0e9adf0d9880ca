/* SPDX-License-Identifier: MIT */
/*
 * Payloads are released in the order in which they were taken, but they need
 * not lie in it: each goes to the start of the arena if it fits there, else
 * behind the latest one, else into the first gap that is large enough. So memory
 * once reserved is used again and again, an arena as large as the machine's
 * memory takes about twice what is under way at a time, and a payload that fits
 * anywhere finds its place. There are few at a time, so looking at all is cheap;
 * a gap starts at 0 or where a payload ends.
 */
#include "arena.h"

#include <assert.h>

#include "region.h"

#define ALIGN         ((size_t)64)
#define RESERVE_BYTES ((size_t)65536) /* at a time, at least */

static size_t align_up(size_t bytes)
{
    return (bytes + ALIGN - 1) & ~(ALIGN - 1);
}

static const struct cfi_extent *extent(const struct cfi_arena *arena, size_t i)
{
    return &arena->extents[(arena->first + i) % CFI_RING_SLOTS];
}

/* How much is free from `at` on. */
static size_t free_bytes(const struct cfi_arena *arena, size_t at)
{
    size_t end = arena->capacity;

    for (size_t i = 0; i < arena->count; i++) {
        const struct cfi_extent *taken = extent(arena, i);
        if (taken->end <= at)
            continue;
        if (taken->begin <= at)
            return 0;
        if (taken->begin < end)
            end = taken->begin;
    }
    return at < end ? end - at : 0;
}

static size_t end_of_latest(const struct cfi_arena *arena)
{
    return arena->count > 0 ? extent(arena, arena->count - 1)->end : 0;
}

static bool find_room(const struct cfi_arena *arena, size_t needed, size_t *at)
{
    *at = 0;
    if (free_bytes(arena, *at) >= needed)
        return true;
    *at = end_of_latest(arena);
    for (size_t i = 0; free_bytes(arena, *at) < needed; i++) {
        if (i == arena->count)
            return false;
        *at = extent(arena, i)->end;
    }
    return true;
}

static bool reserve(struct cfi_arena *arena, size_t end)
{
    if (end <= arena->reserved)
        return true;
    size_t upto = (end + RESERVE_BYTES - 1) & ~(RESERVE_BYTES - 1);
    if (upto > arena->capacity)
        upto = arena->capacity;
    if (cfi_region_reserve(arena->base + arena->reserved,
                           upto - arena->reserved) == CF_OK) {
        arena->reserved = upto;
        return true;
    }
    /* as much as there was has been taken for it */
    cfi_region_give_back(arena->base + arena->reserved, upto - arena->reserved);
    return false;
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
    if (bytes > arena->capacity || arena->count == CFI_RING_SLOTS)
        return false;
    size_t needed = align_up(bytes);
    if (!find_room(arena, needed, at) || !reserve(arena, *at + needed))
        return false;
    cfi_arena_keep(arena, position, *at, needed);
    return true;
}

/* As above, but with memory behind it. */
static size_t ready_bytes(const struct cfi_arena *arena, size_t at)
{
    size_t bytes = free_bytes(arena, at);
    size_t ready = at < arena->reserved ? arena->reserved - at : 0;

    return bytes < ready ? bytes : ready;
}

size_t cfi_arena_offer(const struct cfi_arena *arena, size_t *bytes)
{
    size_t latest = end_of_latest(arena);
    size_t low = ready_bytes(arena, 0), high = ready_bytes(arena, latest);

    if (arena->count == CFI_RING_SLOTS)
        low = high = 0;
    *bytes = low > high ? low : high;
    return low > high ? 0 : latest;
}

size_t cfi_arena_where(const struct cfi_arena *arena, uint64_t position)
{
    size_t i = 0;

    while (i < arena->count && extent(arena, i)->position != position)
        i++;
    assert(i < arena->count);
    return extent(arena, i)->begin;
}

void cfi_arena_release(struct cfi_arena *arena, uint64_t position)
{
    while (arena->count > 0 &&
           arena->extents[arena->first].position < position) {
        arena->first = (arena->first + 1) % CFI_RING_SLOTS;
        arena->count--;
    }
}

void cfi_arena_note_trimmed(struct cfi_arena *arena)
{
    if (arena->reserved > CFI_ARENA_KEPT)
        arena->reserved = CFI_ARENA_KEPT;
}
