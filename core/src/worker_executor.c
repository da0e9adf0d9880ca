/* SPDX-License-Identifier: MIT */
/*
 * What cf_task_executor() gives in a worker process: an executor whose tasks
 * are the host's. A submit asks the host to take the task in and leaves a
 * future here, which is SENT; the host's own future of the same task tells how
 * it ends.
 *
 *      task ---- submit, cancel, borrow, stop, sleep ----> desk, window NOW
 *      reader <---------- this one has ended so ---------- desk, window LATER
 *         `--> future is final --> callbacks, on a thread of their own
 *
 * The reader is a thread, from the first submit on: so that a future here
 * becomes final by itself, whatever the task does meanwhile.
 *
 * A task that waits for ever for one that has not started borrows it: the host
 * takes it back from wherever it is, the worker runs it in the wait, and returns
 * it with how it ended. Otherwise the host is told that this worker sleeps and
 * what for, and may have another one stand in for it.
 */
#include "worker_executor.h"

#include <string.h>

#include "code_address.h"
#include "future_tie.h"
#include "last_error.h"
#include "shift.h"
#include "stack.h"

struct cfi_reply cfi_worker_ask(struct cfi_worker_executor *own,
                                enum cfi_question_kind kind, uint64_t id,
                                uint32_t detail)
{
    return cfi_worker_desk_ask_now(
        &own->desk,
        &(struct cfi_question){.kind = kind, .id = id, .detail = detail});
}

/* --- submit --- */

/* An argument, and behind it the task's name: read as one. */
struct parcel {
    const unsigned char *parts[2];
    size_t bytes[2];
    size_t used;
};

static size_t take(struct parcel *parcel, unsigned char *to, size_t room)
{
    size_t taken = 0;

    while (taken < room) {
        bool is_first = parcel->used < parcel->bytes[0];
        size_t at = is_first ? parcel->used : parcel->used - parcel->bytes[0];
        size_t rest = parcel->bytes[!is_first] - at;
        size_t piece = rest < room - taken ? rest : room - taken;
        if (piece == 0)
            break;
        memcpy(to + taken, parcel->parts[!is_first] + at, piece);
        taken += piece;
        parcel->used += piece;
    }
    return taken;
}

/* Fills the window; what does not fit there goes before. */
static enum cf_status send_parcel(struct cfi_worker_executor *own,
                                  struct cfi_window *window,
                                  struct parcel *parcel,
                                  struct cfi_question *question)
{
    size_t all = question->all_bytes;

    while (all - parcel->used > CFI_WINDOW_BYTES) {
        struct cfi_question piece = {.kind = CFI_ASK_PARCEL,
                                     .detail = parcel->used == 0,
                                     .all_bytes = all};
        piece.bytes = take(parcel, window->bytes, CFI_WINDOW_BYTES);
        const struct cfi_reply *reply =
            cfi_worker_desk_ask(&own->desk, CFI_WINDOW_NOW, &piece);
        if (reply->status != CF_OK)
            return (enum cf_status)reply->status;
    }
    question->bytes = take(parcel, window->bytes, CFI_WINDOW_BYTES);
    return CF_OK;
}

static enum cf_status ask_to_take_in(struct cfi_worker_executor *own,
                                     struct cf_future *future,
                                     struct cfi_question *question,
                                     bool *must_run)
{
    const char *name = cf_future_name(future);
    struct parcel parcel = {
        .parts = {cfi_future_arg(future), (const unsigned char *)name},
        .bytes = {future->arg_bytes, name[0] != '\0' ? strlen(name) + 1 : 0}};

    question->name_bytes = parcel.bytes[1];
    question->all_bytes = parcel.bytes[0] + parcel.bytes[1];
    struct cfi_window *window =
        cfi_worker_desk_begin(&own->desk, CFI_WINDOW_NOW);
    enum cf_status status = send_parcel(own, window, &parcel, question);
    if (status == CF_OK)
        status = (enum cf_status)cfi_worker_desk_ask(&own->desk, CFI_WINDOW_NOW,
                                                     question)
                     ->status;
    *must_run = window->reply.is_yes != 0;
    cfi_rest(future)->ticket = window->reply.id;
    if (status != CF_OK)
        cfi_fail(status, "%s", window->reply.why);
    cfi_worker_desk_end(&own->desk, CFI_WINDOW_NOW);
    return status;
}

