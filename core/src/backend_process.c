/* SPDX-License-Identifier: MIT */
/*
 * Tasks in worker processes, over rings in shared memory.
 *
 *   submit -> queue -> lane -> [ring of requests] -> worker process
 *                                                      | runs it
 *   future <- drainer <- [ring of results] <-----------'
 *
 *   ring.h, region.c, arena.c   what host and worker share
 *   process_worker.c            the worker; process_look.c: before it sleeps
 *   zygote.c, zygote_process.c  who starts workers and reaps them
 *   process_lane.c              one worker seen from the host
 *   process_life.c              how an executor is made and ends
 *   process_host.c              who gets which task; process_put_off.c: what
 *                               nobody can be given for now; process_endings.c:
 *                               what is done once the lock is given back
 *   process_supervision.c       births and deaths
 *   process_wait.c              who waits for a result fetches it himself
 *   process_threads.c           the host's threads; completion.c: callbacks
 *   worker_executor.c           what a worker's tasks submit to: they ask the
 *   process_desk.c              host for it; process_children.c: these tasks,
 *   process_spares.c            and who runs them while their submitters wait
 *
 * No lock, condition variable or semaphore is shared between processes, and
 * futures live in the host alone. So a worker that dies, at any instruction,
 * loses the one task that it was running and leaves everything else whole.
 *
 * This file is the table of calls: each takes the host's lock, changes what
 * must change, and lets cfi_host_unlock() tell whoever waits.
 */
#include <cf/cpus.h>

#include "future_tie.h"
#include "interrupt.h"
#include "last_error.h"
#include "lent.h"
#include "process_host.h"
#include "process_lives.h"
#include "process_wait.h"

static size_t process_default_workers(void)
{
    return cf_usable_cpus().count;
}

static enum cf_status process_start(struct cf_executor *executor, void **state)
{
    struct cfi_host *host;

    enum cf_status status = cfi_host_create(executor, &host);
    if (status == CF_OK)
        *state = host;
    return status;
}

/* Takes the lock, if tasks with that function may come in. */
static enum cf_status come_in(struct cfi_host *host, cf_function *function)
{
    cfi_host_lock(host);
    bool is_broken = host->is_broken;
    bool has_one = is_broken || cfi_host_ensure_one(host);
    if (!is_broken && has_one && cfi_host_knows(host, function))
        return CF_OK;
    cfi_unlock(&host->lock);
    if (is_broken)
        return cfi_fail(CF_BROKEN, "%s", host->executor->broken_why);
    if (!has_one)
        return cfi_fail_by_that(CF_AGAIN, "no worker process can be started");
    return cfi_fail(CF_UNSUPPORTED, "the function lies in no loaded object: a "
                                    "worker process cannot have it");
}

/* Rings are full: who submits more than the workers can take sees from time to
 * time whether they have room again. */
static void refill(struct cfi_host *host, struct cfi_endings *endings)
{
    if (cfi_queue_is_empty(&host->queue) || ++host->submits % 16 != 0)
        return;
    if (cfi_host_drain(host, endings) > 0)
        cfi_host_dispatch(host, endings);
}

/* Is there a worker that would run a task at once? */
static bool is_worker_free(const struct cfi_host *host)
{
    return cfi_queue_is_empty(&host->queue) &&
           (!TAILQ_EMPTY(&host->places[CFI_LANE_IDLE]) ||
            cfi_host_may_start(host));
}

/* Once the task was dispatched, lock held: a worker has it, but for a free one
 * without room in its memory (or it has failed already). */
static void end_lending(struct cf_future *future)
{
    if (cfi_rest(future)->ticket == CFI_TICKET_NONE)
        cfi_argument_keep(future, cfi_rest(future)->extra->object);
    else
        cfi_argument_let_go(future);
}

/* Gives the lock back to copy an argument that is lent, since nobody is free
 * for its task, and takes it again. */
static enum cf_status come_in_again(struct cfi_host *host,
                                    struct cf_future *future)
{
    host->known = NULL; /* as whenever the lock is given back */
    cfi_unlock(&host->lock);
    if (!cfi_argument_keep(future, cfi_rest(future)->extra->object))
        return cfi_fail(CF_NOMEM, "no memory for a task of %zu bytes",
                        cfi_future_arg_bytes(future));
    enum cf_status status = come_in(host, future->function);
    if (status != CF_OK)
        cfi_extra_destroy_arg(cfi_rest(future)->extra);
    return status;
}

/* A worker's ring is what holds its next tasks; a chunk needs no more. */
static enum cf_status process_submit(void *state, struct cf_future *first)
{
    struct cfi_host *host = state;
    struct cfi_endings endings = {0};
    struct cf_future *next;

