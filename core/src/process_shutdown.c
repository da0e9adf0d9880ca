/* SPDX-License-Identifier: MIT */
/* What a shutdown changes, asked for in the host or by one of its workers'
 * tasks: what has not started is cancelled, what runs is told. */
#include "process_host.h"
#include "process_put_off.h"

bool cfi_host_has_started(struct cfi_host *host, const struct cf_future *future)
{
    if (cfi_rest(future)->ticket == CFI_TICKET_ENDED || future->attempt > 0)
        return true;
    return cfi_rest(future)->ticket != CFI_TICKET_NONE &&
           cfi_lane_has_started(
               host->lanes[cfi_ticket_lane(cfi_rest(future)->ticket)], future);
}

void cfi_host_cancel_pending(struct cfi_host *host, struct cfi_endings *endings)
{
    struct cfi_queue begun = {0};
    struct cf_future *future;

    for (size_t i = 0; i < host->lanes_used; i++)
        if (host->lanes[i]->region.rings != NULL)
            cfi_host_recall_all(host, host->lanes[i], CFI_RECALL_TO_END);
    cfi_host_take_up(host);
    while ((future = cfi_queue_pop(&host->queue)) != NULL)
        cfi_queue_push(future->attempt > 0 ? &begun : &endings->cancelled,
                       future);
    host->queue = begun;
    cfi_host_dispatch(host, endings);
}

void cfi_host_tell_stopping(struct cfi_host *host)
{
    for (size_t i = 0; i < host->lanes_used; i++)
        if (host->lanes[i]->region.rings != NULL)
            atomic_store(&host->lanes[i]->region.rings->stopping, 1);
}

/* A worker that is started meanwhile is told from the first. */
void cfi_host_tell_closed(struct cfi_host *host)
{
    for (size_t i = 0; i < host->lanes_used; i++)
        if (host->lanes[i]->region.rings != NULL)
            atomic_store(&host->lanes[i]->region.rings->closed, 1);
}

void cfi_host_shut_down(struct cfi_host *host, unsigned how,
                        struct cfi_endings *endings)
{
    struct cf_executor *executor = host->executor;

    cfi_executor_close(executor, how);
    cfi_host_tell_closed(host);
    if (how & CF_SHUTDOWN_CANCEL) {
        /* whoever looks at the rings is needed there */
        endings->calls_back_later = true;
        cfi_host_cancel_pending(host, endings);
    }
    if (how != CF_SHUTDOWN_STOP)
        return;
    atomic_store(&executor->stopping, 1);
    cfi_host_tell_stopping(host);
}
