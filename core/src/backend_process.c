/* SPDX-License-Identifier: MIT */
/*
 * Tasks in worker processes, over rings in shared memory.
 *
 *   submit -> queue -> lane -> [ring of requests] -> worker process
 *                                                      | runs it
 *   future <- drainer <- [ring of results] <-----------'
 *
 *   ring.h, region.c, arena.c   what host and worker share
 *   process_worker.c            the worker
 *   zygote.c, zygote_process.c  who starts workers and reaps them
 *   process_lane.c              one worker seen from the host
 *   process_host.c              who gets which task
 *   process_supervision.c       births and deaths
 *   process_threads.c           the host's threads; completion.c: callbacks
 *
 * No lock, condition variable or semaphore is shared between processes, and
 * futures live in the host alone. So a worker that dies, at any instruction,
 * loses the one task that it was running and leaves everything else whole.
 *
 * This file is the table of calls: each takes the host's lock, changes what
 * must change, and lets cfi_host_unlock() tell whoever waits.
 */
#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cf/cpus.h>

#include "last_error.h"
#include "process_host.h"

/* All arenas of an executor together take at most so much address space. */
#ifdef __SANITIZE_THREAD__
#define MOST_ADDRESS_SPACE ((size_t)1 << 38) /* its shadow needs the rest */
#else
#define MOST_ADDRESS_SPACE ((size_t)1 << 44)
#endif

static size_t process_default_workers(void)
{
    return cf_usable_cpus().count;
}

/* As large as memory: what cannot fit into it need not fit into an arena. */
static size_t choose_arena_bytes(size_t workers)
{
    long pages = sysconf(_SC_PHYS_PAGES), page_bytes = sysconf(_SC_PAGESIZE);
    size_t memory = (size_t)pages * (size_t)page_bytes;
    size_t share = MOST_ADDRESS_SPACE / workers / 2;

    return memory < share ? memory : share;
}

static void host_free(struct cfi_host *host)
{
    if (host->bell != MAP_FAILED)
        munmap(host->bell, sizeof *host->bell);
    free(host->lanes);
    free(host);
}

static struct cfi_host *host_new(struct cf_executor *executor)
{
    size_t count = executor->max_workers;
    struct cfi_host *host = calloc(1, sizeof *host);
    if (host == NULL)
        return NULL;
    host->lanes = calloc(count, sizeof *host->lanes);
    host->bell = mmap(NULL, sizeof *host->bell, PROT_READ | PROT_WRITE,
                      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (host->lanes == NULL || host->bell == MAP_FAILED) {
        host_free(host);
        return NULL;
    }
    host->executor = executor;
    host->arena_bytes = choose_arena_bytes(count);
    host->lane_count = host->most_workers = count;
    for (size_t place = 0; place < CFI_LANE_PLACES; place++)
        TAILQ_INIT(&host->places[place]);
    for (size_t i = 0; i < count; i++) {
        cfi_lane_init(&host->lanes[i], (uint32_t)i);
        TAILQ_INSERT_TAIL(&host->places[CFI_LANE_ABSENT], &host->lanes[i],
                          link);
    }
    return host;
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
            return cfi_fail(CF_AGAIN, "no worker process could be started");
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
    for (size_t i = 0; i < host->lane_count; i++) {
        struct cfi_rings *rings = host->lanes[i].region.rings;
        if (rings == NULL)
            continue;
        atomic_store(&rings->leave, 1);
        cfi_rings_wake_worker(rings);
    }
    cfi_unlock(&host->lock);
    cfi_zygote_dismiss(&host->zygote);
}

static void bury_all(struct cfi_host *host)
{
    cfi_zygote_finish(&host->zygote, true);
    for (size_t i = 0; i < host->lane_count; i++)
        cfi_lane_close(&host->lanes[i]);
    cfi_queue_cancel(&host->queue); /* only what was cancelled is left */
}

static void close_host(struct cfi_host *host)
{
    tell_to_leave(host);
    cfi_host_stop_threads(host);
    bury_all(host);
}

static enum cf_status process_start(struct cf_executor *executor, void **state)
{
    struct cfi_host *host = host_new(executor);
    if (host == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers",
                        executor->max_workers);
    enum cf_status status =
        cfi_zygote_create(executor->max_workers, host->bell, &host->zygote);
    if (status != CF_OK)
        goto free_host;
    if (executor->start_all) /* the zygote forks while threads are made */
        order_all(host);
    status = cfi_host_start_threads(host);
    if (status != CF_OK)
        goto finish_zygote;
    if (executor->start_all)
        status = await_all(host);
    if (status != CF_OK) {
        close_host(host);
        goto free_host;
    }
    *state = host;
    return CF_OK;

finish_zygote:
    tell_to_leave(host);
    bury_all(host);
free_host:
    host_free(host);
    return status;
}

/* Can every worker be told which function that is? */
static enum cf_status check(const struct cf_future *future)
{
    struct cfi_code_address address;

