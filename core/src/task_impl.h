/* SPDX-License-Identifier: MIT */
#ifndef CFI_TASK_IMPL_H
#define CFI_TASK_IMPL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/task.h>

#include "outcome.h"
#include "stack.h"
#include "this_thread.h"

struct cf_buffer;
struct cfi_awaited;
struct cfi_branches;
struct cfi_gil;
struct cfi_help;
struct cfi_station;
struct cfi_tally;

/* A worker, as the tasks that it runs see it. Lives as long as it does. */
struct cfi_worker {
    size_t index;
    size_t first; /* of its executor's; other than 0 in a part of another */
    struct cf_executor *executor;
    void *state;                       /* the initializer's                   */
    struct cfi_gil *gil;               /* the lock it shares, or NULL         */
    struct cf_future *_Atomic running; /* the task under way, innermost  */
    struct cfi_station *station;       /* where its submits go, or NULL      */
    struct cfi_tally *tally;           /* its own, or NULL                   */
    struct cfi_branches *branches;     /* where its tasks fork, or NULL: nobody
                                          takes their branches               */
    struct cfi_help *helping;          /* see waits_for.h; NULL              */
    uint64_t ran;    /* tasks that it has claimed and begun             */
    unsigned depth;  /* tasks under way inside each other's waits       */
    unsigned away;   /* with `gil`: reasons not to have it, inside each other */
    uint32_t unsaid; /* epochs in which it counted out: see admission.c */
    bool says_later; /* it may put that off                              */
    bool is_remote;  /* its tasks have travelled to it                  */
    bool is_too_deep; /* to run what it waited for last inside that wait */
    bool is_forked;   /* a copy, in a child that its task has forked     */
    struct cfi_stack stack;            /* of its thread */
    const struct cfi_absence *absence; /* whom to tell; NULL: nobody     */
    const _Atomic uint32_t *stopping;  /* not 0: tasks are asked to end early */
    const _Atomic uint64_t *asked;     /* is_remote: the position of a task that
                                           is asked to, ...                 */
    uint64_t position;                 /* ... if that is the one it runs    */
    struct cf_task *travelled;         /* is_remote: that one, or NULL      */
    struct cf_buffer *const *buffers;  /* without a future: those of the task */
    size_t buffer_count;
};

/* Who keeps the workers is told where one is not free though no task of the
 * executor keeps it. */
struct cfi_absence {
    /* It runs callbacks, which may block. */
    void (*calls_back)(struct cfi_worker *worker, bool begins);
    /* It goes to sleep in a wait, which lasts until it wakes. False: what it
     * waits for needs another worker, and none can be had. */
    bool (*sleeps)(struct cfi_worker *worker, struct cfi_awaited *awaited);
    /* That wait was not over in a moment. NULL: it makes no difference. */
    void (*lasts)(struct cfi_worker *worker);
    void (*wakes)(struct cfi_worker *worker);
    /* Is it one too many by now? Then who may go on takes this over, the rest of
     * a chunk: true. NULL: it is not. */
    bool (*hands_on)(struct cfi_worker *worker, struct cf_future *rest);
    /* It has come back from a task that was written off. */
    void (*comes_back)(struct cfi_worker *worker);
    /* Its task will wait for `future` for ever, until it wakes; NULL: those
     * waits are known here. False: that would close a circle. */
    bool (*waits_for)(struct cfi_worker *worker, struct cf_future *future);
};

/* What users know it by. */
static inline size_t cfi_worker_number(const struct cfi_worker *worker)
{
    return worker->first + worker->index;
}

/* One run of a task's function; lives on the stack of who runs it. */
struct cf_task {
    struct cfi_worker *worker;
    const struct cf_future *future; /* NULL where the task has travelled */
    unsigned attempt;
    struct cfi_outcome *outcome;
    void *space; /* where a small result goes without allocation, aligned for
                    any type of up to `space_bytes` */
    size_t space_bytes;
    bool has_raised;

    /* Branches are numbered along the worker's stack: see branches.c. */
    unsigned branch_depth; /* of calls of branches, under way            */
    size_t first;          /* the number of this run's first branch      */
    size_t open;           /* one above that of its last                 */
};

/* The worker that this thread is, NULL for any other thread. */
static inline struct cfi_worker *cfi_worker_current(void)
{
    return cfi_this_thread.worker;
}
void cfi_worker_set_current(struct cfi_worker *worker);

/* In a forked child, which is no worker, though a task has forked it. */
void cfi_worker_after_fork(void);

/* A child that comes back from the task or callback which has forked it has
 * nowhere to go on, unless to another task below that waited for this one: it
 * ends before it runs what is not its own. */
_Noreturn void cfi_worker_end_forked(void);
static inline void cfi_worker_end_if_forked(const struct cfi_worker *worker)
{
    if (worker->is_forked && worker->depth == 0 &&
        atomic_load_explicit(&worker->running, memory_order_relaxed) == NULL)
        cfi_worker_end_forked();
}

/* From begin() to end() a worker does without its shared lock; inside each
 * other they count. Without such a lock (or for NULL) nothing happens. */
void cfi_blocking_begin(struct cfi_worker *worker);
void cfi_blocking_end(struct cfi_worker *worker);

/* Around a sleep of this thread: the same for all that it is the worker of. */
void cfi_sleep_begin(void);
void cfi_sleep_end(void);

/* Why a task that returned a buffer to one in a worker process failed. */
extern const char cfi_lost_buffer[];

/*
 * Runs `function` once, for a task that is filled in but for `has_raised`, and
 * leaves how it ended in its outcome (an empty CF_OK before): the part that is
 * the same in a thread and in a worker process. A result lies in the task's
 * space where it fits there, else on the heap. judge() is for a task that may
 * have ended in another way than most.
 */
void cfi_task_judge(struct cf_task *task, enum cf_status returned);
static inline void cfi_task_call(struct cf_task *task, cf_function *function,
                                 const void *arg, size_t arg_bytes)
{
    enum cf_status returned = function(task, arg, arg_bytes);

    if (returned != CF_OK || task->open != task->first ||
        task->outcome->is_object)
        cfi_task_judge(task, returned);
}

#endif
