/* SPDX-License-Identifier: MIT */
/* What a caller asks of a future: its result, its error, its state. */
#include <string.h>

#include "clock.h"
#include "copy.h"
#include "executor_impl.h"
#include "future_head.h"
#include "future_tie.h"
#include "interrupt.h"
#include "ladder.h"
#include "last_error.h"

static enum cf_status await(struct cf_future *future, int64_t timeout_ns)
{
    enum cf_status status =
        cfi_future_await(future, cfi_deadline_ns(timeout_ns));

    switch (status) {
    case CF_TIMEOUT:
        return cfi_fail_timeout("the task has not ended in time");
    case CF_BROKEN:
        return cfi_fail(status, "the task belongs to the process that forked "
                                "this one");
    default: /* of a circle of waits was told where it was found */
        return status;
    }
}

/* Waits, and says how the task ended, or why that is not known, which it notes.
 * `*outcome`: how it ended, NULL where that is not known or it was cancelled. */
static enum cf_status ending(struct cf_future *future, int64_t timeout_ns,
                             const struct cfi_outcome **outcome)
{
    enum cf_status status;

    *outcome = NULL;
    if (future == NULL)
        return cfi_fail(CF_INVALID, "no future given");
    if (!cfi_is_final(cfi_future_word(future)) &&
        (status = await(future, timeout_ns)) != CF_OK)
        return status;
    uint32_t word = cfi_future_word(future);
    if (cfi_state_of(word) == CF_STATE_CANCELLED)
        return CF_CANCELLED;
    *outcome = cfi_future_outcome(future);
    if ((*outcome)->status != CF_OK)
        /* relaxed: only the last reference's release looks, which comes
         * after */
        atomic_store_explicit(&cfi_rest(future)->is_read, true,
                              memory_order_relaxed);
    return (*outcome)->status;
}

/* Waits; if there is no result, what went wrong is told. */
static enum cf_status ending_told(struct cf_future *future, int64_t timeout_ns)
{
    const struct cfi_outcome *outcome;
    enum cf_status status = ending(future, timeout_ns, &outcome);

    if (status == CF_CANCELLED)
        return cfi_fail(status, "the task was cancelled");
    if (status == CF_OK || outcome == NULL)
        return status;
    const struct cfi_error *error = cfi_outcome_error(outcome);
    return cfi_fail(status, "%s", error != NULL ? error->message : "");
}

enum cf_status cf_result_view(struct cf_future *future, int64_t timeout_ns,
                              const void **result, size_t *result_bytes)
{
    enum cf_status status = ending_told(future, timeout_ns);
    bool is_ok = status == CF_OK;

    if (is_ok)
        cfi_future_fetch_later(future);
    if (result != NULL)
        *result = is_ok ? cfi_outcome_result(&future->outcome) : NULL;
    if (result_bytes != NULL)
        *result_bytes = is_ok ? future->outcome.result_bytes : 0;
    return status;
}

/* Is there a result already that fits, as there mostly is? */
static inline bool has_result(const struct cf_future *future,
                              size_t result_bytes)
{
    if (future == NULL)
        return false;
    uint32_t word = cfi_future_word(future);
    return (word & (CFI_STATE | CFI_WRITTEN_OFF)) == CF_STATE_FINISHED &&
           future->outcome.status == CF_OK &&
           future->outcome.result_bytes <= result_bytes;
}

static inline enum cf_status copy_result(const struct cf_future *future,
                                         void *result)
{
    cfi_copy(result, cfi_outcome_result(&future->outcome),
             future->outcome.result_bytes);
    return CF_OK;
}

static enum cf_status await_result(struct cf_future *future, int64_t timeout_ns,
                                   void *result, size_t result_bytes)
{
    enum cf_status status = ending_told(future, timeout_ns);
    if (status != CF_OK)
        return status;
    size_t count = future->outcome.result_bytes;
    if (count > result_bytes)
        return cfi_fail(CF_INVALID,
                        "the result has %zu bytes, the room given %zu", count,
                        result_bytes);
    return copy_result(future, result);
}

/* A shorter way to what cfi_future_await() does first, in a task that waits for
 * one of its own. */
static inline bool can_run_it(struct cf_future *future, int64_t timeout_ns)
{
    return future != NULL && timeout_ns == CF_FOREVER &&
           cfi_worker_current() != NULL && cfi_future_help(future);
}

__attribute__((noinline)) static enum cf_status
run_or_await_result(struct cf_future *future, int64_t timeout_ns, void *result,
                    size_t result_bytes)
{
    if (can_run_it(future, timeout_ns) && has_result(future, result_bytes))
        return copy_result(future, result);
    return await_result(future, timeout_ns, result, result_bytes);
}