static void give_back(void *state, struct cf_future *future)
{
    struct cfi_worker_executor *own = state;
    enum cf_status status =
        cf_cancelled(future) ? CF_STOPPED : cfi_future_outcome(future)->status;

    cfi_worker_ask(own, CFI_ASK_RETURN, cfi_rest(future)->ticket, status);
    cf_future_release(future); /* the transport's */
}

/* Is it the worker's task that asks? A callback's thread may outlast that. */
static bool is_tasks_thread(const struct cfi_worker_executor *own)
{
    return cfi_worker_of(&own->executor) == own->worker;
}

/* The queue is full, and a worker does not wait for room. */
static void run_here(struct cfi_worker_executor *own, struct cf_future *future)
{
    struct cfi_worker *task = cfi_worker_of(&own->executor);
    struct cfi_worker other = {.index = CFI_NO_WORKER,
                               .executor = &own->executor,
                               .is_remote = true,
                               .stopping = own->worker->stopping};
    struct cfi_worker *worker = task != NULL ? task : &other;
    cf_function *function = future->function;
    struct cfi_shift shift;

    cfi_future_unsend(future);
    cfi_shift_begin(&shift, worker);
    cfi_stack_nest_begin();
    if (cfi_future_claim(future))
        cfi_future_run_claimed(future, function, worker);
    cfi_stack_nest_end();
    cfi_shift_end(&shift);
    give_back(own, future);
}

static enum cf_status submit_one(struct cfi_worker_executor *own,
                                 struct cf_future *future, uint32_t detail)
{
    const struct cfi_extra *extra = cfi_future_extra(future);
    struct cfi_question question = {
        .kind = CFI_ASK_SUBMIT, .detail = detail, .token = (uintptr_t)future};
    bool must_run;

    /* an object pointer and a function pointer are the same on POSIX */
    if (!cfi_code_address_of((const void *)(uintptr_t)future->function,
                             &question.function))
        return cfi_fail(CF_UNSUPPORTED, "the function lies in no loaded "
                                        "object: another process cannot have "
                                        "it");
    if (extra != NULL && extra->buffer_count > 0)
        return cfi_fail(CF_UNSUPPORTED, "a buffer cannot travel from a task in "
                                        "a worker process");
    if (extra != NULL) {
        question.timeout_ns = extra->timeout_ns;
        question.grace_ns = extra->grace_ns;
        question.retries = extra->retries;
        question.retry_on = extra->retry_on;
    }
    if (is_tasks_thread(own))
        question.detail |= CFI_SUBMIT_BY_TASK;
    if (!cfi_stack_may_nest())
        question.detail |= CFI_SUBMIT_TO_QUEUE;
    if (!cfi_future_send(future))
        return CF_OK; /* it was cancelled: nobody needs it */
    enum cf_status status = ask_to_take_in(own, future, &question, &must_run);
    if (status == CF_OK && must_run)
        run_here(own, future);
    return status;
}

/* Too late to say so by a status: others of its chunk are under way. */
static void fail(struct cfi_worker_executor *own, struct cf_future *future)
{
    cfi_outcome_fail(&future->outcome, CF_BROKEN, 0,
                     "the task could not be submitted: %s",
                     cf_last_error().text);
    cfi_completion_publish(&own->completion, future);
}

static enum cf_status submit_chunk(struct cfi_worker_executor *own,
                                   struct cf_future *first, uint32_t detail)
{
    enum cf_status status = cfi_worker_executor_open(own), other;
    struct cf_future *next = cfi_future_next(first);

    cfi_future_end_chunk(first);
    if (status == CF_OK)
        status = submit_one(own, first, detail);
    for (struct cf_future *future = next; future != NULL; future = next) {
        next = cfi_future_next(future);
        cfi_future_end_chunk(future);
        other = status == CF_OK ? submit_one(own, future, detail) : CF_OK;
        if (other != CF_OK)
            fail(own, future);
    }
    return status;
}

static enum cf_status submit(void *state, struct cf_future *first)
{
    return submit_chunk(state, first, 0);
}

static enum cf_status submit_of_array(void *state, struct cf_future *first)
{
    return submit_chunk(state, first, CFI_SUBMIT_UNBOUNDED);
}

