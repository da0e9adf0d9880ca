/* SPDX-License-Identifier: MIT */
#ifndef CFI_BRANCHES_H
#define CFI_BRANCHES_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/branch.h>

#include "eventcount.h"
#include "lock.h"
#include "task_impl.h"

struct cf_future;
struct cfi_pool;

/* A forked branch, as thieves find it: nothing of it lies on a stack. */
struct cfi_slot {
    cf_branch_function *function;
    void *arg;
    const struct cf_task *task; /* whose it is; stays until the join */

    /* --- the thief's, who sets the first under the lock --- */
    struct cfi_branches *thief;
    enum cf_status status;
    _Atomic uint32_t has_ended; /* the last that the thief writes */
};

enum { CFI_SEGMENTS = 26, CFI_FIRST_SLOTS = 64 };

/*
 * The open branches of a worker, the first that was forked at index 0. Its
 * worker puts in and takes back at the young end; thieves take from the old
 * end: see branches.c. Slots lie in segments, each twice as large as the one
 * before, which stay where they are. Zero, but for `pool`, is an empty one.
 */
struct cfi_branches {
    _Alignas(64) _Atomic uint64_t young; /* the owner writes it */
    struct cfi_pool *pool;
    struct cfi_slot *_Atomic segments[CFI_SEGMENTS];

    _Alignas(64) _Atomic uint64_t old; /* thieves write it, with the lock */
    struct cfi_lock lock;
    _Atomic uint32_t is_followed; /* somebody may sleep on ... */
    struct cfi_eventcount news;   /* ... this: the owner has forked into
                                     nothing, or has ended what it stole */
};

/* Sequentially consistent, as who is about to sleep needs it. */
static inline bool cfi_branches_are_none(const struct cfi_branches *branches)
{
    return atomic_load(&branches->old) >= atomic_load(&branches->young);
}

/* NULL: there is no such segment. */
static inline struct cfi_slot *cfi_slot_at(struct cfi_branches *branches,
                                           uint64_t at)
{
    unsigned segment = 0;
    uint64_t begin = 0;

    if (at >= CFI_FIRST_SLOTS) {
        segment = 63u - (unsigned)__builtin_clzll(at / CFI_FIRST_SLOTS + 1);
        begin = (((uint64_t)1 << segment) - 1) * CFI_FIRST_SLOTS;
    }
    /* relaxed: the owner has set it; thieves acquire `young`, which came
     * after */
    struct cfi_slot *slots = atomic_load_explicit(&branches->segments[segment],
                                                  memory_order_relaxed);
    return slots != NULL ? slots + (at - begin) : NULL;
}

/* --- the owner --- */

/* Makes the segment of `at`, and returns that slot; NULL without memory. */
struct cfi_slot *cfi_branches_grow(struct cfi_branches *branches, uint64_t at);

/* The first branch that thieves can see: tells whoever may want it. */
void cfi_branches_tell(struct cfi_branches *branches);

/* Puts a branch in at its slot, `at`, which it knows then. */
static inline void cfi_branches_push(struct cfi_branches *branches, uint64_t at,
                                     struct cfi_slot *slot,
                                     const struct cf_task *task,
                                     struct cf_branch *branch)
{
    slot->function = branch->function;
    slot->arg = branch->arg;
    slot->task = task;
    branch->slot = slot;
    /* publishes the slot; and see branches.c, on waking */
    atomic_store(&branches->young, at + 1);
    if (atomic_load(&branches->old) == at)
        cfi_branches_tell(branches);
}

/* Takes `at`, which was put in last, back. False: a thief is at it, or has it:
 * settle() tells. */
static inline bool cfi_branches_pop(struct cfi_branches *branches, uint64_t at)
{
    atomic_store(&branches->young, at);
    return atomic_load(&branches->old) <= at;
}

/* True: it is the owner's. False: a thief has it, as slot->thief says; when it
 * has ended, close(). */
bool cfi_branches_settle(struct cfi_branches *branches, uint64_t at);
void cfi_branches_close(struct cfi_branches *branches, uint64_t at);

/* Nothing is open. Gives back memory that a burst left; all memory. */
void cfi_branches_trim(struct cfi_branches *branches);
void cfi_branches_finish(struct cfi_branches *branches);

/* --- others --- */

/* Is there one to steal? Sequentially consistent, as above; false, too, where
 * none would be given. */
bool cfi_branches_are_offered(const struct cfi_branches *branches);

/*
 * The oldest branch, for `thief`, who calls; NULL: there is none. From then on
 * its worker->running is the branch's task, and it is to run it, by
 * cfi_branch_run().
 */
struct cfi_slot *cfi_branches_steal(struct cfi_branches *branches,
                                    struct cfi_worker *thief);

/* Runs it; `running` is what the thief's worker->running was before. */
void cfi_branch_run(struct cfi_slot *slot, struct cfi_worker *thief,
                    struct cf_future *running);

/* --- for who runs a task or a branch --- */

/* Where a task's branches begin that runs on this worker next. */
static inline size_t cfi_branch_first(const struct cfi_worker *worker)
{
    /* relaxed: our own end */
    return worker->branches == NULL
               ? 0
               : atomic_load_explicit(&worker->branches->young,
                                      memory_order_relaxed);
}

/* Ends what is open from `first` on, since nobody will join it. */
void cfi_branch_drop(struct cf_task *task, size_t first);

#endif
