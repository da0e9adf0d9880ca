/* SPDX-License-Identifier: MIT */
/*
 * Tasks on the other ranks of an MPI job, over messages.
 *
 *   submit -> queue -> lane -> TASK ... rank: an executor of its own
 *   future <- completion thread <- RESULT ...  |
 *
 *   mpi_launch.c     under which MPI are we, and its module
 *   module_mpi.c     the calls of MPI, a library of its own
 *   mpi_message.h    what ranks say to each other
 *   mpi_world.c      the one thread that calls MPI, its turns, its sleep
 *   mpi_post.c       frames that go and come
 *   mpi_host*.c      rank 0: which rank gets which task, what they answer
 *   mpi_unread.c     who calls rank 0's handlers of errors
 *   mpi_host_end.c   MPI ends before an executor does
 *   mpi_rank.c       the others; mpi_part.c: their parts in an executor
 *
 * The launcher starts the ranks; nothing is spawned here. This file is the
 * table of calls: each takes the host's lock, changes what must change, and
 * wakes the thread that calls MPI, or asks a rank through it.
 */
#include "future_tie.h"
#include "last_error.h"
#include "mpi_host.h"

static const char *find_missing(void)
{
    const char *why = NULL;

    return cfi_mpi_world(&why) != NULL ? NULL : why;
}

static size_t mpi_default_workers(void)
{
    return (size_t)cfi_mpi_ranks();
}

static enum cf_status mpi_start(struct cf_executor *executor, void **state)
{
    struct cfi_mpi_host *host;

    enum cf_status status = cfi_mpi_host_create(executor, &host);
    if (status == CF_OK)
        *state = host;
    return status;
}

/* Takes the lock, if tasks with that function may come in. */
static enum cf_status come_in(struct cfi_mpi_host *host, cf_function *function)
{
    cfi_lock(&host->lock);
    bool has_ended = host->has_ended, is_broken = host->is_broken;
    if (!has_ended && !is_broken && cfi_mpi_host_knows(host, function))
        return CF_OK;
    cfi_unlock(&host->lock);
    if (has_ended)
        return cfi_fail(CF_BROKEN, CFI_MPI_HAS_ENDED);
    if (is_broken)
        return cfi_fail(CF_BROKEN, "%s", host->executor->broken_why);
    return cfi_fail(CF_UNSUPPORTED, "the function lies in no loaded object: a "
                                    "rank cannot have it");
}

/* A rank is given several tasks at once anyway; a chunk needs no more. */
static void enqueue(struct cfi_mpi_host *host, struct cf_future *future)
{
    cfi_rest(future)->ticket = CFI_MPI_TICKET_NONE;
    cfi_future_end_chunk(future);
    cfi_queue_push(&host->queue, future);
}

/* The thread that calls MPI need be told only of the first. */
static void go_out(struct cfi_mpi_host *host, bool was_empty)
{
    cfi_unlock(&host->lock);
    if (was_empty)
        cfi_mpi_wake();
}

static enum cf_status mpi_submit(void *state, struct cf_future *first)
{
    struct cfi_mpi_host *host = state;
    struct cf_future *next;

    enum cf_status status = come_in(host, first->function);
    if (status != CF_OK)
        return status;
    bool was_empty = cfi_queue_is_empty(&host->queue);
    for (struct cf_future *future = first; future != NULL; future = next) {
        next = cfi_future_next(future);
        enqueue(host, future);
    }
    go_out(host, was_empty);
    return CF_OK;
}

static enum cf_status mpi_submit_array(void *state,
                                       struct cf_future *const *futures,
                                       size_t count, size_t chunk)
{
    struct cfi_mpi_host *host = state;

    (void)chunk;
    if (count == 0)
        return CF_OK;
    /* one function for all */
    enum cf_status status = come_in(host, futures[0]->function);
    if (status != CF_OK)
        return status;
    bool was_empty = cfi_queue_is_empty(&host->queue);
    for (size_t i = 0; i < count; i++)
        enqueue(host, futures[i]);
    go_out(host, was_empty);
    return CF_OK;
}

/* Asks about a future that is with a rank; lock held, given back. */
static bool ask(struct cfi_mpi_host *host, const struct cf_future *future,
                enum cfi_mpi_question question)
{
    struct cfi_mpi_ask ask = {.lane = cfi_mpi_lane_of(host, future),
                              .task = cfi_rest(future)->ticket,
                              .kind = CFI_MPI_ASK,
                              .number = question};

    cfi_unlock(&host->lock);
    cfi_mpi_host_ask(host, &ask);
    return ask.is_yes;
}

static enum cfi_take mpi_take_back(void *state, struct cf_future *future)
{
    struct cfi_mpi_host *host = state;
    uint64_t ticket;