/* --- what is asked of one that was submitted --- */

static bool borrow(void *state, struct cf_future *future)
{
    if (!is_tasks_thread(state) || !cfi_future_is_sent(future) ||
        cfi_future_is_final(future) ||
        cfi_worker_ask(state, CFI_ASK_BORROW, cfi_rest(future)->ticket, 0)
                .is_yes == 0)
        return false;
    cfi_future_unsend(future);
    if (cfi_future_claim(future))
        return true;
    give_back(state, future); /* another thread of the task's cancelled it */
    return false;
}

static enum cfi_take take_back(void *state, struct cf_future *future)
{
    return cfi_worker_ask(state, CFI_ASK_CANCEL, cfi_rest(future)->ticket, 0)
                       .is_yes != 0
               ? CFI_TAKEN
               : CFI_STARTED;
}

static bool has_started(void *state, const struct cf_future *future)
{
    return cfi_worker_ask(state, CFI_ASK_STARTED, cfi_rest(future)->ticket, 0)
               .is_yes != 0;
}

static enum cf_status stop_here(struct cf_future *future)
{
    if (future->has_extra)
        atomic_store(&cfi_rest(future)->extra->is_stopped, true);
    return cfi_future_ask(future) ? CF_OK
                                  : cfi_fail(CF_INVALID, "the task has ended");
}

static enum cf_status stop_task(void *state, struct cf_future *future,
                                int64_t grace_ns)
{
    struct cfi_worker_executor *own = state;
    struct cfi_reply reply;

    do {
        if (!cfi_future_is_sent(future))
            return stop_here(
                future); /* it runs in this process, or has ended */
        reply = cfi_worker_desk_ask_now(
            &own->desk, &(struct cfi_question){.kind = CFI_ASK_STOP,
                                               .id = cfi_rest(future)->ticket,
                                               .grace_ns = grace_ns});
    } while (reply.status == CF_AGAIN && !cf_cancel(future));
    if (reply.status == CF_OK || reply.status == CF_AGAIN)
        return CF_OK;
    return cfi_fail((enum cf_status)reply.status, "%s", reply.why);
}

static bool is_closed(void *state)
{
    const struct cfi_worker_executor *own = state;

    return atomic_load(&own->desk.region->rings->closed) != 0;
}

static void close_executor(void *state, enum cf_shutdown_how how)
{
    struct cfi_worker_executor *own = state;

    if (cfi_worker_executor_open(own) == CF_OK)
        cfi_worker_ask(own, CFI_ASK_SHUTDOWN, 0, how);
}

/* Nothing is kept here, and nothing ends before the process does. */
static void do_nothing(void *state)
{
    (void)state;
}

/* --- the table --- */

static const struct cf_backend upward = {
    .name = "process",
    .face = &cf_backend_process,
    .needs_worker = true,
    .abilities = CFI_CAN_LIMIT | CFI_CAN_RETRY | CFI_CAN_LOAD,
    .submit = submit,
    .submit_of_array = submit_of_array,
    .cancel_pending = do_nothing,
    .take_back = take_back,
    .has_started = has_started,
    .stop_task = stop_task,
    .borrow = borrow,
    .give_back = give_back,
    .close = close_executor,
    .is_closed = is_closed,
    .tell_unread = cfi_worker_tell_unread,
    .stop = do_nothing,
    .destroy = do_nothing,
};

void cfi_worker_executor_init(struct cfi_worker_executor *own,
                              const struct cf_executor *host, bool record_times,
                              struct cfi_worker *worker,
                              struct cfi_region *region, struct cfi_bell *bell)
{
    struct cf_executor *executor = &own->executor;

    executor->backend = &upward;
    executor->state = own;
    executor->max_workers = host->max_workers;
    executor->first_worker = host->first_worker;
    executor->start_method = host->start_method;
    executor->record_times = record_times;
    executor->fork_generation = cfi_fork_generation();
    executor->birth = cfi_future_birth(executor);
    executor->references = 1;
    cfi_timekeeper_init(&executor->timekeeper);
    cfi_timekeeper_init(&executor->caller);
    cfi_worker_desk_init(&own->desk, region, bell);
    own->worker = worker;
    worker->executor = executor;
    worker->absence = &cfi_worker_executor_absence;
}
