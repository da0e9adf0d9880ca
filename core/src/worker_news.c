/* SPDX-License-Identifier: MIT */
/*
 * How a worker process hears what became of the tasks that its tasks have
 * submitted: a thread, the reader, keeps asking "what has ended?", and finishes
 * the future that the answer names. Callbacks run on a thread of their own, since
 * they may wait for what the reader is to hear of.
 */
#include "worker_executor.h"

#include <string.h>
#include <sys/prctl.h>

#include "heap.h"
#include "process_report.h"

/* Gathers what comes in several pieces; `to` may be NULL: nothing is kept. */
static void gather(struct cfi_worker_executor *own,
                   const struct cfi_reply *first, unsigned char *to)
{
    struct cfi_window *window = &own->desk.region->desk->windows[1];
    const struct cfi_question more = {.kind = CFI_ASK_MORE};
    size_t all = first->report.bytes, piece = first->bytes, used = 0;

    for (;;) {
        if (to != NULL)
            memcpy(to + used, window->bytes, piece);
        used += piece;
        if (used >= all || piece == 0)
            return;
        piece = cfi_worker_desk_ask(&own->desk, CFI_WINDOW_LATER, &more)->bytes;
    }
}

static void add_details(struct cf_future *future, const struct cfi_reply *reply,
                        const char *texts)
{
    struct cfi_error *error = cfi_outcome_error(&future->outcome);

    if (error == NULL || reply->report.status == CF_OK)
        return;
    error->signal = reply->signal;
    error->exit_code = reply->exit_code;
    error->pid = reply->report.pid;
    error->peak_bytes = reply->peak_bytes;
    error->fault_address = reply->fault_address;
    error->is_out_of_memory = reply->is_out_of_memory != 0;
    error->rung = (enum cf_rung)reply->rung;
    if (texts == NULL || reply->report.message_bytes == 0)
        return;
    const char *trace = texts + reply->report.message_bytes;
    trace += strlen(trace) + 1; /* behind the file's name */
    if (trace[0] != '\0')
        error->backtrace = strdup(trace);
}

/* Fills the future's outcome. A large result is not copied again. */
static void fill(struct cfi_worker_executor *own, struct cf_future *future,
                 const struct cfi_reply *reply)
{
    const unsigned char *payload = own->desk.region->desk->windows[1].bytes;
    size_t bytes = reply->report.bytes;
    unsigned char *all = NULL;
    struct cfi_report report = reply->report;

    if (bytes > reply->bytes) {
        all = cfi_heap_take_whole(bytes);
        gather(own, reply, all);
        payload = all;
    }
    future->worker = reply->worker;
    cfi_rest(future)->pid = reply->report.pid;
    future->attempt = reply->attempt;
    if (payload == NULL) {
        cfi_outcome_fail(&future->outcome, CF_EXCEPTION, CF_NOMEM,
                         "no memory for a result of %zu bytes", bytes);
        return;
    }
    bool is_taken_over = all != NULL && report.status == CF_OK;
    if (is_taken_over)
        report.bytes = 0; /* the times alone */
    cfi_report_fill(&report, &reply->stamps, payload, future);
    if (is_taken_over)
        cfi_outcome_set(&future->outcome, all, bytes, true);
    else
        add_details(future, reply, (const char *)payload);
    if (!is_taken_over)
        cfi_heap_give(all);
}

static void *read_news(void *context)
{
    struct cfi_worker_executor *own = context;
    const struct cfi_question news = {.kind = CFI_ASK_NEWS};

    prctl(PR_SET_NAME, "cf-reader");
    for (;;) {
        struct cfi_reply reply =
            *cfi_worker_desk_ask(&own->desk, CFI_WINDOW_LATER, &news);
        struct cf_future *future = (struct cf_future *)(uintptr_t)reply.token;
        if (reply.report.status == CF_CANCELLED) {
            cfi_completion_cancel(&own->completion, future);
            continue;
        }
        fill(own, future, &reply);
        cfi_completion_publish(&own->completion, future);
    }
    return NULL;
}

enum cf_status cfi_worker_executor_open(struct cfi_worker_executor *own)
{
    enum cf_status status = CF_OK;

    cfi_lock(&own->lock);
    if (!own->is_open) {
        status = cfi_worker_desk_open(&own->desk);
        if (status == CF_OK)
            status = cfi_thread_start(&own->reader, read_news, own);
        own->is_open = status == CF_OK;
    }
    cfi_unlock(&own->lock);
    return status;
}
