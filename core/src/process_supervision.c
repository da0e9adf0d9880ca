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

#include <errno.h>
#include <signal.h>
#include <stdio.h>

#include "descriptor.h"
#include "last_error.h"
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
    cfi_rest(future)->pid = news->pid;
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
            cfi_host_end(future, CF_BROKEN, host->executor->broken_why,
                         endings);
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
    if (host->most_workers == 0 && !host->is_closing) {
        errno = news->error;
        cfi_fail_errno(CF_AGAIN, "no worker process could be started");
        cfi_host_break_for_want(host, endings);
    }
}

/* What is known of a worker that has died. */
struct obituary {
    bool was_wanted; /* to end                                           */
    bool has_begun;  /* else its initializer failed, or died             */
    char death[CFI_DEATH_BYTES];
    char words[160]; /* why it never served, as it said; ""              */
};

/* Was the worker to end? One that is deaf may have died before it was told. */
static bool is_wanted(const struct cfi_lane *lane)
{
    return lane->is_leaving &&
           (!lane->is_deaf || lane->rungs.rung >= CF_RUNG_TERMINATED ||
            atomic_load(&lane->region.rings->ready) == CFI_LEAVES);
}

static void write_obituary(const struct cfi_host *host,
                           const struct cfi_lane *lane,
                           const struct cfi_zygote_news *news,
                           struct obituary *of)
{
    const struct cfi_rings *rings = lane->region.rings;
    bool has_served = atomic_load(&rings->ready) != 0;

    of->was_wanted = is_wanted(lane);
    of->has_begun = has_served || host->executor->initializer == NULL;
    cfi_report_death(news, of->death);
    /* the worker's text: not to be trusted to end */
    snprintf(of->words, sizeof of->words, "%.*s",
             has_served ? 0 : (int)sizeof rings->why - 1, rings->why);
}

static void break_uninitialized(struct cfi_host *host, uint32_t worker,
                                const struct obituary *of,
                                struct cfi_endings *endings)
{
    char reason[160];

    if (of->words[0] != '\0')
        snprintf(reason, sizeof reason, "%s", of->words);
    else
        snprintf(reason, sizeof reason, "worker %u %s in its initializer",
                 worker, of->death);
    cfi_host_break(host, reason, endings);
}

static void break_for_deaths(struct cfi_host *host, int pid,
                             const struct obituary *of,
                             struct cfi_endings *endings)
{
    char reason[320]; /* cut where it is kept */
    const char *words = of->words;

    snprintf(reason, sizeof reason,
             "workers die again and again: %zu in a row; the last one (process "
             "%d) %s%s%s",
             host->deaths, pid, of->death, words[0] != '\0' ? ": " : "", words);
    cfi_host_break(host, reason, endings);
}

static void die(struct cfi_host *host, struct cfi_lane *lane,
                const struct cfi_zygote_news *news, struct cfi_endings *endings)
{
    struct obituary of;

    write_obituary(host, lane, news, &of);
    bury(host, lane, news, endings);
    if (of.was_wanted)
        return;
    host->deaths++;
    if (host->is_closing || host->is_broken)
        return;
    if (!of.has_begun)
        break_uninitialized(host, lane->index, &of, endings);
    else if (host->deaths >= crash_limit(host))
        break_for_deaths(host, news->pid, &of, endings);
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
