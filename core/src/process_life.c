/* SPDX-License-Identifier: MIT */
/*
 * How the host's side of an executor is made and ends. Workers that are wanted
 * from the start are ordered before the host's threads are made, so that both
 * go on side by side. At the end the workers are told by a word in their
 * rings, the zygote by the end of its socket, and the host waits for the
 * zygote alone, which waits for them, for a second at the most. Where workers
 * have a finalizer the host waits for that first, however long it takes; for
 * one that does not come to it, five.
 */
#include "process_host.h"

#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "clock.h"
#include "interrupt.h"
#include "last_error.h"
#include "memory_events.h"
#include "own_bytes.h"
#include "process_put_off.h"

/* All arenas of an executor together take at most so much address space. */
#ifdef __SANITIZE_THREAD__
#define MOST_ADDRESS_SPACE ((size_t)1 << 38) /* its shadow needs the rest */
#else
#define MOST_ADDRESS_SPACE ((size_t)1 << 44)
#endif

/* A worker that is told to leave begins to, unless it hangs. */
#define LEAVING_NS ((int64_t)5000000000)

/* Of the address space that the process may have still, half is left to the
 * program. */
static size_t usable_address_space(void)
{
    struct rlimit limit;
    size_t used = cfi_own_address_bytes();

    if (getrlimit(RLIMIT_AS, &limit) != 0 ||
        limit.rlim_cur >= MOST_ADDRESS_SPACE)
        return MOST_ADDRESS_SPACE;
    return limit.rlim_cur > used ? (limit.rlim_cur - used) / 2 : 0;
}

static size_t mapped_bytes(const struct cfi_host *host)
{
    size_t bytes = 0;

    for (size_t i = 0; i < host->lanes_used; i++)
        bytes += host->lanes[i]->region.bytes;
    return bytes;
}

/* As large as memory: what cannot fit into it need not fit into an arena. Where
 * there is less space a new worker gets as much of it as each that is still to
 * come; and as much is left, for spare ones and for more than are asked for
 * yet, of whom each gets half of what there is then. */
size_t cfi_host_arena_bytes(const struct cfi_host *host)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    size_t memory = (size_t)pages * (size_t)page_bytes;
    size_t mapped = mapped_bytes(host), alive = host->alive - host->spares;
    size_t to_come =
        host->most_workers > alive ? host->most_workers - alive : 1;
    size_t room =
        host->address_space > mapped ? host->address_space - mapped : 0;
    size_t share = room / (to_come + 1) / 2; /* of two arenas */

    if (share < CFI_LEAST_ARENA_BYTES)
        share = CFI_LEAST_ARENA_BYTES;
    return memory < share ? memory : share;
}

static void host_free(struct cfi_host *host)
{
    for (size_t i = 0; i < host->lane_count; i++)
        free(host->lanes[i]);
    cfi_board_finish(&host->board);
    cfi_crew_release(host->crew);
    free(host->lanes);
    free(host);
}

bool cfi_host_add_lanes(struct cfi_host *host, size_t count)
{
    struct cfi_lane **lanes = malloc(count * sizeof *lanes), **before, *lane;

    if (lanes == NULL)
        return false;
    if (host->lane_count > 0)
        memcpy(lanes, host->lanes, host->lane_count * sizeof *lanes);
    before = host->lanes;
    host->lanes = lanes; /* first: a child of a fork in between frees these */
    free(before);
    while (host->lane_count < count &&
           (lane = calloc(1, sizeof *lane)) != NULL) {
        cfi_lane_init(lane, (uint32_t)host->lane_count, host->crew);
        TAILQ_INSERT_TAIL(&host->places[CFI_LANE_ABSENT], lane, link);
        host->lanes[host->lane_count++] = lane;
    }
    return host->lane_count >= count;
}

static void tell_abandoned(void *state, uint32_t worker, uint32_t generation)
{
    struct cfi_host *host = state;

    cfi_host_lock(host);
    struct cfi_lane *lane = host->lanes[worker];
    if (lane->generation == generation && lane->region.rings != NULL)
        cfi_lane_tell_abandoned(lane);
    cfi_unlock(&host->lock);
}

static struct cfi_host *host_new(struct cf_executor *executor)
{
    size_t count = executor->max_workers;
    struct cfi_host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    host->crew = cfi_crew_create(tell_abandoned, host);
    host->executor = executor;
    cfi_host_init_alarm(host);
    host->address_space = usable_address_space();
    host->most_workers = count;
    host->is_full = executor->start_all;
    host->has_helpful_waiters = cfi_can_wait_for_either();
    for (size_t place = 0; place < CFI_LANE_PLACES; place++)
        TAILQ_INIT(&host->places[place]);
    TAILQ_INIT(&host->sleepers);
    if (host->crew == NULL || !cfi_host_add_lanes(host, count)) {
        host_free(host);
        return NULL;
    }
    return host;
}

/* It is broken, so what is read here changes no more. */
static enum cf_status why_not_all(const struct cfi_host *host)
{
    if (host->start_failure.status != CF_OK) {
        cfi_note_again(&host->start_failure);
        return CF_AGAIN;
    }
    return cfi_fail(host->executor->initializer != NULL ? CF_BROKEN : CF_AGAIN,
                    "%s", host->executor->broken_why);
}

