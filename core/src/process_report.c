/* SPDX-License-Identifier: MIT */
/* From what a worker left in its ring, or how it died, to a future's outcome.
 * A result is copied once, from the region to where the future keeps it. */
#include "process_report.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "heap.h"
#include "outcome.h"
#include "process_lane.h"

/* Longer texts are no error of ours: 1 KiB of message and a file name. */
#define MOST_TEXT_BYTES ((size_t)1 << 16)

static bool is_sane(const struct cfi_report *report, size_t arena_bytes)
{
    if (report->at == CFI_IN_SLOT) {
        if (report->bytes > CFI_SLOT_BYTES)
            return false;
    } else if (report->at > arena_bytes ||
               report->bytes > arena_bytes - report->at) {
        return false;
    }
    switch (report->status) {
    case CF_OK:
        return true;
    case CF_EXCEPTION:
    case CF_UNSUPPORTED:
        return report->bytes <= MOST_TEXT_BYTES &&
               report->message_bytes <= report->bytes;
    default:
        return false;
    }
}

static void read_result(const struct cfi_report *report, const void *payload,
                        struct cf_future *future)
{
    struct cfi_outcome *outcome = &future->outcome;
    size_t space_bytes;

    if (report->bytes == 0)
        return;
    void *result = cfi_future_space(future, &space_bytes);
    bool is_heap = report->bytes > space_bytes;
    if (is_heap)
        result = cfi_heap_take_whole(report->bytes);
    if (result == NULL) {
        cfi_outcome_fail(outcome, CF_EXCEPTION, CF_NOMEM,
                         "no memory for a result of %zu bytes",
                         (size_t)report->bytes);
        return;
    }
    memcpy(result, payload, report->bytes);
    cfi_outcome_set(outcome, result, report->bytes, is_heap);
}

static void read_error(const struct cfi_report *report, const void *payload,
                       struct cf_future *future)
{
    struct cfi_outcome *outcome = &future->outcome;
    char *texts = malloc(report->bytes + 2);

    outcome->status = (enum cf_status)report->status;
    if (texts == NULL)
        return;
    /* two texts, whatever the worker wrote: each ends where it must */
    memcpy(texts, payload, report->bytes);
    texts[report->bytes] = texts[report->bytes + 1] = '\0';
    if (report->message_bytes > 0)
        texts[report->message_bytes - 1] = '\0';
    outcome->error = cfi_error_create(texts, texts + report->message_bytes);
    free(texts);
    if (outcome->error != NULL) {
        outcome->error->code = report->code;
        outcome->error->line = report->line;
    }
}

bool cfi_report_read(const struct cfi_report *report,
                     const struct cfi_region *region,
                     const struct cfi_result *result, struct cf_future *future)
{
    if (!is_sane(report, region->arena_bytes))
        return false;
    const void *payload = report->at == CFI_IN_SLOT
                              ? result->bytes
                              : region->results + report->at;
    cfi_report_fill(report, &result->stamps, payload, future);
    return true;
}

void cfi_report_fill(const struct cfi_report *report,
                     const struct cfi_stamps *stamps, const void *payload,
                     struct cf_future *future)
{
    if (report->status == CF_OK)
        read_result(report, payload, future);
    else
        read_error(report, payload, future);
    struct cfi_times *times = cfi_future_times(future);
    if (times != NULL) {
        times->started_ns = stamps->started_ns;
        times->finished_ns = stamps->finished_ns;
        times->cpu_ns = stamps->cpu_ns;
    }
}

