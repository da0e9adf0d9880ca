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

/* So much at a time, with the host's lock, and so long until the next part, or
 * nobody else would get it. */
#define PART_BYTES ((size_t)4 << 20)
#define PAUSE_NS   200000

/* Where a worker has some in use, the pauses grow to that. */
#define MOST_PAUSE_NS (8 * CFI_HEAP_IDLE_NS)

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

bool cfi_lane_trim(struct cfi_lane *lane, bool *is_in_use)
{
    bool has_more =
        lane->region.rings != NULL && (lane->args.reserved > CFI_ARENA_KEPT ||
                                       lane->results_end > CFI_ARENA_KEPT);
    bool is_idle = lane->drained == lane->posted;

    if (has_more && !is_idle)
        *is_in_use = true;
    if (!has_more || !is_idle)
        return false;
    if (trim_part(lane->region.args, &lane->args.reserved))
        return true;
    /* relaxed: the next request's word publishes it */
    atomic_fetch_add_explicit(&lane->region.rings->trimmed, 1,
                              memory_order_relaxed);
    return trim_part(lane->region.results, &lane->results_end);
}

/* A part of any lane. False: there is none, but for what is in use. */
static bool trim_any(struct cfi_host *host, bool *is_in_use)
{
    bool has_trimmed = false;

    cfi_host_lock(host);
    for (size_t i = 0; i < host->lanes_used && !has_trimmed; i++)
        has_trimmed = cfi_lane_trim(host->lanes[i], is_in_use);
    cfi_unlock(&host->lock);
    return has_trimmed;
}

void cfi_host_note_payload(struct cfi_host *host, size_t bytes)
{
    if (bytes < CFI_HEAP_LARGE)
        return;
    atomic_store(&host->large_ns, cfi_now_ns());
    if (atomic_load(&host->has_large))
        return;
    atomic_store(&host->has_large, true);
    cfi_seat_wake(&host->board.bell->drainer);
}

int64_t cfi_host_trim_due_ns(const struct cfi_host *host)
{
    if (!atomic_load(&host->has_large))
        return INT64_MAX;
    int64_t idle_ns = atomic_load(&host->large_ns) + CFI_HEAP_IDLE_NS;
    return idle_ns > host->trim_ns ? idle_ns : host->trim_ns;
}

/* How long until the next step; 0: nothing is left to do. */
static int64_t trim(struct cfi_host *host)
{
    bool is_in_use = false;

    if (trim_any(host, &is_in_use))
        return PAUSE_NS;
    bool is_heap_done = cfi_heap_trim_idle();
    if (!is_in_use || host->trim_pause_ns == 0)
        host->trim_pause_ns = CFI_HEAP_IDLE_NS;
    else if (host->trim_pause_ns < MOST_PAUSE_NS)
        host->trim_pause_ns *= 2;
    return is_in_use || !is_heap_done ? host->trim_pause_ns : 0;
}

/* Whoever notes a payload writes `large_ns`, then reads `has_large`; here it is
 * the other way round, all sequentially consistent: so one sees the other. */
void cfi_host_trim(struct cfi_host *host)
{
    int64_t now_ns = cfi_now_ns();

    if (now_ns < cfi_host_trim_due_ns(host))
        return;
    atomic_store(&host->has_large, false);
    int64_t pause_ns = atomic_load(&host->large_ns) + CFI_HEAP_IDLE_NS <= now_ns
                           ? trim(host)
                           : CFI_HEAP_IDLE_NS;
    host->trim_ns = now_ns + pause_ns;
    if (pause_ns > 0)
        atomic_store(&host->has_large, true);
}