/* Waits until every worker that can be started serves. */
static enum cf_status await_all(struct cfi_host *host)
{
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&host->readiness);
        cfi_host_lock(host);
        bool is_broken = host->is_broken;
        size_t most = host->most_workers;
        bool is_done = is_broken || host->ready >= most;
        cfi_unlock(&host->lock);
        if (!is_done) {
            cfi_eventcount_wait(&host->readiness, key, INT64_MAX);
            continue;
        }
        cfi_eventcount_cancel(&host->readiness);
        if (is_broken)
            return why_not_all(host);
        host->executor->max_workers = most;
        return CF_OK;
    }
}

static void order_all(struct cfi_host *host)
{
    struct cfi_endings endings = {0};

    cfi_host_lock(host);
    cfi_host_dispatch(host, &endings);
    cfi_host_unlock(host, &endings);
}

static void tell_to_leave(struct cfi_host *host)
{
    cfi_host_lock(host);
    host->is_closing = true;
    for (size_t i = 0; i < host->lanes_used; i++) {
        struct cfi_rings *rings = host->lanes[i]->region.rings;
        if (rings == NULL)
            continue;
        atomic_store(&rings->leave, 1);
        cfi_rings_wake_worker(rings);
    }
    cfi_unlock(&host->lock);
}

/* Until when, in the worst case; 0: nobody is there any more. */
static int64_t leaving_until(struct cfi_host *host, int64_t deadline_ns)
{
    int64_t until_ns = deadline_ns;

    if (host->alive == 0 || host->has_heard_all)
        return 0;
    for (size_t i = 0; i < host->lanes_used; i++) {
        const struct cfi_rings *rings = host->lanes[i]->region.rings;
        if (rings != NULL && atomic_load(&rings->ready) == CFI_LEAVES)
            until_ns = INT64_MAX; /* at its end there is news */
    }
    return until_ns;
}

static void await_finalizers(struct cfi_host *host)
{
    int64_t deadline_ns = cfi_deadline_ns(LEAVING_NS), until_ns;

    do {
        uint32_t key = cfi_eventcount_prepare(&host->readiness);
        cfi_host_lock(host);
        until_ns = leaving_until(host, deadline_ns);
        cfi_unlock(&host->lock);
        if (until_ns <= cfi_now_ns())
            cfi_eventcount_cancel(&host->readiness);
        else
            (void)cfi_eventcount_wait(&host->readiness, key, until_ns);
    } while (until_ns > cfi_now_ns());
}

static void bury_all(struct cfi_host *host)
{
    struct cfi_endings endings = {0};

    cfi_zygote_finish(&host->zygote);
    cfi_host_lock(host); /* a waiter may still look for what it has got */
    for (size_t i = 0; i < host->lanes_used; i++) {
        cfi_nest_close(host, host->lanes[i], 0, &endings);
        cfi_lane_close(host->lanes[i]);
    }
    cfi_host_hear_of_children(host, &endings); /* of whom there is no lane */
    cfi_host_unlock(host, &endings);
    cfi_host_take_up(host);
    cfi_queue_cancel(&host->queue); /* only what was cancelled is left */
}

void cfi_host_close(struct cfi_host *host)
{
    tell_to_leave(host);
    if (host->executor->finalizer != NULL)
        await_finalizers(host);
    cfi_zygote_dismiss(&host->zygote);
    cfi_host_stop_threads(host);
    bury_all(host);
    cfi_crew_end(host->crew);
}

enum cf_status cfi_host_create(struct cf_executor *executor,
                               struct cfi_host **made)
{
    struct cfi_host *host = host_new(executor);
    if (host == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers",
                        executor->max_workers);
    cfi_last_words_prepare(); /* here, for all that is forked */
    host->memory_kills = cfi_memory_kills();
    enum cf_status status = cfi_board_create(&host->board);
    if (status == CF_OK)
        status = cfi_zygote_create(executor, &host->board, &host->zygote);
    if (status != CF_OK)
        goto free_host;
    cfi_board_close_descriptors(&host->board);
    if (executor->start_all) /* the zygote forks while threads are made */
        order_all(host);
    status = cfi_host_start_threads(host);
    if (status != CF_OK)
        goto finish_zygote;
    if (executor->start_all)
        status = await_all(host);
    if (status == CF_OK && executor->options.idle_timeout_ns > 0)
        status = cfi_timekeeper_start(&executor->timekeeper);
    if (status != CF_OK) {
        cfi_host_close(host);
        goto free_host;
    }
    /* those that leave for idleness come back as work needs them */
    cfi_host_lock(host);
    host->is_full &= executor->options.idle_timeout_ns == 0;
    host->is_made = true;
    cfi_unlock(&host->lock);
    *made = host;
    return CF_OK;

finish_zygote:
    tell_to_leave(host);
    cfi_zygote_dismiss(&host->zygote);
    bury_all(host);
free_host:
    host_free(host);
    return status;
}

void cfi_host_destroy(struct cfi_host *host)
{
    /* after stop() nothing is left to close, and in a forked child nothing was
     * from its start; the regions are not inherited */
    host_free(host);
}