/* ", which touched 0x0 in task x (out of memory)": what follows the verdict */
static void add_details(const struct cfi_crash *crash,
                        const struct cf_future *future, char *text, size_t room)
{
    const char *remark = "", *name = cf_future_name(future);
    const char *quote = name[0] != '\0' ? "\"" : "";
    char place[40] = "";

    if (crash->is_spoilt)
        remark = ": it wrote over the memory that it shares with its host";
    else if (crash->is_out_of_memory)
        remark = " (its control group is out of memory)";
    else if (crash->news->signal == SIGKILL)
        remark = " (by somebody, or for lack of memory)";
    if (crash->words->fault_address != 0)
        snprintf(place, sizeof place, " at address %#llx",
                 (unsigned long long)crash->words->fault_address);
    snprintf(text, room, "%s while it ran the task%s%s%.60s%s%s", place,
             quote[0] != '\0' ? " " : "", quote, name, quote, remark);
}

void cfi_report_death(const struct cfi_zygote_news *news,
                      char text[CFI_DEATH_BYTES])
{
    const char *name = sigabbrev_np(news->signal);

    if (news->signal != 0)
        snprintf(text, CFI_DEATH_BYTES, "was killed by signal %d (SIG%s)",
                 news->signal, name != NULL ? name : "?");
    else
        snprintf(text, CFI_DEATH_BYTES, "exited with code %d", news->exit_code);
}

static void tell_verdict(struct cf_future *future,
                         const struct cfi_crash *crash)
{
    const struct cfi_zygote_news *news = crash->news;
    char death[CFI_DEATH_BYTES], details[200];

    cfi_report_death(news, death);
    add_details(crash, future, details, sizeof details);
    cfi_outcome_fail(&future->outcome, CF_CRASHED, 0,
                     "worker %u (process %d) %s%s", news->worker, news->pid,
                     death, details);
}

/* "the task ran past its time limit of 2 s" */
static void tell_why(struct cf_future *future, enum cf_status ends_with,
                     const char *what_came)
{
    if (ends_with == CF_EXPIRED)
        cfi_outcome_fail(&future->outcome, CF_EXPIRED, 0,
                         "the task ran past its time limit of %.9g s%s",
                         (double)cfi_rest(future)->extra->timeout_ns / 1e9,
                         what_came);
    else
        cfi_outcome_fail(&future->outcome, ends_with, 0,
                         "the task was stopped%s", what_came);
}

void cfi_report_late(struct cf_future *future, const struct cfi_rungs *rungs)
{
    if (rungs->ends_with != CF_EXPIRED)
        return; /* what it brought counts */
    tell_why(future, CF_EXPIRED, "");
    if (future->outcome.error != NULL)
        future->outcome.error->rung = rungs->rung;
}

/* A death before the first signal is not the ladder's doing, but past its
 * limit a task has expired however it ends. */
static bool was_ended(const struct cfi_crash *crash)
{
    return crash->rungs != NULL && (crash->rungs->rung >= CF_RUNG_TERMINATED ||
                                    crash->rungs->ends_with == CF_EXPIRED);
}

static enum cf_rung rung_of(const struct cfi_crash *crash)
{
    if (crash->rungs->rung == CF_RUNG_KILLED && crash->news->signal != SIGKILL)
        return CF_RUNG_TERMINATED; /* the first signal was enough */
    return crash->rungs->rung;
}

void cfi_report_crash(struct cf_future *future, const struct cfi_crash *crash)
{
    struct cfi_outcome *outcome = &future->outcome;
    const struct cfi_zygote_news *news = crash->news;
    char end[120];

    if (was_ended(crash)) {
        snprintf(end, sizeof end,
                 " and did not come back when it was asked: worker %u "
                 "(process %d) ended by signal %d, exit code %d",
                 news->worker, news->pid, news->signal, news->exit_code);
        tell_why(future, crash->rungs->ends_with, end);
    } else {
        tell_verdict(future, crash);
    }
    struct cfi_error *error = outcome->error;
    if (error == NULL)
        return;
    if (was_ended(crash))
        error->rung = rung_of(crash);
    error->signal = news->signal;
    error->exit_code = news->exit_code;
    error->pid = news->pid;
    error->peak_bytes = news->peak_bytes;
    error->is_out_of_memory = crash->is_out_of_memory;
    error->fault_address = crash->words->fault_address;
    error->backtrace = cfi_last_words_trace(crash->words);
}
