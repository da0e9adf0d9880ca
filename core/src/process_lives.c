/* SPDX-License-Identifier: MIT */
/*
 * How long workers live, and how many there are. A worker leaves in good order
 * because it has run as many tasks as it may, has grown larger than it may, had
 * nothing to do for as long as it may, is one of more than are wanted, or has
 * outlived a signal that was to end its task (process_ladder.c). The
 * host decides it: what the worker has not started goes back to the queue, the
 * lane gets nothing any more, and the worker, which finds its ring empty and
 * the word `leave` set, ends. So no task can be on its way to one that leaves.
 * The next one starts when work needs it, in the lane of one that is dead.
 */
#include "process_lives.h"

#include "clock.h"
#include "last_error.h"

static void tell_to_leave(struct cfi_lane *lane)
{
    atomic_store(&lane->region.rings->leave, 1);
    cfi_rings_wake_worker(lane->region.rings);
}

void cfi_host_retire(struct cfi_host *host, struct cfi_lane *lane)
{
    if (lane->is_leaving || lane->region.rings == NULL)
        return;
    lane->is_leaving = true;
    cfi_host_recall_all(host, lane, CFI_RECALL_TO_RUN);
    tell_to_leave(lane);
}

void cfi_host_retire_deaf(struct cfi_host *host, struct cfi_lane *lane)
{
    lane->is_deaf = true;
    cfi_host_retire(host, lane);
}

/* The signal that was to end a task's worker has not, and the task is over. */
static bool has_outlived_signal(const struct cfi_lane *lane)
{
    return lane->rungs.rung >= CF_RUNG_TERMINATED &&
           lane->rungs.position < lane->drained;
}

void cfi_host_note_wear(struct cfi_host *host, struct cfi_lane *lane)
{
    if (has_outlived_signal(lane))
        tell_to_leave(lane); /* it gets nothing more, see process_ladder.c */
    if (lane->is_worn || (lane->rest == 0 && lane->load == 0))
        cfi_host_retire(host, lane);
}

void cfi_host_note_idle(struct cfi_host *host, struct cfi_lane *lane)
{
    int64_t timeout_ns = host->executor->options.idle_timeout_ns;

    if (timeout_ns <= 0)
        return;
    lane->idle_until_ns = cfi_deadline_ns(timeout_ns);
    cfi_timekeeper_hasten(&host->executor->timekeeper, &host->alarm,
                          lane->idle_until_ns);
}

int64_t cfi_host_tend_idle(struct cfi_host *host, struct cfi_lane *lane,
                           int64_t now_ns)
{
    bool has_timeout = host->executor->options.idle_timeout_ns > 0;

    if (lane->place != CFI_LANE_SPARE &&
        (lane->place != CFI_LANE_IDLE || !has_timeout))
        return INT64_MAX;
    if (lane->idle_until_ns > now_ns)
        return lane->idle_until_ns;
    cfi_host_retire(host, lane);
    return INT64_MAX;
}

static void change_number(struct cfi_host *host, size_t count)
{
    host->most_workers = count;
    cfi_executor_change_workers(host->executor, count);
    for (size_t i = 0; i < host->lane_count; i++) {
        struct cfi_lane *lane = host->lanes[i];
        lane->is_surplus = i >= count;
        if (lane->is_spare && !lane->is_surplus) { /* one of the others now */
            lane->is_spare = false;
            host->spares--;
        }
        if (lane->is_surplus && !lane->is_spare)
            cfi_host_retire(host, lane);
        cfi_host_place(host, lane);
    }
}

enum cf_status cfi_host_set_workers(struct cfi_host *host, size_t count)
{
    struct cfi_endings endings = {0};
    enum cf_status status = CF_OK;

    cfi_host_lock(host);
    if (host->is_broken)
        status = CF_BROKEN;
    else if (count > host->lane_count && !cfi_host_add_lanes(host, count))
        status = CF_NOMEM;
    if (status != CF_BROKEN) /* without memory: some may have been added */
        change_number(host, status == CF_OK ? count : host->most_workers);
    cfi_host_dispatch(host, &endings);
    cfi_host_unlock(host, &endings);
    if (status == CF_BROKEN)
        return cfi_fail(CF_BROKEN, "%s", host->executor->broken_why);
    return status == CF_OK
               ? CF_OK
               : cfi_fail(CF_NOMEM, "no memory for %zu workers", count);
}