    enum cf_status status = come_in(host, first->function);
    if (status == CF_OK && cfi_argument_is_lent(first) && !is_worker_free(host))
        status = come_in_again(host, first);
    if (status != CF_OK)
        return status;
    for (struct cf_future *future = first; future != NULL; future = next) {
        next = cfi_future_next(future);
        cfi_host_enqueue(host, future);
    }
    cfi_host_dispatch(host, &endings);
    if (cfi_argument_is_lent(first))
        end_lending(first);
    refill(host, &endings);
    cfi_host_unlock_and_look(host, &endings);
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
    /* one function for all */
    enum cf_status status = come_in(host, futures[0]->function);
    if (status != CF_OK)
        return status;
    for (size_t i = 0; i < count; i++)
        cfi_host_enqueue(host, futures[i]);
    cfi_host_dispatch(host, &endings);
    cfi_host_unlock(host, &endings);
    return CF_OK;
}

static void process_cancel_pending(void *state)
{
    struct cfi_host *host = state;
    struct cfi_endings endings = {0};

    cfi_host_lock(host);
    cfi_host_cancel_pending(host, &endings);
    cfi_host_unlock(host, &endings);
}

static void process_close(void *state, enum cf_shutdown_how how)
{
    struct cfi_host *host = state;

    (void)how; /* cancel_pending() and tell_stopping() follow */
    cfi_host_lock(host);
    cfi_host_tell_closed(host);
    cfi_unlock(&host->lock);
}

static void process_tell_stopping(void *state)
{
    struct cfi_host *host = state;

    cfi_host_lock(host);
    cfi_host_tell_stopping(host);
    cfi_unlock(&host->lock);
}

static enum cfi_take process_take_back(void *state, struct cf_future *future)
{
    struct cfi_host *host = state;
    struct cfi_endings endings = {0};
    enum cfi_take take = CFI_STARTED;

    cfi_host_lock(host);
    if (future->attempt > 0) {
        take = CFI_STARTED; /* once, though it may wait for a further attempt */
    } else if (cfi_rest(future)->ticket == CFI_TICKET_NONE) {
        take = CFI_ELSEWHERE;
    } else if (cfi_rest(future)->ticket != CFI_TICKET_ENDED) {
        struct cfi_lane *lane =
            host->lanes[cfi_ticket_lane(cfi_rest(future)->ticket)];
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

    cfi_host_lock(host);
    bool has_started = cfi_host_has_started(host, future);
    cfi_unlock(&host->lock);
    return has_started;
}

static void process_fetch(void *state, const struct cf_future *future,
                          int64_t deadline_ns)
{
    cfi_host_fetch(state, future, deadline_ns);
}

static bool process_sleep(void *state, const struct cf_future *future,
                          uint32_t word, int64_t deadline_ns)
{
    struct cfi_host *host = state;

    return host->has_helpful_waiters
               ? cfi_host_sleep(host, future, word, deadline_ns)
               : cfi_interruptible_wait(cfi_future_sleepers(future), word,
                                        deadline_ns);
}

static enum cf_status process_stop_task(void *state, struct cf_future *future,
                                        int64_t grace_ns)
{
    return cfi_host_stop_task(state, future, grace_ns);
}

static enum cf_status process_set_workers(void *state, size_t count)
{
    return cfi_host_set_workers(state, count);
}

static void process_stop(void *state)
{
    cfi_host_close(state);
}

static void process_destroy(void *state)
{
    cfi_host_destroy(state);
}

const struct cf_backend cf_backend_process = {
    .name = "process",
    .about = "processes on shared-memory rings; a crash costs one task",
    .needs_worker = true,
    .takes_lent = true,
    .abilities = CFI_CAN_LIMIT | CFI_CAN_RETRY | CFI_CAN_REPLACE |
                 CFI_CAN_WEIGH | CFI_CAN_IDLE_OUT | CFI_CAN_PROCESS |
                 CFI_CAN_LOAD,
    .default_workers = process_default_workers,
    .start = process_start,
    .submit = process_submit,
    .submit_array = process_submit_array,
    .cancel_pending = process_cancel_pending,
    .close = process_close,
    .tell_stopping = process_tell_stopping,
    .take_back = process_take_back,
    .has_started = process_has_started,
    .fetch = process_fetch,
    .sleep = process_sleep,
    .stop_task = process_stop_task,
    .set_workers = process_set_workers,
    .stop = process_stop,
    .destroy = process_destroy,
    .abandon = process_destroy,
};
