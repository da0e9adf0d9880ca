/* SPDX-License-Identifier: MIT */
#ifndef CF_ITERATOR_H
#define CF_ITERATOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/executor.h>
#include <cf/future.h>
#include <cf/status.h>
#include <cf/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Futures one after the other:
 *
 *     while ((status = cf_next(iterator, &future)) == CF_OK)
 *         ...
 *     cf_iterator_release(iterator);
 *
 * An iterator is used by one thread at a time. It may outlive the executor: then
 * cf_map_from() pulls no more, and yields CF_SHUTDOWN after what it had.
 */
struct cf_iterator;

/*
 * Waits for the next future. CF_OK: `*future` is final, and lent until the
 * next cf_next() or cf_iterator_release() (cf_future_retain() keeps it).
 * CF_END: that was all. CF_TIMEOUT: the iterator's time is up; it stays so.
 * CF_INVALID; CF_BROKEN: it was made by the process that forked this one.
 * CF_DEADLOCK, as from cf_result(), where a map yields in input order.
 * From cf_map_from() also the status with which its input could not be
 * submitted; then the iteration is over.
 */
CF_API CF_MUST_CHECK enum cf_status cf_next(struct cf_iterator *iterator,
                                            struct cf_future **future);

/*
 * Ends the iteration, finished or not. A map's tasks that have not started are
 * cancelled, those that run are not waited for; as_completed cancels nothing.
 * NULL does nothing.
 */
CF_API void cf_iterator_release(struct cf_iterator *iterator);

/*
 * Yields `count` futures as they become final: those that are so already
 * first, in the order given; each once, however often it is in the array.
 * `timeout_ns` counts from this call, for the whole iteration; what is final is
 * yielded all the same. The futures stay the caller's. A worker that waits for
 * the next one runs what has not started itself, as in cf_wait(): while it does,
 * it sees no other end. CF_OK; CF_INVALID (a NULL entry); CF_NOMEM; CF_BROKEN
 * (one that is not final, in a forked child).
 */
CF_API CF_MUST_CHECK enum cf_status
cf_as_completed(struct cf_future *const *futures, size_t count,
                int64_t timeout_ns, struct cf_iterator **iterator);

/* Zero is the default of every field. */
struct cf_map_options {
    int64_t timeout_ns; /* for the whole iteration, from the call; 0: for ever
                           (unlike a wait, which 0 makes a poll); below 0, as
                           where a deadline has passed: CF_INVALID           */
    size_t chunk;       /* how many items a worker takes at a time; 0: by the
                           measured length of tasks, long ones one by one    */
    size_t buffersize;  /* cf_map_from: at most so many items submitted and
                           not yet yielded; 0: twice the workers             */
    bool unordered;     /* yield each future as it ends; cf_future_info()
                           tells which item it is                            */
    struct cf_buffer *const *buffers; /* cf_map, cf_map_from: memory that every
                                         task shares, see cf_call.buffers    */
    size_t buffer_count;              /* so many of them                     */
    bool caller_helps; /* cf_map_into: this thread computes items too        */
    uintptr_t reserved[4]; /* must be zero                                   */
};

/*
 * Submits a task for each of `count` items of `item_bytes` bytes at `items`
 * and yields their futures in input order (or, `unordered`, as they end), each
 * with its own status: a bad item spoils no other. The items are copied, all of
 * them in the call, so `max_pending` holds none of them back; tasks of the first
 * may run before the last is copied, and are to leave the items alone. CF_OK,
 * and what cf_submit() may answer but CF_FULL, of no items too; on failure what
 * has not started is cancelled. `options` may be NULL.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_map(struct cf_executor *executor, cf_function *function, const void *items,
       size_t item_bytes, size_t count, const struct cf_map_options *options,
       struct cf_iterator **iterator);

/*
 * Brings the next input of a map: points `*arg` at `*arg_bytes` bytes, which
 * stay as they are until the next call, and returns true; false when there is
 * none left.
 */
typedef bool cf_pull(void *context, const void **arg, size_t *arg_bytes);

/*
 * As cf_map(), with input that is pulled, from the thread that calls this or
 * cf_next(), only as far as `buffersize` allows, whatever `max_pending` says:
 * endless input needs no more memory. `chunk` is ignored. `unordered`, a slow
 * item holds no other back.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_map_from(struct cf_executor *executor, cf_function *function, cf_pull *pull,
            void *context, const struct cf_map_options *options,
            struct cf_iterator **iterator);

/* Computes one item into its place; it cannot fail, and must not wait for ever
 * for the task that maps. */
typedef void cf_item_function(const void *item, void *result);

/*
 * Fills `results` (`count` of `result_bytes` each) from `items` (`count` of
 * `item_bytes` each) and returns when all are done: the cheapest way to run
 * over an array. Items of a chunk are computed one after the other. CF_OK;
 * CF_TIMEOUT; CF_CRASHED (a worker process died: its chunk was not filled);
 * and what cf_submit() may answer but CF_FULL, since `max_pending` holds none
 * of it back; of no items too. After anything but CF_OK the content of `results`
 * is unspecified, and nothing writes there any more. `chunk` 0: a few chunks per
 * worker, smaller ones towards the end where workers share the memory.
 *
 * When the time is up, or an interrupt comes, what is being computed is waited
 * for: each worker ends its chunk or, where workers share the memory, goes on
 * for 4096 items at most. A thread that computes in its own call looks between
 * items, as often as that costs nothing: on CF_SERIAL, with `caller_helps`, and
 * on CF_OPENMP inside the executor's own tasks.
 *
 * With `caller_helps` the caller computes items in the place of one worker,
 * where it would only wait: so at most `max_workers` threads work on this
 * array, and it is filled though all workers are kept by other tasks, beside
 * which it is one more. No initializer has run in it and nothing has bound it.
 * Where the workers do not share its memory, under CF_GIL, and inside the
 * executor's own tasks and callbacks it waits all the same.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_map_into(struct cf_executor *executor, cf_item_function *function,
            const void *items, size_t item_bytes, void *results,
            size_t result_bytes, size_t count,
            const struct cf_map_options *options);

#ifdef __cplusplus
}
#endif
#endif
