/* SPDX-License-Identifier: MIT */
/*
 * The host's side of the desk (desk.h): what the tasks of its workers ask for.
 * Answered by whoever looks at the rings, under the host's lock; so the order of
 * a worker's questions and its answers in the ring is the order in which it
 * made them, and no thread of the host's ever waits for a worker.
 *
 * A worker is believed as little here as in its ring: what it asks is copied
 * first and checked then, an id that means nothing is a child that has ended,
 * and nonsense makes the lane spoilt. A name or an argument is the worker's own
 * and concerns its own task alone.
 */
#include <stdlib.h>
#include <string.h>

#include "admission.h"
#include "last_error.h"
#include "process_host.h"
#include "process_spares.h"
#include "submit.h"

/* After a question, so often whoever looks at the rings does not sleep at once. */
#define LOOKS_NEAR 16

#define EVERY_RETRY (CF_RETRY_EXCEPTION | CF_RETRY_CRASHED | CF_RETRY_EXPIRED)

/* One question while it is answered. */
struct inquiry {
    struct cfi_host *host;
    struct cfi_lane *lane;
    struct cfi_nest *nest;
    struct cfi_endings *endings;
    const struct cfi_window *window;
    struct cfi_question question; /* a copy */
    struct cfi_child *child;      /* of its id; NULL: it has ended */
    struct cfi_reply reply;
};

static void refuse(struct cfi_reply *reply, enum cf_status status)
{
    reply->status = status;
    strncpy(reply->why, cf_last_error().text, sizeof reply->why - 1);
}

/* --- submit --- */

static bool is_parcel_sane(const struct cfi_nest *nest,
                           const struct cfi_question *question)
{
    return question->bytes <= CFI_WINDOW_BYTES &&
           question->name_bytes <= question->all_bytes &&
           question->bytes <= question->all_bytes - nest->parcel_used;
}

static void drop_parcel(struct cfi_nest *nest)
{
    free(nest->parcel);
    nest->parcel = NULL;
    nest->parcel_bytes = nest->parcel_used = 0;
}

/* Keeps the bytes in the window behind those that came before. */
static bool keep_parcel(struct inquiry *inquiry)
{
    const struct cfi_question *question = &inquiry->question;
    struct cfi_nest *nest = inquiry->nest;

    if (nest->parcel_bytes != question->all_bytes ||
        !is_parcel_sane(nest, question))
        return false;
    memcpy(nest->parcel + nest->parcel_used, inquiry->window->bytes,
           question->bytes);
    nest->parcel_used += question->bytes;
    return true;
}

static bool take_parcel(struct inquiry *inquiry)
{
    struct cfi_nest *nest = inquiry->nest;

    if (inquiry->question.all_bytes >> CFI_ARG_BITS != 0)
        return false; /* no future holds that */
    if (inquiry->question.detail != 0) {
        drop_parcel(nest);
        nest->parcel = malloc(inquiry->question.all_bytes);
        if (nest->parcel == NULL) {
            cfi_fail(CF_NOMEM, "no memory for a task of %zu bytes",
                     (size_t)inquiry->question.all_bytes);
            refuse(&inquiry->reply, CF_NOMEM);
            return true;
        }
        nest->parcel_bytes = inquiry->question.all_bytes;
    }
    return nest->parcel != NULL && keep_parcel(inquiry);
}

static enum cf_status check(struct inquiry *inquiry, cf_function **function)
{
    struct cfi_host *host = inquiry->host;

    if (host->is_broken)
        return cfi_fail(CF_BROKEN, "%s", host->executor->broken_why);
    /* an object pointer and a function pointer are the same on POSIX */
    *function = (cf_function *)(uintptr_t)cfi_code_address_resolve(
        inquiry->question.function);
    if (*function == NULL || !cfi_host_knows(host, *function))
        return cfi_fail(CF_UNSUPPORTED, "the host has not loaded the object "
                                        "that the function lies in");
    return inquiry->question.timeout_ns > 0
               ? cfi_timekeeper_start(&host->executor->timekeeper)
               : CF_OK;
}

/* Counted in: a future, and a child that tells of its end. */
static struct cfi_child *make(struct inquiry *inquiry, cf_function *function,
                              const unsigned char *arg, const char *name,
                              uint32_t epoch)
{
    const struct cfi_question *question = &inquiry->question;
    struct cf_call call = {.name = name,
                           .timeout_ns = question->timeout_ns,
                           .grace_ns = question->grace_ns,
                           .retries = question->retries,
                           .retry_on = question->retry_on & EVERY_RETRY};
    struct cf_future *future = cfi_submit_make(
        inquiry->host->executor, function, arg,
        question->all_bytes - question->name_bytes, &call, epoch);
    struct cfi_child *child =
        future != NULL ? cfi_child_create(inquiry->host, inquiry->lane, future,
                                          question->token)
                       : NULL;

    if (child != NULL)
        return child;
    cfi_fail(CF_NOMEM, "no memory for a task of %zu bytes",
             (size_t)question->all_bytes);
    cfi_future_discard(future);
    cfi_executor_withdraw(inquiry->host->executor, 1, epoch);
    return NULL;
}

