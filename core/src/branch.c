/* SPDX-License-Identifier: MIT */
/*
 * Fork and join inside a task: branches.c has where branches wait and who
 * takes them, this file runs them and waits for those that were taken.
 *
 * Who joins what another has taken runs branches of that other one meanwhile
 * ("leapfrogging", Wagner and Calder 1993). A worker steals only while it has
 * none to be stolen itself; so whatever the thief has open was forked by the
 * branch that is waited for, or by a task that this one waits for: it has to
 * end before the join does, whatever locks the joining task holds, and lies
 * deeper in the recursion, so that no stack grows larger than if one worker did
 * all. Where there is none, it looks for a while, then sleeps until the thief
 * has ended the branch, or forks again.
 *
 * Nobody waits in a circle: who waits for a branch waits for what runs deeper,
 * and the deepest runs. So no spare worker is needed for it.
 */
#include "branches.h"

#include "clock.h"
#include "executor_impl.h"
#include "last_error.h"
#include "pool_impl.h"
#include "spin.h"
#include "task_impl.h"

/* The call, from either kind of caller; nothing of it stays open. */
static inline enum cf_status call(struct cf_task *task,
                                  cf_branch_function *function, void *arg)
{
    size_t first = task->open;

    task->branch_depth++;
    enum cf_status status = function(task, arg);
    task->branch_depth--;
    if (task->open == first)
        return status;
    cfi_branch_drop(task, first);
    return cfi_fail(CF_INVALID, "a branch returned with open branches");
}

void cfi_branch_run(struct cfi_slot *slot, struct cfi_worker *thief,
                    struct cf_future *running)
{
    struct cfi_outcome none = {0}; /* a branch gives no result */
    size_t first = cfi_branch_first(thief);
    struct cf_task task = {
        .worker = thief,
        .future = slot->task->future,
        .attempt = slot->task->attempt,
        .outcome = &none,
        .first = first,
        .open = first,
    };

    slot->status = call(&task, slot->function, slot->arg);
    atomic_store(&thief->running, running);
    atomic_store(&slot->has_ended, 1); /* the slot is the owner's again */
    cfi_eventcount_notify(&thief->station->branches.news, CFI_EVERYBODY);
}

/* --- waiting for a thief --- */

static bool has_ended(const struct cfi_slot *slot)
{
    return atomic_load(&slot->has_ended) != 0;
}

/* Runs the oldest that the thief has open; false: there is none. */
static bool leapfrog(struct cfi_branches *thief, struct cfi_worker *worker)
{
    struct cf_future *running = atomic_load(&worker->running);
    struct cfi_slot *slot = cfi_branches_steal(thief, worker);

    if (slot != NULL)
        cfi_branch_run(slot, worker, running);
    return slot != NULL;
}

/* Looks for a while. True: there is something. */
static bool spin(const struct cfi_slot *slot, const struct cfi_branches *thief)
{
    static _Thread_local struct cfi_spin spin;
    bool is_there = false;

    if (!cfi_spin_pays(&spin))
        return false;
    int64_t begun_ns = cfi_now_ns(), now_ns = begun_ns;
    for (unsigned round = 1; !is_there && now_ns < begun_ns + CFI_SPIN_NS;
         round++) {
        cfi_spin_rest(round);
        is_there = has_ended(slot) || cfi_branches_are_offered(thief);
        now_ns = cfi_now_ns();
    }
    cfi_spin_note(&spin, is_there, now_ns - begun_ns);
    return is_there;
}

static void await(const struct cfi_slot *slot, struct cfi_worker *worker)
{
    struct cfi_branches *thief = slot->thief;

    while (!has_ended(slot)) {
        if (leapfrog(thief, worker) || spin(slot, thief))
            continue;
        uint32_t key = cfi_eventcount_prepare(&thief->news);
        atomic_store(&thief->is_followed, 1);
        if (has_ended(slot) || cfi_branches_are_offered(thief))
            cfi_eventcount_cancel(&thief->news);
        else
            cfi_eventcount_wait(&thief->news, key, INT64_MAX);
    }
}

/* A thief was seen at branch `at`, which was open last. True: it is the
 * caller's. False: it has ended, as `*status` tells. */
static bool settle(const struct cf_task *task, size_t at,
                   enum cf_status *status)
{
    struct cfi_worker *worker = task->worker;
    struct cfi_branches *mine = worker->branches;
    const struct cfi_slot *slot = cfi_slot_at(mine, at);

    *status = cfi_executor_check_ours(worker->executor);
    if (*status != CF_OK) { /* in a forked child nobody runs it */
        atomic_store(&mine->old, at);
        return false;
    }
    if (cfi_branches_settle(mine, at))
        return true;
    await(slot, worker);
    *status = slot->status;
    cfi_branches_close(mine, at);
    return false;
}

void cfi_branch_drop(struct cf_task *task, size_t first)
{
    struct cfi_branches *mine = task->worker->branches;
    enum cf_status status;

    while (task->open > first) {
        size_t at = --task->open;
        /* else it was never put in */
        if (mine != NULL && cfi_branch_first(task->worker) == at + 1 &&
            !cfi_branches_pop(mine, at))
            settle(task, at, &status);
    }
}

/* --- the calls; what they seldom need is apart --- */

__attribute__((noinline)) static void fork_farther(struct cfi_branches *mine,
                                                   const struct cf_task *task,
                                                   struct cf_branch *branch)
{
    struct cfi_slot *slot = cfi_slot_at(mine, branch->at);

    if (slot == NULL)
        slot = cfi_branches_grow(mine, branch->at);
    if (slot != NULL)
        cfi_branches_push(mine, branch->at, slot, task, branch);
}

__attribute__((noinline)) static enum cf_status
join_with_a_thief(struct cf_task *task, struct cf_branch *branch)
{
    enum cf_status status;

    return settle(task, branch->at, &status)
               ? call(task, branch->function, branch->arg)
               : status;
}

/* Without a task nobody counts branches: one that was joined has no function. */
static enum cf_status join_alone(struct cf_branch *branch)
{
    cf_branch_function *function = branch->function;

    if (function == NULL)
        return cfi_fail(CF_INVALID, "the branch was joined already");
    branch->function = NULL;
    return function(NULL, branch->arg);
}

void cf_branch_fork(struct cf_task *task, struct cf_branch *branch,
                    cf_branch_function *function, void *arg)
{
    branch->function = function;
    branch->arg = arg;
    branch->slot = NULL;
    if (task == NULL)
        return;
    struct cfi_branches *mine = task->worker->branches;
    size_t at = branch->at = task->open++;
    /* behind one that could not be put in, none is: relaxed, our own end */
    if (mine == NULL ||
        atomic_load_explicit(&mine->young, memory_order_relaxed) != at)
        return;
    struct cfi_slot *slots =
        atomic_load_explicit(&mine->segments[0], memory_order_relaxed);
    if (at < CFI_FIRST_SLOTS && slots != NULL)
        cfi_branches_push(mine, at, slots + at, task, branch);
    else
        fork_farther(mine, task, branch);
}

enum cf_status cf_branch_join(struct cf_task *task, struct cf_branch *branch)
{
    if (task == NULL)
        return join_alone(branch);
    size_t at = branch->at;
    if (task->open != at + 1)
        return cfi_fail(CF_INVALID, "not the branch that was forked last");
    task->open = at;
    if (branch->slot != NULL && !cfi_branches_pop(task->worker->branches, at))
        return join_with_a_thief(task, branch);
    return call(task, branch->function, branch->arg);
}
