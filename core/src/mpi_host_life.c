/* SPDX-License-Identifier: MIT */
/* How rank 0's side of an executor is made and ends. */
#include <stdlib.h>

#include "last_error.h"
#include "mpi_host.h"
#include "mpi_host_list.h"

/* Of the process, as MPI is. */
static struct cfi_lock list_lock;
/* --- guarded by list_lock --- */
static struct cfi_mpi_host *first_host;
static uint32_t last_id;

void cfi_mpi_hosts_lock(void)
{
    cfi_lock(&list_lock);
}

void cfi_mpi_hosts_unlock(void)
{
    cfi_unlock(&list_lock);
}

struct cfi_mpi_host *cfi_mpi_hosts_first(void)
{
    return first_host;
}

struct use {
    int rank;
    int executors;
};

static int by_use(const void *one, const void *other)
{
    const struct use *a = one, *b = other;

    if (a->executors != b->executors)
        return a->executors < b->executors ? -1 : 1;
    return a->rank < b->rank ? -1 : a->rank > b->rank;
}

/* Enters the host into the list, with the ranks that have the least to do.
 * False without memory. */
static bool enter(struct cfi_mpi_host *host)
{
    int ranks = cfi_mpi_ranks();
    struct use *uses = calloc((size_t)ranks, sizeof uses[0]);

    if (uses == NULL)
        return false;
    cfi_mpi_hosts_lock();
    for (int i = 0; i < ranks; i++)
        uses[i].rank = i + 1;
    for (struct cfi_mpi_host *other = first_host; other; other = other->next)
        for (size_t i = 0; i < other->lane_count; i++)
            uses[other->lanes[i].rank - 1].executors++;
    qsort(uses, (size_t)ranks, sizeof uses[0], by_use);
    for (size_t i = 0; i < host->lane_count; i++)
        host->lanes[i].rank = uses[i].rank;
    host->has_ended = cfi_mpi_world(NULL) == NULL; /* meanwhile */
    host->id = ++last_id;
    host->next = first_host;
    first_host = host;
    cfi_mpi_hosts_unlock();
    free(uses);
    return true;
}

static void leave(struct cfi_mpi_host *host)
{
    cfi_mpi_hosts_lock();
    struct cfi_mpi_host **link = &first_host;
    while (*link != host)
        link = &(*link)->next;
    *link = host->next;
    cfi_mpi_hosts_unlock();
}

static bool lane_init(struct cfi_mpi_lane *lane, size_t index, size_t workers)
{
    lane->index = (uint32_t)index;
    lane->workers = (uint32_t)workers;
    lane->task_ns = 1000000;
    lane->slots = workers + CFI_MPI_MOST_AHEAD;
    if (lane->slots > CFI_MPI_MOST_SLOTS)
        lane->slots = CFI_MPI_MOST_SLOTS;
    lane->held = calloc(lane->slots, sizeof lane->held[0]);
    return lane->held != NULL;
}

void cfi_mpi_host_destroy(struct cfi_mpi_host *host)
{
    for (size_t i = 0; i < host->lane_count; i++)
        free(host->lanes[i].held);
    free(host);
}

/* The workers are shared out, so many to a rank; the last one has the rest. */
static struct cfi_mpi_host *host_new(struct cf_executor *executor)
{
    size_t each =
        executor->options.rank_workers > 0 ? executor->options.rank_workers : 1;
    size_t count = (executor->max_workers + each - 1) / each;
    size_t ranks = (size_t)cfi_mpi_ranks();

    if (count > ranks) {
        count = ranks;
        executor->max_workers = ranks * each;
    }
    struct cfi_mpi_host *host =
        calloc(1, sizeof *host + count * sizeof host->lanes[0]);
    if (host == NULL)
        return NULL;
    host->executor = executor;
    host->rank_workers = each;
    host->must_start = executor->start_all;
    for (size_t place = 0; place < CFI_MPI_PLACES; place++)
        TAILQ_INIT(&host->places[place]);
    for (size_t i = 0; i < count; i++) {
        size_t left = executor->max_workers - i * each;
        host->lane_count++;
        if (!lane_init(&host->lanes[i], i, left < each ? left : each)) {
            cfi_mpi_host_destroy(host);
            return NULL;
        }
        TAILQ_INSERT_TAIL(&host->places[CFI_MPI_IDLE], &host->lanes[i], link);
    }
    return host;
}

/* Waits until `*count` lanes, of those that were opened, have got there, or MPI
 * has ended, and nobody does anything for the host without its lock. */
static void await(struct cfi_mpi_host *host, const size_t *count)
{
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&host->change);
        cfi_lock(&host->lock);
        bool is_done =
            !host->is_settling &&
            (host->has_ended ||
             *count >= (host->must_start ? host->lane_count : host->opened));
        cfi_unlock(&host->lock);
        if (is_done) {
            cfi_eventcount_cancel(&host->change);
            return;
        }
        cfi_eventcount_wait(&host->change, key, INT64_MAX);
    }
}

/* Has its errors told: by us, those that wait behind others', whose handlers
 * may wait for us. Then waits for the one that is being told, unless we are in
 * its handler. */