static enum cf_status enter(const struct inquiry *inquiry, uint32_t *epoch,
                            bool *must_run)
{
    struct cf_executor *executor = inquiry->host->executor;
    uint32_t detail = inquiry->question.detail;

    *must_run = false;
    if ((detail & CFI_SUBMIT_UNBOUNDED) != 0)
        return cfi_executor_enter(executor, 1, epoch);
    enum cf_status status =
        cfi_executor_enter_for_worker(executor, epoch, must_run);
    /* a limit is kept by the host, of what the worker takes from its ring */
    *must_run = *must_run && inquiry->question.timeout_ns == 0 &&
                (detail & CFI_SUBMIT_TO_QUEUE) == 0;
    return status;
}

static enum cf_status admit(struct inquiry *inquiry, const unsigned char *arg,
                            const char *name)
{
    struct cfi_child *child;
    cf_function *function = NULL;
    uint32_t epoch;
    bool must_run;

    enum cf_status status = check(inquiry, &function);
    if (status == CF_OK)
        status = enter(inquiry, &epoch, &must_run);
    if (status != CF_OK)
        return status;
    child = make(inquiry, function, arg, name, epoch);
    if (child == NULL)
        return CF_NOMEM;
    if (must_run && cfi_future_claim(child->future)) {
        cfi_watch_remove(child->future, &child->watch);
        cfi_child_lend(child,
                       (inquiry->question.detail & CFI_SUBMIT_BY_TASK) != 0);
    } else {
        cfi_host_enqueue(inquiry->host, child->future);
    }
    inquiry->reply.is_yes = must_run;
    inquiry->reply.id = child->id;
    return CF_OK;
}

static bool take_in(struct inquiry *inquiry)
{
    const struct cfi_question *question = &inquiry->question;
    struct cfi_nest *nest = inquiry->nest;
    const unsigned char *arg = inquiry->window->bytes;
    char *name = NULL;
    enum cf_status status = CF_NOMEM;

    if (nest->parcel != NULL) {
        if (!keep_parcel(inquiry) || nest->parcel_used != question->all_bytes)
            return false;
        arg = nest->parcel;
    } else if (!is_parcel_sane(nest, question) ||
               question->bytes != question->all_bytes) {
        return false;
    }
    if (question->timeout_ns < 0 || question->grace_ns < 0)
        return false;
    if (question->name_bytes > 0)
        name = strndup((const char *)arg + question->all_bytes -
                           question->name_bytes,
                       question->name_bytes - 1);
    if (name == NULL && question->name_bytes > 0)
        cfi_fail(CF_NOMEM, "no memory for a task's name");
    else
        status = admit(inquiry, arg, name);
    if (status != CF_OK)
        refuse(&inquiry->reply, status);
    free(name);
    drop_parcel(nest);
    return true;
}

/* --- what else there is to ask --- */

static void stop(struct inquiry *inquiry)
{
    int64_t grace_ns = inquiry->question.grace_ns;
    enum cf_status status = CF_OK;

    if (grace_ns > 0 && grace_ns != CF_FOREVER)
        status = cfi_timekeeper_start(&inquiry->host->executor->timekeeper);
    if (status == CF_OK)
        status =
            inquiry->child != NULL
                ? cfi_host_try_to_stop(inquiry->host, inquiry->child->future,
                                       grace_ns, inquiry->endings)
                : CF_INVALID;
    if (status == CF_INVALID)
        cfi_fail(CF_INVALID, "the task has ended");
    if (status != CF_OK)
        refuse(&inquiry->reply, status);
}

static bool sleep_for(struct inquiry *inquiry)
{
    size_t count = inquiry->question.bytes / sizeof(uint64_t);
    uint64_t id;

    if (inquiry->question.bytes > CFI_WINDOW_BYTES)
        return false;
    inquiry->reply.is_yes = true;
    if (!cfi_lane_runs_a_task(inquiry->lane))
        return true; /* it would never be woken */
    for (size_t i = 0; i < count; i++) {
        memcpy(&id, inquiry->window->bytes + i * sizeof id, sizeof id);
        struct cfi_child *child = cfi_child_find(inquiry->nest, id);
        if (child != NULL)
            cfi_child_note_awaited(child);
    }
    inquiry->reply.is_yes = cfi_host_note_absent(inquiry->host, inquiry->lane);
    return true;
}