    if (cfi_code_address_of((const void *)(uintptr_t)future->function,
                            &address))
        return CF_OK;
    return cfi_fail(CF_UNSUPPORTED, "the function lies in no loaded object: a "
                                    "worker process cannot have it");
}

static void enqueue(struct cfi_host *host, struct cf_future *future)
{
    future->ticket = CFI_TICKET_NONE;
    future->chunk = NULL;
    cfi_queue_push(&host->queue, future);
}

static enum cf_status refuse(struct cfi_host *host)
{
    cfi_unlock(&host->lock);
    return cfi_fail(CF_BROKEN, "the executor is broken");
}

/* A worker's ring is what holds its next tasks; a chunk needs no more. */
static enum cf_status process_submit(void *state, struct cf_future *first)
{
    struct cfi_host *host = state;
    struct cfi_endings endings = {0};
    struct cf_future *next;

    enum cf_status status = check(first);
    if (status != CF_OK)
        return status;
    cfi_host_lock(host);
    if (host->is_broken)
        return refuse(host);
    for (struct cf_future *future = first; future != NULL; future = next) {
        next = future->chunk;
        enqueue(host, future);
    }
    cfi_host_dispatch(host, &endings);
    cfi_host_unlock(host, &endings);
    return CF_OK;
}

static enum cf_status process_submit_array(void *state,
                                           struct cf_future *const *futures,
                                           size_t count, size_t chunk)
{
    struct cfi_host *host = state;
    struct cfi_endings endings = {0};

    (void)chunk;
    if (count == 0)
        return CF_OK;
    enum cf_status status = check(futures[0]); /* one function for all */
    if (status != CF_OK)
        return status;
    cfi_host_lock(host);
    if (host->is_broken)
        return refuse(host);
    for (size_t i = 0; i < count; i++)
        enqueue(host, futures[i]);
    cfi_host_dispatch(host, &endings);
    cfi_host_unlock(host, &endings);
    return CF_OK;
}

static void process_cancel_pending(void *state)
{
    struct cfi_host *host = state;
    struct cf_future *future;

    cfi_host_lock(host);
    struct cfi_queue queue = host->queue;
    host->queue = (struct cfi_queue){0};
    for (size_t i = 0; i < host->lane_count; i++) {
        struct cfi_lane *lane = &host->lanes[i];
        if (lane->region.rings == NULL)
            continue;
        while ((future = cfi_lane_recall(lane)) != NULL) {
            cfi_future_unsend(future);
            cfi_queue_push(&queue, future);
        }
        cfi_host_place(host, lane);
    }
    cfi_unlock(&host->lock);
    cfi_queue_cancel(&queue);
}

static void process_tell_stopping(void *state)
{
    struct cfi_host *host = state;

    cfi_host_lock(host);
    for (size_t i = 0; i < host->lane_count; i++)
        if (host->lanes[i].region.rings != NULL)
            atomic_store(&host->lanes[i].region.rings->stopping, 1);
    cfi_unlock(&host->lock);
}

static enum cfi_take process_take_back(void *state, struct cf_future *future)
{
    struct cfi_host *host = state;
    struct cfi_endings endings = {0};
    enum cfi_take take = CFI_STARTED;

    cfi_host_lock(host);
    if (future->ticket == CFI_TICKET_NONE) {
        take = CFI_ELSEWHERE;
    } else if (future->ticket != CFI_TICKET_ENDED) {
        struct cfi_lane *lane = &host->lanes[cfi_ticket_lane(future->ticket)];
        if (cfi_lane_take_back(lane, future)) {
            take = CFI_TAKEN;
            cfi_host_place(host, lane);
            cfi_host_dispatch(host, &endings);
        }
    }
    cfi_host_unlock(host, &endings);
    return take;
}

static bool process_has_started(void *state, const struct cf_future *future)
{
    struct cfi_host *host = state;
    bool has_started = false;

    cfi_host_lock(host);
    if (future->ticket == CFI_TICKET_ENDED)
        has_started = true;
    else if (future->ticket != CFI_TICKET_NONE)
        has_started = cfi_lane_has_started(
            &host->lanes[cfi_ticket_lane(future->ticket)], future);
    cfi_unlock(&host->lock);
    return has_started;
}

static void process_stop(void *state)
{
    close_host(state);
}

static void process_destroy(void *state)
{
    struct cfi_host *host = state;

    /* after stop() nothing is left to close; in a forked child these are its
     * copies, and the regions were not inherited */
    cfi_zygote_finish(&host->zygote, false);
    for (size_t i = 0; i < host->lane_count; i++) {
        host->lanes[i].region = (struct cfi_region){0};
        cfi_lane_close(&host->lanes[i]);
    }
    host_free(host);
}

const struct cf_backend cf_backend_process = {
    .name = "process",
    .about = "processes on shared-memory rings; a crash costs one task",
    .needs_worker = true,
    .default_workers = process_default_workers,
    .start = process_start,
    .submit = process_submit,
    .submit_array = process_submit_array,
    .cancel_pending = process_cancel_pending,
    .tell_stopping = process_tell_stopping,
    .take_back = process_take_back,
    .has_started = process_has_started,
    .stop = process_stop,
    .destroy = process_destroy,
};
