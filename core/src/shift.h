/* SPDX-License-Identifier: MIT */
#ifndef CFI_SHIFT_H
#define CFI_SHIFT_H

#include <stdbool.h>

#include "task_impl.h"

struct cf_executor;

/*
 * Whose worker this thread is. One of a pool is that for all its life; but
 * inside of its task it may run tasks of other executors too: what it submits
 * to a serial one, or to one that is full. Then it is the worker of each, and
 * the last is the current one:
 *
 *      current: C    shifts: { before: B } -> { before: A } -> { before: NULL }
 *
 * It may come to A again, by a wait in C's task for a task of A.
 */
struct cfi_shift {
    struct cfi_worker *before; /* NULL: it was none */
    struct cfi_shift *up;
    struct cf_future *task; /* of `before`, in which this is; NULL: none      */
    bool is_noted; /* that it waits for what is run here: waits_for.c */
};

/* From begin() to end() this thread is `worker`. The shift lies on the stack of
 * who calls both. */
void cfi_shift_begin(struct cfi_shift *shift, struct cfi_worker *worker);
void cfi_shift_end(struct cfi_shift *shift);

/* The latest that has not ended, NULL: there is none. */
struct cfi_shift *cfi_shift_current(void);

/* What this thread is for `executor` besides the current one, the innermost of
 * several; NULL: nothing. */
struct cfi_worker *cfi_worker_of_outer(const struct cf_executor *executor);

/* What this thread is for `executor`; NULL: none of its workers. */
static inline struct cfi_worker *
cfi_worker_of(const struct cf_executor *executor)
{
    struct cfi_worker *worker = cfi_worker_current();

    return worker != NULL && worker->executor == executor
               ? worker
               : cfi_worker_of_outer(executor);
}

/* For one that this thread is, from the innermost on: is it there further
 * inside as well? `*shift`: where it is the `before` of. */
bool cfi_shift_is_again(const struct cfi_shift *shift);

/* All that a thread is and is in, for another one that runs something in its
 * place while it waits for that. */
struct cfi_standing {
    struct cfi_worker *worker;
    struct cfi_shift *shift;
    const struct cfi_calling *calling; /* see watch.h */
};

struct cfi_standing cfi_standing_of_this_thread(void);
void cfi_standing_adopt(const struct cfi_standing *standing);

/* A worker that is `away`, without its shared lock, is about to run a task in its
 * wait for it, which needs that; and has run it. */
void cfi_worker_come_back(struct cfi_worker *worker);
void cfi_worker_go_away(struct cfi_worker *worker, unsigned away);

#endif
