/* SPDX-License-Identifier: MIT */
#ifndef CF_BUFFER_H
#define CF_BUFFER_H

#include <stddef.h>
#include <stdint.h>

#include <cf/future.h>
#include <cf/status.h>
#include <cf/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Memory that a task shares with whoever submitted it, instead of bytes that
 * are copied: large inputs, results that many tasks fill piece by piece. A
 * worker process gets the very same pages, mapped once and kept there for its
 * later tasks; a rank of CF_MPI, which may be on another machine, a copy.
 *
 *     cf_buffer_create(bytes, &image);
 *     read_image(cf_buffer_data(image));
 *     struct cf_call call = {.buffers = &image, .buffer_count = 1};
 *     cf_submit_call(pool, sharpen, &tile, sizeof tile, &call, &future);
 *
 *     unsigned char *pixels = cf_buffer_data(cf_task_buffer(task, 0));
 *
 * A task's buffers are named at submit (cf_call, cf_map_options), so they last
 * until it has ended, whoever has released them by then. It may read and write
 * them. Nobody is kept from doing so at the same time: tasks that share a
 * buffer keep to their own parts of it, or to atomic operations. What a task
 * wrote is seen by whoever has seen its future final.
 *
 * A worker process is sent a descriptor, once. Of these a user who is not root may
 * have only so many on their way, in all processes together (RLIMIT_NOFILE of
 * who sends). While there are more a task stays pending whose buffers no worker
 * with room has yet; other tasks go past it, but where there is one worker only.
 *
 * On CF_MPI a rank is sent its copy once, with the first task there that names
 * the buffer and as the buffer is by then, and keeps it for every later task,
 * until the host has given its last reference back. What either side writes
 * after that the other does not see: tasks of one rank share what they write
 * there, and it comes back in a buffer that a task returns. A rank that cannot
 * take a copy fails the task: CF_EXCEPTION, with CF_NOMEM or CF_SYSTEM for its
 * code; the next task that names the buffer has it sent again. What a rank has
 * stays as it is there.
 *
 * The memory has no name that could be left behind, and cannot be cut short by
 * anybody who has it. It is gone when the last reference is given back: in a
 * worker process that keeps it mapped at the end of the task that runs there,
 * at once in one that has nothing to do. A worker that dies keeps nothing.
 *
 * In a process that the host's own code forks, a buffer is not there, nor kept:
 * cf_buffer_data() is NULL, releasing is fine. In a worker process the pointer
 * that cf_buffer_data() gave the host means nothing; cf_task_buffer() has the
 * buffer there.
 */
struct cf_buffer;

/* So many may be named for one task. */
#define CF_MOST_BUFFERS 16

/*
 * Makes a buffer of `bytes` bytes, all zero, with memory behind every one of
 * them; the caller has one reference. Any thread may call it, and any task.
 * CF_OK; CF_INVALID (no bytes); CF_NOMEM; CF_SYSTEM (no descriptor: each buffer
 * keeps one; files of that length not allowed; before Linux 5.14). More than the
 * machine has is CF_NOMEM. What it has but others use, or a control group has
 * not, the system may end processes for, as for any memory.
 */
CF_API CF_MUST_CHECK enum cf_status cf_buffer_create(size_t bytes,
                                                     struct cf_buffer **buffer);

/* Its memory, aligned to a page: the same address as long as this process has
 * a reference. */
CF_API void *cf_buffer_data(const struct cf_buffer *buffer);
CF_API size_t cf_buffer_bytes(const struct cf_buffer *buffer);

/* Takes a further reference; returns `buffer`. */
CF_API struct cf_buffer *cf_buffer_retain(struct cf_buffer *buffer);

/* Gives a reference back. NULL does nothing. May be called before a task that
 * was given the buffer has ended. */
CF_API void cf_buffer_release(struct cf_buffer *buffer);

/* The i-th buffer that was named for this task, lent until it returns
 * (cf_buffer_retain() keeps it); NULL past the last. */
CF_API struct cf_buffer *cf_task_buffer(const struct cf_task *task, size_t i);

/*
 * Gives the task a buffer for its result: one of its own, one that it has
 * just made, any. The result takes a reference of its own. A result given
 * before is replaced. CF_OK; CF_INVALID (NULL); CF_NOMEM. A worker process
 * that cannot hand it over (its host has no descriptor left, or the task closed
 * those of others) fails the task: CF_EXCEPTION, with CF_SYSTEM for its code.
 * From a rank of CF_MPI its bytes come in a new buffer of the host's, as the
 * task left them, also where the task was given it; where the host cannot make
 * one the task fails, with CF_NOMEM or CF_SYSTEM for its code. What a task in a
 * worker process has submitted cannot return one, see cf_task_executor().
 */
CF_API CF_MUST_CHECK enum cf_status cf_return_buffer(struct cf_task *task,
                                                     struct cf_buffer *buffer);

/*
 * Waits as cf_result() does for a task that ends with cf_return_buffer(), and
 * gives a reference to its buffer, the caller's to release. Statuses as of
 * cf_result(); CF_INVALID where the task's result is no buffer. On anything but
 * CF_OK `*buffer` is NULL. To cf_result_view() such a result is an object, the
 * struct cf_buffer itself, which it lends; its size reads 0.
 */
CF_API CF_MUST_CHECK enum cf_status cf_result_buffer(struct cf_future *future,
                                                     int64_t timeout_ns,
                                                     struct cf_buffer **buffer);

#ifdef __cplusplus
}
#endif
#endif
