/* SPDX-License-Identifier: MIT */
/*
 * Rank 0's turns: for every executor, what there is to say to its ranks, and
 * what they have said. All of it on the thread that calls MPI.
 *
 * The list of executors is locked while one of them is served, so that none
 * goes away meanwhile; its own lock is taken inside. Futures that end are
 * published after both, since whoever is told may do as he likes.
 */
#include "mpi_buffers.h"
#include "mpi_host.h"
#include "mpi_host_list.h"

static bool are_none(const struct cfi_mpi_endings *endings)
{
    return cfi_queue_is_empty(&endings->ended) &&
           cfi_queue_is_empty(&endings->cancelled) &&
           cfi_queue_is_empty(&endings->dropped);
}

/* Gives the locks back, then does what may call the user's code. The host stays
 * until that is done, though its last future may be out before. */
static void unlock_and_settle(struct cfi_mpi_host *host,
                              struct cfi_mpi_endings *endings)
{
    struct cfi_completion *completion = &host->completion;
    struct cf_future *future;

    host->is_settling = true;
    cfi_unlock(&host->lock);
    cfi_mpi_hosts_unlock();
    while ((future = cfi_queue_pop(&endings->ended)) != NULL)
        cfi_mpi_publish(completion, future);
    while ((future = cfi_queue_pop(&endings->cancelled)) != NULL)
        cfi_completion_cancel_queued(completion, future);
    while ((future = cfi_queue_pop(&endings->dropped)) != NULL)
        cf_future_release(future);
    cfi_lock(&host->lock);
    host->is_settling = false;
    cfi_eventcount_notify(&host->change, CFI_EVERYBODY);
    cfi_unlock(&host->lock);
}

/* --- hearing --- */

/* The host of that number, with the list locked; else NULL. */
static struct cfi_mpi_host *find_host(uint32_t id)
{
    cfi_mpi_hosts_lock();
    struct cfi_mpi_host *host = cfi_mpi_hosts_first();
    while (host != NULL && host->id != id)
        host = host->next;
    if (host == NULL)
        cfi_mpi_hosts_unlock();
    return host;
}

/* A result that is no larger than the argument takes its place: fresh memory
 * costs more than the copy of what is put there. The task has ended, so nobody
 * reads the argument, once MPI has sent it for good. */
static void room(const struct cfi_mpi_record *record,
                 struct cfi_mpi_apart *apart)
{
    if (record->report.buffer == CFI_BUFFER_POSTED) {
        cfi_buffer_make_room(record->apart_bytes, apart);
        return;
    }
    struct cfi_mpi_host *host = find_host(record->executor);
    size_t index = record->task >> 16 & 0xffff;
    struct cf_future *future = NULL;

    if (host == NULL)
        return;
    cfi_lock(&host->lock);
    if (record->kind == CFI_MPI_RESULT && index < host->lane_count)
        future = cfi_mpi_lane_held(&host->lanes[index], record->task);
    cfi_unlock(&host->lock);
    cfi_mpi_hosts_unlock();
    if (future != NULL && future->arg_bytes >= record->apart_bytes &&
        !cfi_mpi_is_going(future))
        apart->bytes = (void *)(uintptr_t)cfi_future_arg(future);
}

static void hear(int rank, const struct cfi_mpi_record *record,
                 const void *payload, struct cfi_mpi_apart *apart,
                 int64_t clock_ns)
{
    struct cfi_mpi_endings endings = {0};

    (void)rank;
    struct cfi_mpi_host *host = find_host(record->executor);
    if (host == NULL)
        return;
    cfi_lock(&host->lock);
    cfi_mpi_host_hear(host, record, payload, apart, clock_ns, &endings);
    if (!are_none(&endings)) {
        unlock_and_settle(host, &endings);
        return;
    }
    cfi_unlock(&host->lock);
    cfi_mpi_hosts_unlock();
}

/* --- speaking --- */

static bool say_asks(struct cfi_mpi_host *host)
{
    bool has_said = host->to_ask != NULL;

    while (host->to_ask != NULL) {
        struct cfi_mpi_ask *ask = host->to_ask;
        struct cfi_mpi_record record = {.kind = ask->kind,
                                        .executor = host->id,
                                        .task = ask->task,
                                        .ask = ask->id = ++host->asks,
                                        .number = ask->number};
        host->to_ask = ask->next;
        ask->next = host->asked;
        host->asked = ask;
        bool has_grace =
            ask->kind == CFI_MPI_ASK && ask->number == CFI_MPI_END_IT;
        cfi_mpi_say(ask->lane->rank, &record, &ask->grace_ns,
                    has_grace ? sizeof ask->grace_ns : 0);
    }
    return has_said;
}

static void say_to_all(struct cfi_mpi_host *host, enum cfi_mpi_kind kind)
{
    struct cfi_mpi_record record = {.kind = kind, .executor = host->id};

    for (size_t i = 0; i < host->lane_count; i++)
        if (host->lanes[i].is_opened)
            cfi_mpi_say(host->lanes[i].rank, &record, NULL, 0);
}

static bool speak_for(struct cfi_mpi_host *host,
                      struct cfi_mpi_endings *endings)
{
    /* with the lock: what was given back before a submit goes before it */
    bool has_said = cfi_copies_forget();

    has_said |= cfi_mpi_host_dispatch(host, endings);
    has_said |= say_asks(host);
    if (host->must_tell_stopping) {
        host->must_tell_stopping = false;
        say_to_all(host, CFI_MPI_STOPPING);
        has_said = true;
    }
    if (host->is_closing && !host->has_said_close) {
        host->has_said_close = true;
        say_to_all(host, CFI_MPI_CLOSE);
        has_said = true;
    }
    return has_said;
}

static bool speak(void)
{
    bool has_said = cfi_copies_forget();

    cfi_mpi_hosts_lock();
    for (struct cfi_mpi_host *host = cfi_mpi_hosts_first(); host != NULL;
         host = host->next) {
        struct cfi_mpi_endings endings = {0};
        cfi_lock(&host->lock);
        has_said |= speak_for(host, &endings);
        if (!are_none(&endings)) {
            /* the list may change meanwhile: the others have their turn next */
            unlock_and_settle(host, &endings);
            return true;
        }
        cfi_unlock(&host->lock);
    }
    cfi_mpi_hosts_unlock();
    return has_said;
}

static bool expects(void)
{
    bool is_due = false;

    cfi_mpi_hosts_lock();
    for (struct cfi_mpi_host *host = cfi_mpi_hosts_first(); host != NULL;
         host = host->next) {
        cfi_lock(&host->lock);
        is_due |= host->loads > 0 || host->asked != NULL ||
                  host->begun < host->opened || host->is_closing;
        cfi_unlock(&host->lock);
    }
    cfi_mpi_hosts_unlock();
    return is_due;
}

const struct cfi_mpi_role cfi_mpi_host_role = {
    .hear = hear,
    .room = room,
    .speak = speak,
    .expects = expects,
};