static bool act(struct inquiry *inquiry)
{
    struct cfi_child *child = inquiry->child;
    struct cfi_reply *reply = &inquiry->reply;

    switch ((enum cfi_question_kind)inquiry->question.kind) {
    case CFI_ASK_PARCEL:
        return take_parcel(inquiry);
    case CFI_ASK_SUBMIT:
        return take_in(inquiry);
    case CFI_ASK_CANCEL:
        reply->is_yes =
            child != NULL && cfi_child_cancel(child, inquiry->endings);
        return true;
    case CFI_ASK_BORROW:
        reply->is_yes =
            child != NULL && cfi_child_borrow(child, inquiry->endings);
        return true;
    case CFI_ASK_RETURN:
        if (child == NULL || !child->is_borrowed ||
            inquiry->question.detail > CF_STOPPED)
            return false;
        cfi_child_return(child, (enum cf_status)inquiry->question.detail,
                         inquiry->endings);
        return true;
    case CFI_ASK_STARTED:
        reply->is_yes =
            child == NULL || cfi_host_has_started(inquiry->host, child->future);
        return true;
    case CFI_ASK_STOP:
        stop(inquiry);
        return true;
    case CFI_ASK_WAIT:
        if (child != NULL && cfi_child_await(child) != CF_OK)
            refuse(reply, CF_DEADLOCK);
        return true;
    case CFI_ASK_SLEEP:
        return sleep_for(inquiry);
    case CFI_ASK_WAKE:
        cfi_nest_wake(inquiry->host, inquiry->lane);
        return true;
    case CFI_ASK_SHUTDOWN:
        if (inquiry->question.detail != CF_SHUTDOWN_DRAIN &&
            inquiry->question.detail != CF_SHUTDOWN_CANCEL &&
            inquiry->question.detail != CF_SHUTDOWN_STOP)
            return false;
        cfi_host_shut_down(inquiry->host, inquiry->question.detail,
                           inquiry->endings);
        return true;
    case CFI_ASK_UNREAD:
        return cfi_host_note_unread(inquiry->host, inquiry->window->bytes,
                                    inquiry->question.bytes, inquiry->endings);
    case CFI_ASK_NEWS:
    case CFI_ASK_MORE:
        break; /* at the other window */
    }
    return false;
}

/* Can it be asked where nothing is kept of the worker's children? */
static bool needs_no_nest(uint32_t kind)
{
    return kind == CFI_ASK_SHUTDOWN || kind == CFI_ASK_UNREAD;
}

/* False: nonsense. */
static bool consider(struct inquiry *inquiry)
{
    if (inquiry->nest == NULL && !needs_no_nest(inquiry->question.kind)) {
        cfi_fail(CF_NOMEM, "no memory for tasks of tasks");
        refuse(&inquiry->reply, CF_NOMEM);
        return true;
    }
    if (inquiry->nest != NULL)
        inquiry->child = cfi_child_find(inquiry->nest, inquiry->question.id);
    return act(inquiry);
}

static bool serve(struct cfi_host *host, struct cfi_lane *lane,
                  struct cfi_endings *endings)
{
    struct cfi_window *window = &lane->region.desk->windows[CFI_WINDOW_NOW];
    uint32_t number = atomic_load(&window->asked);
    struct inquiry inquiry = {.host = host,
                              .lane = lane,
                              .nest = lane->nest,
                              .endings = endings,
                              .window = window};

    if (number == lane->answered[CFI_WINDOW_NOW])
        return true;
    inquiry.question = window->question;
    if (!consider(&inquiry))
        return false;
    cfi_desk_answer(lane, CFI_WINDOW_NOW, number, &inquiry.reply);
    return true;
}

/* Without memory for a nest it is tried again at the next question. */
static bool open_desk(struct cfi_lane *lane)
{
    if (lane->nest != NULL)
        return true;
    if (cfi_region_reserve(lane->region.desk, sizeof(struct cfi_desk)) != CF_OK)
        return false;
    (void)cfi_nest_create(lane);
    return true;
}

size_t cfi_host_answer(struct cfi_host *host, struct cfi_lane *lane,
                       struct cfi_endings *endings)
{
    uint32_t questions = atomic_load(&lane->region.rings->questions);

    if (questions == lane->questions)
        return 0;
    /* what it has committed before it asked comes first */
    cfi_host_drain_lane(host, lane, endings);
    if (lane->is_spoilt)
        return 0;
    lane->questions = questions;
    host->questions_near = LOOKS_NEAR;
    bool is_fine = open_desk(lane) && serve(host, lane, endings);
    if (lane->nest != NULL)
        cfi_desk_tell(lane, endings);
    if (!is_fine) {
        lane->is_spoilt = true;
        cfi_host_drain_lane(host, lane, endings); /* which has it killed */
    }
    return 1;
}