static void tell_unread(struct cfi_mpi_host *host)
{
    cfi_mpi_tell_unread(host->executor);
    for (;;) {
        uint32_t key = cfi_eventcount_prepare(&host->change);
        cfi_lock(&host->lock);
        bool is_done = host->unread == 0 || cfi_mpi_is_telling();
        cfi_unlock(&host->lock);
        if (is_done) {
            cfi_eventcount_cancel(&host->change);
            return;
        }
        cfi_eventcount_wait(&host->change, key, INT64_MAX);
    }
}

void cfi_mpi_host_close(struct cfi_mpi_host *host)
{
    cfi_lock(&host->lock);
    host->is_closing = true;
    cfi_unlock(&host->lock);
    cfi_mpi_wake();
    await(host, &host->closed);
    leave(host); /* whoever told us has done with it */
    /* who found it in the list when MPI ended may not have: see give_one_up() */
    await(host, &host->closed);
    tell_unread(host);
    cfi_completion_stop(&host->completion);
    cfi_queue_cancel(&host->queue); /* only what was cancelled is left */
}

/* Nobody could hear an answer: the thread that calls MPI asks, in a callback or
 * handler that found no other thread; or there is none. Or nobody could give
 * one: the executor ends, so what was asked about has ended since it was seen to
 * be there, and the rank knows nothing of it any more. Lock held. */
static bool is_in_vain(struct cfi_mpi_host *host, struct cfi_mpi_ask *ask)
{
    bool is_over = host->has_ended || host->is_closing;

    if (!is_over && !cfi_mpi_is_here())
        return false;
    cfi_mpi_ask_in_vain(ask);
    if (!host->has_ended && host->is_closing)
        ask->status = CF_INVALID;
    if (!is_over && ask->kind == CFI_MPI_RECALL)
        /* a shutdown, which cancels it when it comes */
        cfi_mpi_host_recall(host, ask->lane, ask->number);
    return true;
}

void cfi_mpi_host_ask(struct cfi_mpi_host *host, struct cfi_mpi_ask *ask)
{
    cfi_lock(&host->lock);
    if (is_in_vain(host, ask)) {
        cfi_unlock(&host->lock);
        return;
    }
    ask->next = host->to_ask;
    host->to_ask = ask;
    cfi_unlock(&host->lock);
    cfi_mpi_wake();
    while (!atomic_load(&ask->is_answered)) {
        uint32_t key = cfi_eventcount_prepare(&ask->answer);
        if (atomic_load(&ask->is_answered))
            cfi_eventcount_cancel(&ask->answer);
        else
            cfi_eventcount_wait(&ask->answer, key, INT64_MAX);
    }
    cfi_lock(&host->lock); /* whoever answered has done with it */
    cfi_unlock(&host->lock);
}

/* Does every address that ranks must know lie where they can find it? */
static bool is_known(const void *function)
{
    struct cfi_code_address address;

    return function == NULL || cfi_code_address_of(function, &address);
}

static enum cf_status start_all(struct cfi_mpi_host *host)
{
    cfi_mpi_wake();
    await(host, &host->begun);
    cfi_lock(&host->lock);
    bool has_ended = host->has_ended, is_broken = host->is_broken;
    cfi_unlock(&host->lock);
    if (!is_broken && !has_ended)
        return CF_OK;
    cfi_mpi_host_close(host);
    if (has_ended)
        return cfi_fail(CF_BROKEN, CFI_MPI_HAS_ENDED);
    return cfi_fail(host->failure, "%s", host->executor->broken_why);
}

enum cf_status cfi_mpi_host_create(struct cf_executor *executor,
                                   struct cfi_mpi_host **made)
{
    const char *why;

    if (cfi_mpi_world(&why) == NULL)
        return cfi_fail(CF_UNSUPPORTED, "backend mpi: %s", why);
    if (executor->options.rank_backend != NULL &&
        executor->options.rank_backend != CF_THREAD &&
        executor->options.rank_backend != CF_PROCESS)
        return cfi_fail(CF_UNSUPPORTED, "a rank's workers are threads or "
                                        "processes");
    if (executor->options.tasks_use_mpi &&
        (!cfi_mpi_is_for_all() || executor->options.rank_backend == CF_PROCESS))
        return cfi_fail(CF_UNSUPPORTED,
                        "tasks that call MPI need a program that initialises "
                        "it with MPI_THREAD_MULTIPLE, and threads in ranks");
    if (!is_known((const void *)(uintptr_t)executor->initializer) ||
        !is_known((const void *)(uintptr_t)executor->finalizer))
        return cfi_fail(CF_UNSUPPORTED, "the initializer or finalizer lies in "
                                        "no loaded object: a rank cannot have "
                                        "it");
    struct cfi_mpi_host *host = host_new(executor);
    if (host == NULL)
        return cfi_fail(CF_NOMEM, "no memory for %zu workers",
                        executor->max_workers);
    if (!enter(host)) {
        cfi_mpi_host_destroy(host);
        return cfi_fail(CF_NOMEM, "no memory for %zu workers",
                        executor->max_workers);
    }
    enum cf_status status = executor->start_all ? start_all(host) : CF_OK;
    if (status != CF_OK) {
        cfi_mpi_host_destroy(host);
        return status;
    }
    *made = host;
    return CF_OK;
}
