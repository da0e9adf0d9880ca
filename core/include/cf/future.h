/* SPDX-License-Identifier: MIT */
#ifndef CF_FUTURE_H
#define CF_FUTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Time-outs are nanoseconds on the monotonic clock. Zero or less polls. */
#define CF_FOREVER INT64_MAX

/*
 * A future is the receipt for one submitted task. cf_submit() hands it out;
 * the caller gives it back with cf_future_release(). Any thread may use it, and
 * it outlives its executor. Unless said otherwise a call blocks never, may be
 * made from a task and from a callback, and takes no NULL future (CF_INVALID
 * or false where it can answer).
 */
struct cf_future;

enum cf_future_state {
    CF_STATE_PENDING,   /* not started; can still be cancelled            */
    CF_STATE_RUNNING,   /* a worker has started it; too late to cancel    */
    CF_STATE_CANCELLED, /* taken back before it started; final            */
    CF_STATE_FINISHED,  /* came to an end, well or badly; final           */
};

/*
 * Waits until the future is final, for at most `timeout_ns`, and copies its
 * result into `result`, which has room for `result_bytes`. Returns how the
 * task ended (CF_OK, CF_EXCEPTION, CF_CRASHED, CF_EXPIRED, CF_STOPPED,
 * CF_CANCELLED, CF_BROKEN; in another process CF_NOMEM, CF_UNSUPPORTED); or
 * CF_TIMEOUT (the task goes on; wait again if you like); or CF_INVALID (the
 * result has more bytes: nothing was copied, cf_future_info() has the size); or
 * CF_DEADLOCK (asked for ever by a task for which, through others, this one
 * waits for ever; the ranks of CF_MPI do not see each other's waits).
 * A shorter result leaves the rest of `result` as it was. `result` may be NULL
 * where `result_bytes` is 0.
 *
 * A worker that waits without time-out for a task of its own executor which
 * has not started runs that task itself, so that waits may nest.
 */
CF_API CF_MUST_CHECK enum cf_status cf_result(struct cf_future *future,
                                              int64_t timeout_ns, void *result,
                                              size_t result_bytes);

/*
 * As cf_result(), but lends the result where it lies instead of copying it:
 * `*result` (NULL when empty, aligned for any type) is valid until the
 * caller's reference is released. Either output may be NULL. On anything but
 * CF_OK they are set to NULL and 0.
 */
CF_API CF_MUST_CHECK enum cf_status cf_result_view(struct cf_future *future,
                                                   int64_t timeout_ns,
                                                   const void **result,
                                                   size_t *result_bytes);

/* How far the library went to end a task: cf_stop(), or past its limit. */
enum cf_rung {
    CF_RUNG_NONE,       /* it ended by itself                              */
    CF_RUNG_ASKED,      /* cf_stopping() was true for it                   */
    CF_RUNG_TERMINATED, /* its process got SIGTERM                         */
    CF_RUNG_KILLED,     /* its process got SIGKILL                         */
    CF_RUNG_ABANDONED,  /* it did not come back and was written off        */
};

/* Why a task has no result. Texts are never NULL. */
struct cf_error {
    enum cf_status status; /* CF_OK where nothing went wrong             */
    int code;              /* the task's own; cf_raise() or its return   */
    const char *message;
    const char *file; /* where cf_raise() stood; "" when nowhere     */
    int line;
    int signal;    /* CF_CRASHED: what killed the worker, or 0    */
    int exit_code; /* CF_CRASHED: what it exited with, or 0       */
    int64_t pid;   /* CF_CRASHED: which process it was, or 0      */
    enum cf_rung rung;
    void *object; /* cf_raise_object()'s, NULL without one       */

    /* CF_CRASHED, as far as it is known */
    uint64_t fault_address; /* what it touched or ran: SIGSEGV and its kin */
    const char *backtrace;  /* a line for each frame, innermost first; ""  */
    int64_t peak_bytes;     /* the most memory that its process has had    */
    bool is_out_of_memory;  /* its control group ran out at about that time:
                               the system is likely to have killed it      */
};

/*
 * Waits as cf_result() does and tells what went wrong. Returns CF_OK (`*error`
 * is filled; its status is the task's outcome, CF_OK for a success),
 * CF_TIMEOUT, CF_DEADLOCK, CF_INVALID, or CF_BROKEN (not final, in a forked
 * child). The texts are valid until the caller's reference is released.
 */
CF_API CF_MUST_CHECK enum cf_status cf_future_error(struct cf_future *future,
                                                    int64_t timeout_ns,
                                                    struct cf_error *error);

/* Is it final (finished or cancelled)? Has it started and not ended yet? Was
 * it taken back? */
CF_API bool cf_done(const struct cf_future *future);
CF_API bool cf_running(const struct cf_future *future);
CF_API bool cf_cancelled(const struct cf_future *future);

/*
 * Takes the task back: true means that it never runs, and the future is final
 * at once for every waiter; true again for one already cancelled. False: it
 * has started or ended. Runs the done-callbacks in the calling thread.
 */
CF_API bool cf_cancel(struct cf_future *future);