enum cf_status cf_result(struct cf_future *future, int64_t timeout_ns,
                         void *result, size_t result_bytes)
{
    if (result == NULL && result_bytes > 0)
        return cfi_fail(CF_INVALID, "no room given for the result");
    if (has_result(future, result_bytes)) {
        cfi_future_fetch_later(future);
        return copy_result(future, result);
    }
    return run_or_await_result(future, timeout_ns, result, result_bytes);
}

/* How far it went to end the task: the higher of what the future's word and
 * its outcome tell. */
static enum cf_rung rung_of(const struct cf_future *future)
{
    const struct cfi_error *why = cfi_outcome_error(cfi_future_outcome(future));

    if (cfi_future_is_written_off(future))
        return CF_RUNG_ABANDONED;
    if (why != NULL && why->rung != CF_RUNG_NONE)
        return why->rung;
    return cfi_future_is_asked(future) ? CF_RUNG_ASKED : CF_RUNG_NONE;
}

/* What is known of how a final future ended. */
static struct cf_error describe(const struct cf_future *future,
                                enum cf_status status)
{
    struct cf_error error = {
        .status = status, .message = "", .file = "", .backtrace = ""};
    const struct cfi_error *why = cfi_outcome_error(cfi_future_outcome(future));

    error.rung = rung_of(future);
    if (status == CF_CANCELLED) {
        error.message = "the task was cancelled";
    } else if (why != NULL) {
        error.code = why->code;
        error.message = why->message;
        error.file = why->file;
        error.line = why->line;
        error.signal = why->signal;
        error.exit_code = why->exit_code;
        error.pid = why->pid;
        error.object = why->object;
        error.peak_bytes = why->peak_bytes;
        error.fault_address = why->fault_address;
        error.is_out_of_memory = why->is_out_of_memory;
        if (why->backtrace != NULL)
            error.backtrace = why->backtrace;
    }
    return error;
}

bool cfi_future_has_error(const struct cf_future *future,
                          struct cf_error *error)
{
    *error = describe(future, cfi_future_outcome(future)->status);
    return cfi_future_is_final(future) && error->status != CF_OK &&
           !cf_cancelled(future);
}

enum cf_status cf_future_error(struct cf_future *future, int64_t timeout_ns,
                               struct cf_error *error)
{
    if (error == NULL)
        return cfi_fail(CF_INVALID, "no room given for the error");
    const struct cfi_outcome *outcome;
    enum cf_status status = ending(future, timeout_ns, &outcome);
    if (outcome == NULL && status != CF_CANCELLED)
        return status;
    *error = describe(future, status);
    return CF_OK;
}

const char *cf_future_name(const struct cf_future *future)
{
    const struct cfi_extra *extra =
        future != NULL ? cfi_future_extra(future) : NULL;
    return extra != NULL && extra->name != NULL ? extra->name : "";
}

bool cf_done(const struct cf_future *future)
{
    return future != NULL && cfi_future_is_final(future);
}

bool cf_running(const struct cf_future *future)
{
    return future != NULL && cfi_future_state(future) == CF_STATE_RUNNING;
}

bool cf_cancelled(const struct cf_future *future)
{
    return future != NULL && cfi_future_state(future) == CF_STATE_CANCELLED;
}

/* Of a finished one: a transport tells which; else its executor's. */
static pid_t pid_of(const struct cf_future *future)
{
    if (cfi_rest(future)->pid != 0)
        return cfi_rest(future)->pid;
    return future->attempt > 0 ? cfi_fork_pid_of(future->fork_generation) : 0;
}

struct cf_future_info cf_future_info(const struct cf_future *future)
{
    struct cf_future_info info = {.worker = SIZE_MAX, .host = ""};

    if (future == NULL)
        return info;
    info.state = cfi_future_state(future);
    info.item = cfi_future_item(future);
    const struct cfi_times *times = cfi_future_times(future);
    if (times != NULL)
        info.submitted_ns = times->submitted_ns;
    if (info.state != CF_STATE_FINISHED)
        return info; /* the rest is still being written */
    if (future->worker != CFI_NO_WORKER)
        info.worker = future->worker;
    if (future->travels && future->worker != CFI_NO_WORKER)
        info.host = cf_executor_host(future->executor, future->worker);
    info.pid = pid_of(future);
    info.attempt = future->attempt;
    info.rung = rung_of(future);
    if (cfi_future_is_written_off(future)) { /* its runner may be writing yet */
        if (times != NULL)
            info.finished_ns =
                ((struct cfi_ladder *)future->written_off)->ended_ns;
        return info;
    }
    info.result_bytes = future->outcome.result_bytes;
    if (times != NULL) {
        info.started_ns = times->started_ns;
        info.finished_ns = times->finished_ns;
        info.cpu_ns = times->cpu_ns;
    }
    return info;
}
