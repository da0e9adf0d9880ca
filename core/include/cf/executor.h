/* SPDX-License-Identifier: MIT */
#ifndef CF_EXECUTOR_H
#define CF_EXECUTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/backend.h>
#include <cf/future.h>
#include <cf/options.h>
#include <cf/status.h>
#include <cf/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * An executor is a running backend with its workers. Any thread may use it.
 * Any number of them live side by side.
 *
 * A forked child of the process that made it has no workers: there every call
 * that takes an executor, or would wait for its tasks, is CF_BROKEN and waits
 * for nothing, whatever other threads were doing at the fork. What was
 * inherited may be released and destroyed; no handler, destructor or callback
 * of yours is called for it. The library's descriptors are closed in the child
 * as soon as it is there, but those of cf_executor_fd(), which it keeps.
 */
struct cf_executor;
struct cf_buffer;

/*
 * Makes an executor. `options` may be NULL. CF_OK; CF_INVALID (more than
 * 65536 workers, in all, to spare or in a rank, an unknown word, a CPU that
 * this thread may not use, a reserved word set); CF_UNSUPPORTED
 * (cf_backend_missing() says why, or the backend cannot keep an option);
 * CF_BROKEN (an initializer failed); CF_AGAIN (no worker could be started);
 * CF_NOMEM; CF_SYSTEM. On failure `*executor` is NULL.
 * With `start_all` and at least one worker started, fewer workers than asked
 * for are no failure: cf_executor_workers() tells. So it is on CF_OPENMP always;
 * but where threads become scarce at that very moment, so that the runtime cannot
 * start what could be started just before, gcc's ends the process. On CF_PROCESS
 * each takes two descriptors; of those that the host may have (RLIMIT_NOFILE) the
 * last eighth, 64 at most, is the program's, but for the first worker and spare
 * ones. They are the library's: a program that closes all it finds, as daemons do,
 * does so before this call. Later it cuts the executor off: tasks that a further
 * worker is needed for are CF_AGAIN or CF_BROKEN, and it can still be destroyed.
 *
 * Worker processes that are forked, replacements too, see the host's memory as
 * it was at this call (so rand() gives them all the same numbers); if the host
 * has other threads then, a lock that one of them held stays locked there for
 * ever. That is why CF_START_AUTO forks only while there are none. Text
 * pending in stdout and stderr is flushed first. A program that locks what it
 * has mapped (mlockall()) does so before this call, or on fault: what a worker
 * process may need is mapped here, as much as the machine's memory.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_executor_create(const struct cf_backend *backend,
                   const struct cf_options *options,
                   struct cf_executor **executor);

/*
 * Changes how many workers it has at most, from 1 to 65536, while it runs. More
 * start as work needs them; of fewer, those with the highest indexes leave when
 * their task has ended, so that indexes stay below the number: nothing that is
 * submitted after this call runs on one of them, and of what was queued no more
 * than the one that each was about to begin. CF_OK;
 * CF_UNSUPPORTED (the backend has a fixed number); CF_INVALID; CF_AGAIN;
 * CF_NOMEM; CF_SHUTDOWN (by a task that was written off, once its executor is
 * destroyed); CF_BROKEN (it is, or this is a forked child).
 */
CF_API CF_MUST_CHECK enum cf_status cf_set_workers(struct cf_executor *executor,
                                                   size_t count);

/* How many workers it has at most; 0 without an executor. */
CF_API size_t cf_executor_workers(const struct cf_executor *executor);

/* What it was made with; NULL without an executor. */
CF_API const struct cf_backend *
cf_executor_backend(const struct cf_executor *executor);

/* The machine that a worker runs on, where that may be another one; "" where
 * it is this one, and on CF_MPI as long as the worker has not begun. Valid as
 * long as the executor. */
CF_API const char *cf_executor_host(const struct cf_executor *executor,
                                    size_t worker);

