/* SPDX-License-Identifier: MIT */
#ifndef CFBENCH_KEPT_H
#define CFBENCH_KEPT_H

/*
 * What a worker keeps from task to task: a connection, a context, memory. Each
 * thread has its own, made on first use and destroyed when the thread ends. A
 * fork inherits its parent's and leaves it untouched: its bytes in flight, its
 * locks are the parent's.
 *
 *     static struct wl_kept kept;
 *
 * Any thread may call these; none of them blocks.
 */
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

/* Zero is ready for use. */
struct wl_kept {
    atomic_uint key_and_one; /* pthread key + 1, 0 before first use */
};

/* This thread's value; NULL if it has none yet. */
void *wl_kept_get(struct wl_kept *kept);

/*
 * Makes `value` this thread's, after destroying the one before; NULL for none.
 * Where there is no memory, `value` is destroyed as well: false.
 */
bool wl_kept_set(struct wl_kept *kept, void *value, void (*destroy)(void *));

/* At least `bytes` of memory that stays this thread's, its content whatever
 * the last task left there; aligned for any type. NULL: no memory. */
void *wl_kept_room(struct wl_kept *kept, size_t bytes);

#endif