/*
 * Ends the task, though it runs: what cf_cancel() cannot take back is asked to
 * end, cf_stopping() is true for it. Where it comes back by itself it keeps its
 * own outcome. If it has not come back after `grace_ns` (0 or less: at once;
 * CF_FOREVER: it is only asked) its outcome is CF_STOPPED: on CF_PROCESS its
 * worker is terminated, after the grace again killed, and replaced. A thread
 * cannot be ended; there the task is abandoned. Its future ends without it, and
 * its callbacks run in a thread of the library's; the worker is written off,
 * another one may take its place (`max_spare_workers`), and whatever the task
 * brings when it comes back is dropped. Until then it keeps its argument and
 * the executor's memory; who destroys the executor does not wait for it. On
 * CF_SERIAL the caller of cf_submit(), and on CF_OPENMP the team, has to wait;
 * on CF_GIL it keeps the lock.
 *
 * CF_OK (taken back or asked); CF_INVALID (it has ended); CF_UNSUPPORTED (a
 * running future without an executor); CF_AGAIN; CF_NOMEM (nothing was
 * changed); CF_BROKEN (in a forked child). Does not wait.
 */
CF_API CF_MUST_CHECK enum cf_status cf_stop(struct cf_future *future,
                                            int64_t grace_ns);

typedef void cf_done_callback(struct cf_future *future, void *context);

/*
 * Has `callback` called once, when the future is final: in the order of
 * adding, with no lock held, in the thread that ends the task (a worker; on
 * the process backend a thread of its own, made for the first callback, or
 * whoever hears of the end where none can be made; the canceller). If the
 * future is final already, in this thread, before this call returns. Waiters
 * may see the future final before its callbacks have run. A task may run inside
 * the wait of another one that waits for it, and so may its callbacks: they are
 * not to wait for what that one brings about. The future is lent to the
 * callback. CF_OK; CF_INVALID, CF_NOMEM, CF_BROKEN (in a forked child): it will
 * not be called.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_add_done_callback(struct cf_future *future, cf_done_callback *callback,
                     void *context);

/*
 * The same with a context that is handed over: `destroy` is called for it once,
 * after the callback, or when the last reference to a future that never became
 * final is given back. Statuses as of cf_add_done_callback(); on failure the
 * context is the caller's still.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_add_done_callback_owned(struct cf_future *future, cf_done_callback *callback,
                           void *context, cf_destructor *destroy);

/* Takes a further reference; returns `future`. */
CF_API struct cf_future *cf_future_retain(struct cf_future *future);

/* Gives a reference back. NULL does nothing. Releasing early neither cancels
 * the task nor waits for it. */
CF_API void cf_future_release(struct cf_future *future);

/* What is known of a task. Times are of the monotonic clock, 0 when unknown;
 * they and `cpu_ns` are kept only with `record_times` in the options. */
struct cf_future_info {
    enum cf_future_state state;
    size_t item;         /* its place in the array of cf_map() or
                            cf_submit_many(), or in the input of cf_map_from();
                            0 for a single one                              */
    size_t worker;       /* index of the worker that ran it; SIZE_MAX: none */
    int64_t pid;         /* the process it ran in; 0: in none, or not yet   */
    unsigned attempt;    /* the one it ended in, from 1; 0: none, or not yet */
    size_t result_bytes; /* size of the result, once finished               */
    int64_t submitted_ns;
    int64_t started_ns;  /* stamped by the worker                           */
    int64_t finished_ns; /* stamped by the worker                           */
    int64_t cpu_ns;      /* CPU time of the worker's thread in this task    */
    enum cf_rung rung;   /* how far it went to end the task                 */
    const char *host;    /* where it ran, where that is another machine or
                            rank; else "". Valid as long as the future      */
};

CF_NAMESAKE_BEGIN
CF_API struct cf_future_info cf_future_info(const struct cf_future *future);
CF_NAMESAKE_END

/* The name given at submit, "" without one. Valid as long as the future. */
CF_API const char *cf_future_name(const struct cf_future *future);

enum cf_wait_mode {
    CF_ALL_COMPLETED,   /* every future is final                           */
    CF_FIRST_COMPLETED, /* at least one is                                 */
    CF_FIRST_EXCEPTION, /* one failed (cancelled is no failure), or all are */
};

/*
 * Waits for `count` futures, of whatever executors; duplicates are allowed.
 * Returns CF_OK once `mode` holds (at once for none), CF_TIMEOUT when the time
 * was up first, CF_INVALID (a NULL entry, an unknown mode), CF_NOMEM,
 * CF_BROKEN (`mode` cannot come to hold in a forked child). On CF_OK
 * and CF_TIMEOUT `*done_count` (may be NULL) is how many entries are final;
 * cf_done() tells which.
 *
 * A worker that waits without time-out runs those of its own executor's tasks
 * that have not started itself, one after the other, until `mode` holds: while it
 * runs one it sees no other end. Who waits in a task for the first of several,
 * one of which may last, waits with a time-out.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_wait(struct cf_future *const *futures, size_t count, enum cf_wait_mode mode,
        int64_t timeout_ns, size_t *done_count);

#ifdef __cplusplus
}
#endif
#endif