/*
 * Has `function` run once by some worker, with a copy of `arg_bytes` bytes at
 * `arg`. `*future` is the caller's to release. Tasks of one submitter start in
 * order of submission; of several workers each takes some along at a time, so
 * that one may be overtaken for some milliseconds by what another worker has; or
 * for longer, where its buffers cannot be sent for now (cf/buffer.h).
 * On CF_SERIAL the task runs inside this call, on this thread unless tasks
 * inside each other have used half of its stack (then on one that is made for
 * it, or CF_AGAIN); elsewhere it does not wait for a worker, and for room only
 * with `max_pending`. CF_OK; CF_SHUTDOWN; CF_BROKEN; CF_FULL; CF_AGAIN;
 * CF_INVALID; CF_UNSUPPORTED (a function that a worker process cannot have);
 * CF_NOMEM. On failure nothing was queued and `*future` is NULL.
 *
 * An argument or result on CF_PROCESS is copied into shared memory and may be
 * as large as memory allows, an argument below 64 GiB. While it is copied
 * (0.3 s for 1 GiB) all else of the executor waits, time-outs as well: more than
 * some MiB is better shared (cf/buffer.h).
 */
CF_API CF_MUST_CHECK enum cf_status cf_submit(struct cf_executor *executor,
                                              cf_function *function,
                                              const void *arg, size_t arg_bytes,
                                              struct cf_future **future);

/* Failures after which a task may be run again. */
#define CF_RETRY_EXCEPTION 1u
#define CF_RETRY_CRASHED   2u
#define CF_RETRY_EXPIRED   4u

/* What may be said of one task. Zero is the default of every field. */
struct cf_call {
    const char *name; /* for people: cf_future_name(), messages; copied       */

    /*
     * A limit from the start of an attempt; 0: none. Past it the task is asked
     * to end, cf_stopping(), and its outcome is CF_EXPIRED whatever it brings.
     * If it has not come back `grace_ns` later (0: 100 ms), a worker process is
     * terminated, and killed after the same again; a thread cannot be: the
     * future ends without it, and the worker is written off and replaced, see
     * cf_stop(). A task with a limit never runs inside another one's wait, but
     * on CF_OPENMP, where nobody else may be left to run it. On CF_MPI a rank
     * does what its workers, threads or processes, can do.
     */
    int64_t timeout_ns;
    int64_t grace_ns;

    /*
     * So many further attempts after a failure: only for a task that may run
     * more than once. It stays RUNNING in between; cf_task_attempt() tells it
     * which attempt it is. `retry_on` names the failures, 0: all. Not after a
     * cf_stop(), nor where an attempt was written off and may still run.
     */
    unsigned retries;
    unsigned retry_on;

    /*
     * Higher ones start first, from -1000 to 1000; tasks of one priority in
     * order of submission. Waiting makes up for it: 16 later tasks at most
     * overtake one for each step that they are above it, and after 16 above 0
     * in a row one of those at 0 starts. CF_UNSUPPORTED on CF_PROCESS,
     * CF_OPENMP and CF_MPI.
     */
    int priority;

    /*
     * `arg` is not copied but handed over, and the task gets that pointer; this
     * is called for it once: when the task has ended and before its outcome is
     * visible, also when it never ran; for a task that was written off, when it
     * comes back. No lock is held. Where submitting fails it is the caller's
     * still. CF_UNSUPPORTED where tasks travel to another process.
     */
    cf_destructor *arg_destroy;

    /* Memory that the task shares, see cf_buffer_create() and cf_task_buffer():
     * `buffer_count` of them, CF_MOST_BUFFERS at most. The task keeps a
     * reference to each until it has ended. */
    struct cf_buffer *const *buffers;
    size_t buffer_count;

    uintptr_t reserved[6]; /* must be zero                                    */
};

/* As cf_submit(), with what `call` says (may be NULL). */
CF_API CF_MUST_CHECK enum cf_status
cf_submit_call(struct cf_executor *executor, cf_function *function,
               const void *arg, size_t arg_bytes, const struct cf_call *call,
               struct cf_future **future);

