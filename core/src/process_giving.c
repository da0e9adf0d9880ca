/* SPDX-License-Identifier: MIT */
/*
 * How a task gets into the lane that was chosen for it, and what becomes of it
 * where it does not.
 */
#include "lent.h"
#include "process_host.h"
#include "process_lives.h"
#include "process_put_off.h"

bool cfi_host_knows(struct cfi_host *host, cf_function *function)
{
    if (host->known == function)
        return true;
    /* an object pointer and a function pointer are the same on POSIX */
    if (!cfi_code_address_again((const void *)(uintptr_t)function,
                                &host->known_address))
        return false;
    host->known = function;
    if (host->known_address.object != host->noted) {
        host->noted = host->known_address.object;
        cfi_catalogue_note(host->board.catalogue,
                           (const void *)(uintptr_t)function, host->noted);
    }
    return true;
}

static const char *why_not_sent(enum cf_status status)
{
    switch (status) {
    case CF_NOMEM:
        return "no memory for the argument";
    case CF_SYSTEM:
        return "a buffer's descriptor was closed";
    default:
        return "the function's object was unloaded";
    }
}

/* Who takes descriptors in from now on tells of it; what was taken in before is
 * seen by a second try. */
static enum cf_status send(struct cfi_host *host, struct cfi_lane *lane,
                           struct cf_future *future, bool *is_to_wake)
{
    const struct cfi_code_address *function = &host->known_address;
    enum cf_status status = cfi_lane_send(lane, future, function, is_to_wake);

    if (status == CF_AGAIN &&
        atomic_exchange(&host->board.bell->intake_awaited, 1) == 0)
        status = cfi_lane_send(lane, future, function, is_to_wake);
    return status;
}

bool cfi_host_give(struct cfi_host *host, struct cfi_lane *lane,
                   struct cf_future *future, struct cfi_endings *endings)
{
    enum cf_status status = CF_UNSUPPORTED;
    bool is_to_wake = false, is_lost = cfi_argument_is_lost(future);

    if (is_lost)
        status = CF_NOMEM;
    else if (cfi_host_knows(host, future->function))
        status = send(host, lane, future, &is_to_wake);
    if (is_to_wake)
        cfi_endings_wake(endings, &lane->region.rings->asleep);
    if (status == CF_OK)
        cfi_lane_number(lane, host->given++);
    if (lane->load > 1)
        cfi_host_note_due(host, CFI_DUE_LOOK);

    if (status == CF_NOMEM && !is_lost && lane->drained < lane->posted) {
        cfi_host_requeue(host, future);
        lane->is_stuffed = true;
    } else if (status == CF_AGAIN) {
        cfi_host_put_off(host, future);
        cfi_rings_wake_worker(lane->region.rings); /* to empty its post */
    } else if (status == CF_BROKEN) {
        cfi_host_requeue(host, future); /* before what comes back now */
        cfi_host_retire_deaf(host, lane);
    } else if (status != CF_OK) {
        cfi_host_end(future, status == CF_NOMEM ? CF_NOMEM : CF_UNSUPPORTED,
                     why_not_sent(status), endings);
        status = CF_OK;
    }
    cfi_host_place(host, lane);
    return status == CF_OK;
}
