/* SPDX-License-Identifier: MIT */
/*
 * What becomes of rank 0's executors when MPI ends before they do: nothing
 * comes any more, so nobody waits for it.
 *
 * Where the program ends MPI and goes on, what has not ended is CF_BROKEN. At
 * the exit of the process it stays as it is, with nobody told, but for an
 * executor that was shut down before, or is still: somebody may wait for it.
 */
#include "mpi_host.h"
#include "mpi_host_list.h"

void cfi_mpi_ask_in_vain(struct cfi_mpi_ask *ask)
{
    ask->status = CF_AGAIN;
    ask->is_yes = ask->number == CFI_MPI_HAS_STARTED;
}

static void answer_all(struct cfi_mpi_ask *ask)
{
    struct cfi_mpi_ask *next;

    for (; ask != NULL; ask = next) {
        next = ask->next;
        cfi_mpi_ask_in_vain(ask);
        atomic_store(&ask->is_answered, true);
        cfi_eventcount_notify(&ask->answer, 1);
    }
}

static void mark(struct cfi_mpi_host *host)
{
    cfi_lock(&host->lock);
    host->has_ended = true;
    answer_all(host->to_ask);
    answer_all(host->asked);
    host->to_ask = host->asked = NULL;
    cfi_eventcount_notify(&host->change, CFI_EVERYBODY);
    cfi_unlock(&host->lock);
}

static void break_held(struct cfi_mpi_host *host, struct cfi_mpi_lane *lane,
                       struct cfi_mpi_endings *endings)
{
    for (size_t i = 0; i < lane->slots && lane->load > 0; i++) {
        struct cf_future *future = lane->held[i].future;
        if (future == NULL)
            continue;
        cfi_mpi_lane_let_go(host, lane, future, CFI_MPI_TICKET_ENDED);
        cfi_outcome_fail(&future->outcome, CF_BROKEN, 0, CFI_MPI_HAS_ENDED);
        cfi_queue_push(&endings->ended, future);
    }
}

/* Lock held. False: there is nothing to be done, or no more. */
static bool break_all(struct cfi_mpi_host *host,
                      struct cfi_mpi_endings *endings)
{
    if (!host->has_ended || host->is_over)
        return false;
    host->is_over = host->is_settling = true;
    cfi_mpi_host_break(host, CFI_MPI_HAS_ENDED, endings);
    for (size_t i = 0; i < host->lane_count; i++)
        break_held(host, &host->lanes[i], endings);
    return true;
}

static void settle(struct cfi_mpi_host *host, struct cfi_mpi_endings *endings)
{
    struct cf_future *future;

    while ((future = cfi_queue_pop(&endings->ended)) != NULL)
        cfi_completion_publish(&host->completion, future);
    while ((future = cfi_queue_pop(&endings->dropped)) != NULL)
        cf_future_release(future);
    cfi_lock(&host->lock);
    host->is_settling = false;
    cfi_eventcount_notify(&host->change, CFI_EVERYBODY);
    cfi_unlock(&host->lock);
}

void cfi_mpi_host_shut(struct cfi_mpi_host *host)
{
    struct cfi_mpi_endings endings = {0};

    cfi_lock(&host->lock);
    host->is_shut = true;
    bool is_due = break_all(host, &endings);
    cfi_unlock(&host->lock);
    if (is_due)
        settle(host, &endings);
}

/* Breaks the first that is not over: at exit, of those that are shut. False:
 * there is none. */
static bool give_one_up(bool is_exit)
{
    struct cfi_mpi_endings endings = {0};
    bool is_due = false;

    cfi_mpi_hosts_lock();
    struct cfi_mpi_host *host = cfi_mpi_hosts_first();
    for (; host != NULL; host = host->next) {
        cfi_lock(&host->lock);
        is_due = (host->is_shut || !is_exit) && break_all(host, &endings);
        cfi_unlock(&host->lock);
        if (is_due)
            break;
    }
    cfi_mpi_hosts_unlock();
    if (is_due)
        settle(host, &endings);
    return is_due;
}

void cfi_mpi_hosts_end(bool is_exit)
{
    cfi_mpi_hosts_lock();
    for (struct cfi_mpi_host *host = cfi_mpi_hosts_first(); host != NULL;
         host = host->next)
        mark(host);
    cfi_mpi_hosts_unlock();
    while (give_one_up(is_exit))
        ;
}
