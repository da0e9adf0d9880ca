/* SPDX-License-Identifier: MIT */
/*
 * Giving back what a burst of large payloads left: the blocks of the heap, and
 * the memory behind the arenas, which both sides of a worker's region share. A
 * worker that has nothing to do sleeps, and writes to no arena before the next
 * request: so the host trims its results too, and tells it with that.
 */
#include "clock.h"
#include "heap.h"
#include "process_host.h"

#define PART_BYTES ((size_t)16 << 20) /* at a time, with the host's lock */

/* The last part of what lies behind the arena's first bytes, up to `*end`. */
static bool trim_part(unsigned char *base, size_t *end)
{
    if (*end <= CFI_ARENA_KEPT)
        return false;
    size_t begin = CFI_ARENA_KEPT;
    if (*end - begin > PART_BYTES)
        begin = *end - PART_BYTES;
    cfi_region_give_back(base + begin, *end - begin);
    *end = begin;
    return true;
}

void cfi_lane_note_result(struct cfi_lane *lane, size_t end)
{
    size_t upto = (end + CFI_ARENA_KEPT - 1) & ~(size_t)(CFI_ARENA_KEPT - 1);

    if (upto > lane->region.arena_bytes)
        upto = lane->region.arena_bytes;
    if (upto > lane->results_end)
        lane->results_end = upto;
}

static bool has_more(const struct cfi_lane *lane)
{
    return lane->args.reserved > CFI_ARENA_KEPT ||
           lane->results_end > CFI_ARENA_KEPT;
}

bool cfi_lane_trim(struct cfi_lane *lane, bool *is_in_use)
{
    if (lane->region.rings == NULL || !has_more(lane))
        return false;
    if (lane->drained < lane->posted) {
        *is_in_use = true;
        return false;
    }
    if (trim_part(lane->region.args, &lane->args.reserved))
        return has_more(lane);
    /* relaxed: the next request's word publishes it */
    atomic_fetch_add_explicit(&lane->region.rings->trimmed, 1,
                              memory_order_relaxed);
    trim_part(lane->region.results, &lane->results_end);
    return has_more(lane);
}

/* Each lane by itself, so that nobody waits for the lock for long. False: there
 * is one that is in use. */
static bool trim_lanes(struct cfi_host *host)
{
    bool is_in_use = false;
    size_t i = 0, count;

    do {
        cfi_host_lock(host);
        count = host->lanes_used;
        if (i < count && !cfi_lane_trim(host->lanes[i], &is_in_use))
            i++;
        cfi_unlock(&host->lock);
    } while (i < count);
    return !is_in_use;
}

void cfi_host_note_payload(struct cfi_host *host, size_t bytes)
{
    if (bytes < CFI_HEAP_LARGE)
        return;
    /* relaxed: a hint; who reads it late trims too early, no more */
    atomic_store_explicit(&host->large_ns, cfi_now_ns(), memory_order_relaxed);
    if (atomic_load(&host->has_large))
        return;
    atomic_store(&host->has_large, true);
    cfi_seat_wake(&host->board.bell->drainer);
}

static bool is_idle(const struct cfi_host *host)
{
    return cfi_now_ns() -
               atomic_load_explicit(&host->large_ns, memory_order_relaxed) >=
           CFI_HEAP_IDLE_NS;
}

void cfi_host_trim(struct cfi_host *host)
{
    atomic_store(&host->has_large, false);
    bool is_done = cfi_heap_trim_idle();
    if (!is_idle(host) || !trim_lanes(host) || !is_done)
        atomic_store(&host->has_large, true);
}