    cfi_lock(&host->lock);
    ticket = cfi_rest(future)->ticket;
    if (ticket != CFI_MPI_TICKET_NONE && ticket != CFI_MPI_TICKET_ENDED) {
        if (ask(host, future, CFI_MPI_GIVE_BACK))
            return CFI_TAKEN;
        cfi_lock(&host->lock);
        ticket = cfi_rest(future)->ticket;
    }
    cfi_unlock(&host->lock);
    /* none: it has come back, or somebody else is taking it back */
    return ticket == CFI_MPI_TICKET_NONE ? CFI_ELSEWHERE : CFI_STARTED;
}

static bool mpi_has_started(void *state, const struct cf_future *future)
{
    struct cfi_mpi_host *host = state;

    cfi_lock(&host->lock);
    bool is_there = cfi_rest(future)->ticket != CFI_MPI_TICKET_NONE &&
                    cfi_rest(future)->ticket != CFI_MPI_TICKET_ENDED;
    if (is_there)
        return ask(host, future, CFI_MPI_HAS_STARTED);
    bool has_ended = cfi_rest(future)->ticket == CFI_MPI_TICKET_ENDED;
    cfi_unlock(&host->lock);
    return has_ended;
}

static enum cf_status mpi_stop_task(void *state, struct cf_future *future,
                                    int64_t grace_ns)
{
    struct cfi_mpi_host *host = state;
    struct cfi_mpi_ask ask = {.kind = CFI_MPI_ASK,
                              .number = CFI_MPI_END_IT,
                              .grace_ns = grace_ns,
                              .status = CF_INVALID};

    cfi_lock(&host->lock);
    ask.task = cfi_rest(future)->ticket;
    bool is_there =
        ask.task != CFI_MPI_TICKET_NONE && ask.task != CFI_MPI_TICKET_ENDED;
    if (is_there)
        ask.lane = cfi_mpi_lane_of(host, future);
    cfi_unlock(&host->lock);
    if (is_there)
        cfi_mpi_host_ask(host, &ask);
    switch (ask.status) {
    case CF_OK:
        return CF_OK;
    case CF_INVALID:
        return cfi_fail(CF_INVALID, "the task has ended");
    case CF_UNSUPPORTED:
        return cfi_fail(CF_UNSUPPORTED,
                        "the workers of its rank cannot stop a task");
    default:
        return cfi_fail(ask.status, "its rank cannot stop the task now");
    }
}

static void recall_all(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane)
{
    struct cfi_mpi_ask ask = {.lane = lane,
                              .task = lane->index,
                              .kind = CFI_MPI_RECALL,
                              .number = UINT32_MAX};

    cfi_lock(&host->lock);
    bool is_empty = lane->load == 0;
    cfi_unlock(&host->lock);
    if (is_empty)
        return;
    cfi_mpi_host_ask(host, &ask);
    cfi_queue_cancel(&ask.recalled);
}

static void mpi_cancel_pending(void *state)
{
    struct cfi_mpi_host *host = state;

    for (size_t i = 0; i <= host->lane_count; i++) {
        /* what a rank gave back by itself meanwhile is in the queue again */
        cfi_lock(&host->lock);
        struct cfi_queue queue = host->queue;
        host->queue = (struct cfi_queue){0};
        cfi_unlock(&host->lock);
        cfi_queue_cancel(&queue);
        if (i < host->lane_count)
            recall_all(host, &host->lanes[i]);
    }
}

static void mpi_tell_stopping(void *state)
{
    struct cfi_mpi_host *host = state;

    cfi_lock(&host->lock);
    host->must_tell_stopping = true;
    cfi_unlock(&host->lock);
    cfi_mpi_wake();
}

static const char *mpi_host_of(void *state, size_t worker)
{
    const struct cfi_mpi_host *host = state;
    size_t workers = host->executor->max_workers;
    size_t lane = (worker < workers ? worker : worker - workers) /
                  host->rank_workers; /* those who stand in come behind */

    return lane < host->lane_count && atomic_load(&host->lanes[lane].has_begun)
               ? cfi_mpi_host_name(host->lanes[lane].rank)
               : "";
}

static void mpi_close(void *state, enum cf_shutdown_how how)
{
    (void)how;
    cfi_mpi_host_shut(state);
}

static void mpi_stop(void *state)
{
    cfi_mpi_host_close(state);
}

static void mpi_destroy(void *state)
{
    cfi_mpi_host_destroy(state);
}

const struct cf_backend cf_backend_mpi = {
    .name = "mpi",
    .about = "ranks of an MPI job, on any number of machines",
    .find_missing = find_missing,
    .needs_worker = true,
    .abilities = CFI_CAN_LIMIT | CFI_CAN_RETRY,
    .default_workers = mpi_default_workers,
    .start = mpi_start,
    .submit = mpi_submit,
    .submit_array = mpi_submit_array,
    .cancel_pending = mpi_cancel_pending,
    .tell_stopping = mpi_tell_stopping,
    .take_back = mpi_take_back,
    .has_started = mpi_has_started,
    .stop_task = mpi_stop_task,
    .host_of = mpi_host_of,
    .close = mpi_close,
    .stop = mpi_stop,
    .destroy = mpi_destroy,
};
