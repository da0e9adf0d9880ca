/* SPDX-License-Identifier: MIT */
#ifndef CF_TASK_H
#define CF_TASK_H

#include <stdbool.h>
#include <stddef.h>

#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A task as the function that runs it sees it. Valid inside that call only,
 * and only in the thread that was called. None of these calls may be made
 * from another thread; none of them blocks unless it says so.
 */
struct cf_task;
struct cf_executor;

/*
 * What a task runs. `arg` is a copy of the bytes given at submit, aligned for
 * any type, the task's own to read until it returns. The function ends with
 * `return cf_return(...)` or `return cf_raise(...)`; returning CF_OK without
 * cf_return is an empty result, and returning anything else without cf_raise
 * fails the task (CF_EXCEPTION) with that number as its code. It leaves in no
 * other way: of longjmp(), pthread_exit() or a C++ exception a worker process
 * dies (CF_CRASHED), and in a thread all that follows is undefined. exit() ends
 * what runs it: the program, or the worker process. A child that it forks ends,
 * without exit handlers, where it comes back from the task or callback that a
 * worker ran; nobody hears its result. On CF_SERIAL it goes on in who submitted.
 */
typedef enum cf_status cf_function(struct cf_task *task, const void *arg,
                                   size_t arg_bytes);

/*
 * Gives the task its result: a copy of `result_bytes` bytes. A second call
 * replaces the first; it may take a part of what that gave, or of the room that
 * cf_return_space() did. CF_OK; CF_INVALID (NULL, and bytes); CF_NOMEM, which
 * the task had better return as well.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_return(struct cf_task *task, const void *result, size_t result_bytes);

/*
 * Room for a result of `result_bytes` bytes, to be filled in place instead of
 * copied; aligned for any type. NULL when there is no memory. The room becomes
 * the result when the task returns CF_OK; where it turns out to be too large,
 * cf_return() of the part that is filled takes the rest away.
 */
CF_API CF_MUST_CHECK void *cf_return_space(struct cf_task *task,
                                           size_t result_bytes);

/*
 * cf_raise(task, code, format, ...) fails the task: whoever asks for its
 * result gets CF_EXCEPTION, and from cf_future_error() the code, the formatted
 * message (cut at 1023 bytes) and this line of source. Returns CF_EXCEPTION,
 * for `return cf_raise(...)`. A result given before is dropped.
 */
#define cf_raise(task, ...) cf_raise_at((task), __FILE__, __LINE__, __VA_ARGS__)

CF_API enum cf_status cf_raise_at(struct cf_task *task, const char *file,
                                  int line, int code, const char *format, ...)
    CF_PRINTF(5, 6);

/*
 * The same for objects of the embedder's, which are not copied: the result is
 * `object` itself, which cf_result_view() lends (its size reads 0). `destroy`
 * (may be NULL) is called for it once, when the last reference to the future is
 * given back, or the result is replaced, or nobody waits for it any more.
 * CF_OK; CF_NOMEM, and CF_UNSUPPORTED where the task has travelled to another
 * process: the object is the task's still.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_return_object(struct cf_task *task, void *object, cf_destructor *destroy);

/*
 * And for an error, which carries the object in cf_error.object; `message` (may
 * be NULL) is copied. CF_EXCEPTION, for `return cf_raise_object(...)`;
 * CF_NOMEM, and CF_UNSUPPORTED where the task has travelled to another process:
 * the object is the task's still.
 */
CF_API CF_MUST_CHECK enum cf_status cf_raise_object(struct cf_task *task,
                                                    int code, void *object,
                                                    cf_destructor *destroy,
                                                    const char *message);

/* Which attempt this is: 1 on the first run, see cf_call.retries. */
CF_API unsigned cf_task_attempt(const struct cf_task *task);

/*
 * True once the task is asked to end early: cf_shutdown() with
 * CF_SHUTDOWN_STOP, cf_stop(), or it is past its time limit.
 * Also the point where, on the `gil` backend, a worker hands the lock over
 * when another asked for it: call it every 10 to 100 us of computing, never in
 * the innermost loop. On `gil` it may block until the lock comes back.
 */
CF_API bool cf_stopping(struct cf_task *task);

/*
 * Stand around a part that waits instead of computing (a read, a sleep). On
 * the `gil` backend the lock is released in between, and end() blocks until it
 * is had again; elsewhere they do nothing. They may nest, then the outermost
 * count; a wait for tasks in between is as anywhere else. What is open when the
 * task returns ends then; an end without a beginning does nothing.
 */
CF_API void cf_blocking_begin(struct cf_task *task);
CF_API void cf_blocking_end(struct cf_task *task);

/* Which worker runs the task: 0 .. workers - 1, dense; a spare worker has an
 * index behind these, below workers + max_spare_workers. SIZE_MAX: none does,
 * but another thread inside its submit (cf_when_full). */
CF_API size_t cf_worker_index(const struct cf_task *task);

/* What the initializer left for this worker; NULL without one, and where no
 * worker runs the task. The worker runs one task at a time, so it needs no lock
 * (a task that runs inside a wait of another shares its worker); but the one of
 * CF_SERIAL is every thread that submits, and they share what it has. */
CF_API void *cf_worker_state(const struct cf_task *task);

/*
 * The executor that runs the task, to submit to and to wait for what was
 * submitted. Any thread that the task starts may use it, as long as the task
 * runs.
 *
 * In a worker process of CF_PROCESS it asks the host for everything: a submit
 * waits for the host's answer, some microseconds, and takes no buffers and no
 * arg_destroy (CF_UNSUPPORTED, as is the end of a task that returns a buffer to
 * a task, and cf_set_workers()). Its function must lie in an object that the
 * host has loaded too (CF_UNSUPPORTED). cf_executor_stats() counts what this
 * process has submitted, cf_executor_workers() is as it was when this worker
 * was made, and cf_shutdown() is the host's. Futures are this process's: they
 * are there for its later tasks, and end with it. If the worker dies, what the
 * task that it was running has submitted and nobody has started is cancelled,
 * what has started runs to its end unheard; what earlier tasks have submitted
 * goes on. cf_stop() of one that its waiter runs itself only asks it: more would
 * end the waiter. From its first submit on the process has a thread more, and
 * another one from the first callback that is due, for those. In a child that a
 * task has forked, CF_BROKEN.
 *
 * In a rank of CF_MPI it is the rank's part of the executor: what is submitted
 * to it runs there, and the counts are the part's. cf_shutdown() is the whole
 * executor's: from then on the part takes nothing from a task, and the host
 * nothing once it has seen that task end.
 */
CF_API struct cf_executor *cf_task_executor(const struct cf_task *task);

#ifdef __cplusplus
}
#endif
#endif
