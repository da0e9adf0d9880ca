/* SPDX-License-Identifier: MIT */
/*
 * Births and deaths of workers. After a death, in this order: what was
 * committed is copied, the task that ran fails, the rest goes back to the head
 * of the queue in its order, the worker is replaced as work needs it.
 *
 * Two things end the executor (CF_BROKEN): when workers die again and again
 * with no task ended in between, and when not one can be started.
 */
#include "process_host.h"

#include <signal.h>
#include <stdio.h>

#include "descriptor.h"
#include "memory_events.h"
#include "process_report.h"

/* Deaths in a row for each worker of the executor that make it broken. */
#define MOST_DEATHS_PER_WORKER 8

static size_t crash_limit(const struct cfi_host *host)
{
    size_t wanted = host->executor->options.crash_limit;
    return wanted != 0 ? wanted : MOST_DEATHS_PER_WORKER * host->lane_count;
}

/* Each death that the system counts explains one of ours. */
static bool is_out_of_memory(struct cfi_host *host, int signal)
{
    if (signal != SIGKILL || cfi_memory_kills() <= host->memory_kills)
        return false;
    host->memory_kills++;
    return true;
}

static void fail_running(struct cfi_host *host, struct cfi_lane *lane,
                         const struct cfi_zygote_news *news,
                         struct cfi_endings *endings)
{
    struct cf_future *future = cfi_lane_running(lane);
    struct cfi_crash crash = {
        .news = news,
        .words = &lane->region.rings->last_words,
        .is_out_of_memory = is_out_of_memory(host, news->signal),
        .rungs = lane->rungs.position == lane->drained ? &lane->rungs : NULL,
        .is_spoilt = lane->is_spoilt};

    if (future == NULL)
        return;
    future->worker = lane->index;
    future->pid = news->pid;
    future->attempt++;
    cfi_report_crash(future, &crash);
    cfi_host_end_attempt(host, future, endings);
}

/* Of the task that it was running; 0: of none. */
static uint64_t running_position(struct cfi_lane *lane)
{
    const struct cf_future *head = cfi_lane_head(lane);

    return head != NULL && cfi_lane_has_started(lane, head) ? lane->drained : 0;
}

/* The worker is no more, or never was: everything it had is seen to. */
static void bury(struct cfi_host *host, struct cfi_lane *lane,
                 const struct cfi_zygote_news *news,
                 struct cfi_endings *endings)
{
    struct cf_future *future;
    enum cfi_recall why =
        host->is_broken ? CFI_RECALL_TO_END : CFI_RECALL_TO_RUN;

    cfi_host_drain_lane(host, lane, endings);
    cfi_nest_close(host, lane, running_position(lane), endings);
    fail_running(host, lane, news, endings);
    while ((future = cfi_lane_salvage(lane, why)) != NULL) {
        if (host->is_broken)
            cfi_host_end(future, CF_BROKEN, "the executor is broken", endings);
        else
            cfi_host_requeue(host, future);
    }
    host->alive--;
    host->spares -= lane->is_spare;
    host->starting -= lane->pid == 0;
    host->ready -= lane->is_ready;
    cfi_lane_close(lane);
    cfi_host_place(host, lane);
}

static void be_born(struct cfi_host *host, struct cfi_lane *lane,
                    const struct cfi_zygote_news *news, int pidfd)
{
    host->starting--;
    lane->pid = news->pid;
    lane->pidfd = pidfd;
    cfi_host_note_ready(host, lane);
}

static void fail_to_start(struct cfi_host *host, struct cfi_lane *lane,
                          const struct cfi_zygote_news *news,
                          struct cfi_endings *endings)
{
    bool is_spare = lane->is_spare;

    bury(host, lane, news, endings);
    if (is_spare) { /* who waits has been promised one: it may come yet */
        cfi_host_retry_later(host, &host->retry_ns);
        return;
    }
    host->most_workers = host->alive - host->spares;
    if (host->most_workers > 0)
        host->executor->max_workers = host->most_workers;
    if (host->most_workers == 0 && !host->is_closing)
        cfi_host_break(host, "no worker process could be started", endings);
}

/* A worker that never served had its initializer fail, or die. */
static bool has_initialized(const struct cfi_host *host,
                            const struct cfi_lane *lane,
                            const struct cfi_zygote_news *news, char *reason,
                            size_t reason_bytes)
{
    const struct cfi_rings *rings = lane->region.rings;
    char death[CFI_DEATH_BYTES];

    if (host->executor->initializer == NULL || atomic_load(&rings->ready) != 0)
        return true;
    cfi_report_death(news, death);
    /* the worker's text: not to be trusted to end */
    if (rings->why[0] != '\0')
        snprintf(reason, reason_bytes, "%.*s", (int)sizeof rings->why - 1,
                 rings->why);
    else
        snprintf(reason, reason_bytes, "worker %u %s in its initializer",
                 lane->index, death);
    return false;
}

/* Was the worker to end? One that is deaf may have died before it was told. */
static bool is_wanted(const struct cfi_lane *lane)
{
    return lane->is_leaving &&
           (!lane->is_deaf || lane->rungs.rung >= CF_RUNG_TERMINATED ||
            atomic_load(&lane->region.rings->ready) == CFI_LEAVES);
}

static void die(struct cfi_host *host, struct cfi_lane *lane,
                const struct cfi_zygote_news *news, struct cfi_endings *endings)
{
    char reason[160], death[CFI_DEATH_BYTES];
    bool has_begun = has_initialized(host, lane, news, reason, sizeof reason);
    bool was_wanted = is_wanted(lane);

    bury(host, lane, news, endings);
    if (was_wanted)
        return;
    host->deaths++;
    if (!has_begun && !host->is_closing && !host->is_broken) {
        cfi_host_break(host, reason, endings);
        return;
    }
    if (host->is_closing || host->is_broken || host->deaths < crash_limit(host))
        return;
    cfi_report_death(news, death);
    snprintf(reason, sizeof reason,
             "workers die again and again: %zu in a row; the last one (process "
             "%d) %s",
             host->deaths, news->pid, death);
    cfi_host_break(host, reason, endings);
}

void cfi_host_hear(struct cfi_host *host, const struct cfi_zygote_news *news,
                   int pidfd, struct cfi_endings *endings)
{
    struct cfi_lane *lane =
        news->worker < host->lane_count ? host->lanes[news->worker] : NULL;

    if (lane == NULL || lane->generation != news->generation ||
        lane->region.rings == NULL) {
        cfi_descriptor_close(&pidfd);
        return;
    }
    if (news->event == CFI_WORKER_STARTED)
        be_born(host, lane, news, pidfd);
    else if (news->event == CFI_WORKER_DIED)
        die(host, lane, news, endings);
    else
        fail_to_start(host, lane, news, endings);
    cfi_host_dispatch(host, endings);
    cfi_host_tell_readiness(host);
}

void cfi_host_lose_all(struct cfi_host *host, struct cfi_endings *endings)
{
    for (size_t i = 0; i < host->lanes_used; i++) {
        struct cfi_lane *lane = host->lanes[i];
        struct cfi_zygote_news news = {.event = CFI_WORKER_DIED,
                                       .worker = lane->index,
                                       .pid = lane->pid,
                                       .signal = SIGKILL};
        if (lane->region.rings != NULL)
            bury(host, lane, &news, endings);
    }
}
