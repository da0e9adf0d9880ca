/* SPDX-License-Identifier: MIT */
/*
 * The host's threads, besides the one for callbacks:
 *
 *   drainer    sleeps on the bell; copies answers, gives out what is queued
 *              where nobody waits for a result and does so himself; while
 *              answers come in bursts it looks every 50 us instead of being
 *              rung for each
 *   listener   sleeps on the zygote's socket; hears of births and deaths
 *
 * Neither is needed to make progress by the other, and whoever holds the lock
 * may do the drainer's work. Both sleep without a time limit, but for a drainer
 * that has yet to give back what large payloads left, or to see to what is due
 * at its time (process_sharing.c).
 */
#include "process_host.h"

#include <sys/prctl.h>

#include "descriptor.h"
#include "process_wait.h"

/* Until somebody rings, or something is due. Who notes that there is more to do
 * at its time raises the epoch, so that it ends this sleep. */
static void sleep_on(struct cfi_host *host, struct cfi_seat *seat, uint32_t key,
                     int64_t looked_ns)
{
    int64_t due_ns = cfi_host_due_ns(host, looked_ns);
    int64_t trim_ns = cfi_host_trim_due_ns(host);

    (void)cfi_futex_wait_shared(&seat->epoch, key,
                                due_ns < trim_ns ? due_ns : trim_ns);
}

static void *drain(void *context)
{
    struct cfi_host *host = context;
    struct cfi_seat *seat = &host->board.bell->drainer;
    int64_t looked_ns = 0;

    prctl(PR_SET_NAME, "cf-drainer");
    prctl(PR_SET_TIMERSLACK, 1);
    while (!atomic_load(&host->is_ending)) {
        cfi_host_do_what_is_due(host, &looked_ns);
        cfi_host_trim(host);
        if (cfi_host_look(host) > 0) {
            cfi_host_gather(host);
            continue;
        }
        uint32_t key = cfi_seat_prepare(seat);
        if (cfi_host_look(host) == 0 && !atomic_load(&host->is_ending))
            sleep_on(host, seat, key, looked_ns);
        cfi_seat_leave(seat);
    }
    return NULL;
}

/* Only this thread closes lanes, so a descriptor stays what it is. */
static void kill_all(struct cfi_host *host)
{
    cfi_host_lock(host);
    size_t used = host->lanes_used;
    cfi_unlock(&host->lock);
    for (size_t i = 0; i < used; i++) {
        cfi_host_lock(host); /* not while it waits for the death */
        int pidfd = host->lanes[i]->pidfd;
        cfi_unlock(&host->lock);
        cfi_pidfd_kill(pidfd);
    }
}

/* The zygote is gone, or out of reach, without having been dismissed. Its workers
 * die with it; whatever they have committed until then counts. */
static void survive_zygote(struct cfi_host *host)
{
    struct cfi_endings endings = {0};

    cfi_host_lock(host);
    cfi_host_break(host,
                   cfi_zygote_is_at_hand(&host->zygote)
                       ? "the process that starts the workers has died"
                       : "the program has closed the descriptors of the "
                         "executor",
                   &endings);
    cfi_host_unlock(host, &endings);
    kill_all(host);
    cfi_host_lock(host);
    cfi_host_lose_all(host, &endings);
    cfi_host_unlock(host, &endings);
}

static void *listen_to_zygote(void *context)
{
    struct cfi_host *host = context;
    struct cfi_zygote_news news;
    int pidfd;

    prctl(PR_SET_NAME, "cf-listener");
    while (cfi_zygote_listen(&host->zygote, &news, &pidfd)) {
        struct cfi_endings endings = {0};
        cfi_host_lock(host);
        cfi_host_hear(host, &news, pidfd, &endings);
        cfi_host_unlock(host, &endings);
    }
    cfi_host_lock(host);
    bool is_closing = host->is_closing;
    host->has_heard_all = true;
    cfi_unlock(&host->lock);
    if (!is_closing)
        survive_zygote(host);
    cfi_eventcount_notify(&host->readiness, CFI_EVERYBODY);
    return NULL;
}

static void stop_drainer(struct cfi_host *host)
{
    atomic_store(&host->is_ending, true);
    cfi_seat_wake(&host->board.bell->drainer);
    pthread_join(host->drainer, NULL);
}

enum cf_status cfi_host_start_threads(struct cfi_host *host)
{
    enum cf_status status = cfi_thread_start(&host->drainer, drain, host);
    if (status != CF_OK)
        return status;
    status = cfi_thread_start(&host->listener, listen_to_zygote, host);
    if (status != CF_OK)
        stop_drainer(host);
    return status;
}

void cfi_host_stop_threads(struct cfi_host *host)
{
    pthread_join(host->listener, NULL);
    stop_drainer(host);
    cfi_completion_stop(&host->completion);
}
