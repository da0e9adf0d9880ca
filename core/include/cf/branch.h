/* SPDX-License-Identifier: MIT */
#ifndef CF_BRANCH_H
#define CF_BRANCH_H

#include <stddef.h>

#include <cf/status.h>
#include <cf/task.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Fork and join: a task divides its own work into branches that live on its
 * stack. For recursion, where a future for each call would cost more than the
 * call: a branch that nobody else took costs two function calls and two locked
 * instructions.
 *
 *     static enum cf_status fib(struct cf_task *task, void *arg)
 *     {
 *         long *n = arg, less = *n - 1;
 *         struct cf_branch branch;
 *
 *         if (*n < 2)
 *             return CF_OK;
 *         cf_branch_fork(task, &branch, fib, &less);
 *         *n -= 2;
 *         enum cf_status status = fib(task, n);
 *         enum cf_status other = cf_branch_join(task, &branch);
 *         *n += less;
 *         return status != CF_OK ? status : other;
 *     }
 *
 * A branch is a part of its task, no task of its own: it has no future, and
 * cannot be cancelled, limited in time, tried again, called back for, observed
 * or counted (the CPU time of a task is that of the worker which has it, without
 * its branches elsewhere). cf_stopping() and time limits are its task's. What it
 * brings it leaves where `arg` points; how it ended is a status, no more.
 *
 * On CF_THREAD, and in a rank of CF_MPI whose workers are threads, workers that
 * find no task to run take branches of running tasks, the oldest first. What
 * nobody has taken by then runs inside the join, and everything runs so on the
 * other backends, where the stack is another process's (CF_PROCESS), one
 * computes at a time (CF_SERIAL, CF_GIL), or the runtime shares out loops alone
 * (CF_OPENMP). The results are the same everywhere. So a task must not wait,
 * before its join, for something that only the branch would bring about.
 * Branches may submit and wait for futures as their task may; of circles of
 * waits (CF_DEADLOCK) those through two branches of a task that wait at once may
 * go unnoticed.
 *
 * The functions below may be called where `task` may: inside the task, or
 * inside the branch that was given it. NULL stands for no task: then the branch
 * runs inside its join, with NULL for its task, which may be asked like any:
 * cf_stopping() is false, its index SIZE_MAX, its state and executor NULL.
 */
struct cf_branch;

/*
 * What a branch runs. `arg` is the pointer given at fork, not copied. `task` is
 * for the calls of this header, cf_stopping(), cf_blocking_begin() and those
 * that ask who runs it: where another worker does, its index and its state.
 * The task's result is not the branch's to give: cf_return() and its like are
 * CF_INVALID here, and cf_raise() does nothing but return CF_EXCEPTION.
 */
typedef enum cf_status cf_branch_function(struct cf_task *task, void *arg);

/* A forked branch: the caller's memory, usually on the stack, to be left alone
 * from fork to join. What is in it is the library's own. */
struct cf_branch {
    cf_branch_function *function;
    void *arg;
    size_t at;
    void *slot;
};

/*
 * Offers `function` to whoever is idle. It and what `arg` points at must stay
 * until the join, which must follow before the function that forked returns.
 * Never blocks, but for a few instructions of another worker's, and cannot
 * fail: without memory the branch runs inside the join. May start a worker, as
 * a submit may.
 */
CF_API void cf_branch_fork(struct cf_task *task, struct cf_branch *branch,
                           cf_branch_function *function, void *arg);

/*
 * Ends the branch forked last, of those that are open: runs it here, or where
 * another worker has taken it, waits until it has ended; meanwhile this one
 * runs branches of that very branch, and nothing else. Returns what `function`
 * returned.
 *
 * CF_INVALID: `branch` is not the one forked last (with no task nobody looks),
 * or was joined already (nothing was done), or its function left branches of
 * its own open. Those are ended as a task's are: one that returns with open
 * branches fails with CF_EXCEPTION, whose code is CF_INVALID; what nobody has
 * taken never runs, and what somebody has is waited for, though what it points
 * at may be gone.
 * CF_BROKEN: in a child that the task has forked, where another worker had
 * taken the branch.
 *
 * It may take as long as the branch: there is no time-out, and cf_interrupt()
 * does not end it. A task that is asked to stop joins all the same.
 */
CF_API CF_MUST_CHECK enum cf_status cf_branch_join(struct cf_task *task,
                                                   struct cf_branch *branch);

#ifdef __cplusplus
}
#endif
#endif