/*
 * Submits a task for each of `count` items of `item_bytes` bytes at `items`,
 * in order, for less than as many cf_submit(). The first tasks may run, and end,
 * before the last is made: until the call returns they are to leave the items
 * and `futures` alone. The futures are the caller's to release. Statuses as of
 * cf_submit(), also where `count` is 0; on failure the first futures may have
 * been submitted and go on (or be cancelled, where a shutdown that cancels came
 * in between), the entries of the others are NULL.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_submit_many(struct cf_executor *executor, cf_function *function,
               const void *items, size_t item_bytes, size_t count,
               struct cf_future **futures);

/*
 * Waits until every task submitted before this call has ended, its callbacks
 * included; others may be submitted meanwhile and are not waited for. CF_OK;
 * CF_TIMEOUT; CF_DEADLOCK (with time to wait, from one of this executor's own
 * tasks or callbacks); CF_INVALID; CF_BROKEN (in a forked child).
 */
CF_API CF_MUST_CHECK enum cf_status cf_join(struct cf_executor *executor,
                                            int64_t timeout_ns);

/*
 * A descriptor that becomes readable when tasks of the executor end (an
 * eventfd: a read gives how many did since the last one), for epoll and its
 * like. The executor's own: do not close it; valid until destroy. Tasks that
 * ended before the first call are not told. CF_OK; CF_INVALID; CF_SYSTEM;
 * CF_BROKEN (in a forked child).
 */
CF_API CF_MUST_CHECK enum cf_status cf_executor_fd(struct cf_executor *executor,
                                                   int *fd);

/* What became of an executor's tasks, from its creation on. */
struct cf_executor_stats {
    uint64_t submitted;     /* accepted, in all                              */
    uint64_t unfinished;    /* of these, without an outcome yet              */
    uint64_t succeeded;     /* ended CF_OK                                   */
    uint64_t failed;        /* CF_EXCEPTION, CF_NOMEM, CF_UNSUPPORTED        */
    uint64_t expired;       /* CF_EXPIRED                                    */
    uint64_t stopped;       /* CF_STOPPED                                    */
    uint64_t crashed;       /* CF_CRASHED: took their worker with them       */
    uint64_t cancelled;     /* CF_CANCELLED                                  */
    uint64_t broken;        /* CF_BROKEN: could not be run any more          */
    uint64_t unread_errors; /* no success, and freed before anybody asked;
                               who ended it may free it, a moment after you  */
    uint64_t retried;       /* attempts that were followed by another        */
    uint64_t written_off;   /* workers that have not come back from a task
                               which ended without them, at this moment; on
                               CF_MPI when their rank last told an outcome   */
    uint64_t buffers_sent;  /* a buffer went to a worker process or a rank
                               that did not have it: once for each           */
};

/* The counts at this moment; each is exact, their sum may be off by tasks that
 * end meanwhile. Never blocks, cannot fail. */
CF_NAMESAKE_BEGIN
CF_API struct cf_executor_stats
cf_executor_stats(const struct cf_executor *executor);
CF_NAMESAKE_END

enum cf_shutdown_how {
    CF_SHUTDOWN_DRAIN = 0,  /* run what is queued                          */
    CF_SHUTDOWN_CANCEL = 1, /* cancel what has not started                 */
    CF_SHUTDOWN_STOP = 3,   /* and ask what runs to end: see cf_stopping() */
};

/*
 * Takes no more tasks from now on, and waits until every task and its
 * callbacks have ended, for at most `timeout_ns` (0: does not wait). CF_OK;
 * CF_TIMEOUT (they go on; call again); CF_DEADLOCK (called with time to wait
 * from one of this executor's own tasks or callbacks: nothing was waited for);
 * CF_INVALID; CF_BROKEN (in a forked child). Calling it again is fine, also
 * with another `how`.
 */
CF_API CF_MUST_CHECK enum cf_status cf_shutdown(struct cf_executor *executor,
                                                enum cf_shutdown_how how,
                                                int64_t timeout_ns);

/*
 * Shuts down (CF_SHUTDOWN_DRAIN), waits for every task, ends the workers and
 * frees the executor. Futures stay valid. NULL does nothing. Not to be called
 * from one of its own tasks or callbacks. A process that exits without it
 * takes its workers with it; what was still queued is not run.
 */
CF_API void cf_executor_destroy(struct cf_executor *executor);

#ifdef __cplusplus
}
#endif
#endif
