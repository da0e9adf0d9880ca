/* SPDX-License-Identifier: MIT */
/* What a worker is told of its children that have ended: one at a time, when it
 * asks, in as many pieces as its window needs. */
#include <stdlib.h>
#include <string.h>

#include "process_host.h"

void cfi_desk_answer(struct cfi_lane *lane, size_t which, uint32_t number,
                     const struct cfi_reply *reply)
{
    struct cfi_window *window = &lane->region.desk->windows[which];

    window->reply = *reply;
    lane->answered[which] = number;
    /* seq_cst: releases the reply and the bytes */
    atomic_store(&window->answered, number);
    cfi_futex_wake_shared(&window->answered, 1);
}

static void tell_error(struct cfi_nest *nest, const struct cfi_error *error,
                       struct cfi_reply *reply)
{
    const char *trace = error->backtrace != NULL ? error->backtrace : "";
    size_t message = strlen(error->message) + 1, file = strlen(error->file) + 1;
    size_t bytes = message + file + strlen(trace) + 1;
    unsigned char *texts = malloc(bytes);

    reply->report.code = error->code;
    reply->report.line = error->line;
    reply->signal = error->signal;
    reply->exit_code = error->exit_code;
    reply->report.pid = (int32_t)error->pid;
    reply->peak_bytes = error->peak_bytes;
    reply->fault_address = error->fault_address;
    reply->is_out_of_memory = error->is_out_of_memory;
    reply->rung = error->rung;
    if (texts == NULL)
        return;
    memcpy(texts, error->message, message);
    memcpy(texts + message, error->file, file);
    memcpy(texts + message + file, trace, bytes - message - file);
    reply->report.message_bytes = (uint32_t)message;
    nest->story = nest->story_owned = texts;
    nest->story_bytes = bytes;
}

static void begin_story(struct cfi_nest *nest, struct cfi_child *child,
                        struct cfi_reply *reply)
{
    struct cf_future *future = child->future;
    const struct cfi_outcome *outcome = cfi_future_outcome(future);
    const struct cfi_times *times = cfi_future_times(future);
    bool is_buffer = outcome->status == CF_OK && outcome->is_object;
    struct cfi_error no_buffer = {.message = cfi_lost_buffer, .file = ""};

    cfi_rest(future)->is_read = true; /* the worker is to see to it */
    nest->told = child;
    nest->story = NULL;
    nest->story_bytes = nest->story_used = 0;
    reply->token = child->token;
    reply->worker = future->worker;
    reply->attempt = future->attempt;
    reply->report.pid = cfi_rest(future)->pid;
    if (times != NULL)
        reply->stamps = (struct cfi_stamps){.started_ns = times->started_ns,
                                            .finished_ns = times->finished_ns,
                                            .cpu_ns = times->cpu_ns};
    reply->report.status = cf_cancelled(future) ? CF_CANCELLED
                           : is_buffer          ? CF_UNSUPPORTED
                                                : outcome->status;
    if (is_buffer) {
        tell_error(nest, &no_buffer, reply);
    } else if (outcome->status == CF_OK) {
        nest->story = outcome->result;
        nest->story_bytes = outcome->result_bytes;
    } else if (outcome->error != NULL) {
        tell_error(nest, outcome->error, reply);
    }
    reply->report.bytes = nest->story_bytes;
    reply->report.at = CFI_IN_SLOT;
}

/* The next piece. Its child is forgotten with the last one. */
static void go_on(struct cfi_nest *nest, struct cfi_window *window,
                  struct cfi_reply *reply, struct cfi_endings *endings)
{
    size_t rest = nest->story_bytes - nest->story_used;
    size_t piece = rest < CFI_WINDOW_BYTES ? rest : CFI_WINDOW_BYTES;

    if (piece > 0)
        memcpy(window->bytes, nest->story + nest->story_used, piece);
    nest->story_used += piece;
    reply->bytes = piece;
    if (piece < rest)
        return;
    free(nest->story_owned);
    nest->story_owned = NULL;
    cfi_child_forget(nest->told, endings);
}

void cfi_desk_tell(struct cfi_lane *lane, struct cfi_endings *endings)
{
    struct cfi_window *window = &lane->region.desk->windows[CFI_WINDOW_LATER];
    struct cfi_nest *nest = lane->nest;
    struct cfi_reply reply = {.status = CF_OK};
    uint32_t number = atomic_load(&window->asked);

    if (number == lane->answered[CFI_WINDOW_LATER])
        return;
    if (nest->told == NULL) {
        struct cfi_child *child = TAILQ_FIRST(&nest->news);
        if (child == NULL)
            return;
        begin_story(nest, child, &reply);
    }
    go_on(nest, window, &reply, endings);
    cfi_desk_answer(lane, CFI_WINDOW_LATER, number, &reply);
}
