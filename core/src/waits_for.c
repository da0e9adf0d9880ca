/* SPDX-License-Identifier: MIT */
/*
 * The graph of waits: an edge from a running task's future to the future it
 * waits for without time-out. A task waits for one at a time, so every future
 * has at most one edge, and the graph is a set of chains; a chain that comes
 * back to its start is a deadlock.
 *
 *      A runs, waits for B;  B runs, waits for C;  C is about to wait for A
 *      A --> B --> C --x
 *
 * A future that is final ends a chain: who waits for it wakes, though he may
 * not have come to take his edge back, and its own edge, which is there while
 * a thread that was written off sleeps on, keeps nobody. Not so where a task
 * runs inside another one's wait: that one goes on when the thread comes back,
 * whatever has become of the inner future. So an edge says which it is.
 *
 * One lock guards all edges, of all executors, since a circle may go through
 * several. It is taken only by workers that are about to sleep: a task that runs
 * another inside its wait notes that edge when the inner one sleeps, since a
 * thread that runs closes no circle; so does one that runs another executor's
 * task inside a submit (shift.h). Who waits
 * holds a reference to what it waits for until its edge is gone, so under the
 * lock a chain can be walked safely. After a fork the child has no waiting
 * worker: what the lock guarded is void there, and no task runs.
 */
#include "waits_for.h"

#include <stdio.h>

#include "last_error.h"
#include "shift.h"

static struct cfi_lock lock;

static struct cf_future *own_task(void)
{
    struct cfi_worker *worker = cfi_worker_current();
    return worker != NULL ? worker->running : NULL;
}

/* In an edge: what it leads to runs inside the task that it comes from. */
#define RUNS_INSIDE ((uintptr_t)1)

static struct cf_future *end_of(uintptr_t edge)
{
    return (struct cf_future *)(edge & ~RUNS_INSIDE);
}

static const char *name_of(const struct cf_future *future)
{
    const char *name = cf_future_name(future);
    return name[0] != '\0' ? name : "a task without name";
}

/* Notes the refusal, naming the tasks of the circle. Lock held. */
static void name_circle(const struct cf_future *own,
                        const struct cf_future *future)
{
    char names[200];
    size_t used = 0;

    for (; future != own && used < sizeof names;
         future = end_of(cfi_rest(future)->waits_for))
        used += (size_t)snprintf(names + used, sizeof names - used,
                                 "%s waits for ", name_of(future));
    cfi_fail(CF_DEADLOCK, "a circle of waits: %s waits for %s%s%s",
             name_of(own), used > 0 ? names : "",
             used < sizeof names ? "" : "... ", name_of(own));
}

/* From the innermost to the first that is noted already. Lock held. */
static void note_help(struct cfi_help *help)
{
    for (; help != NULL && !help->is_noted; help = help->up) {
        if (help->outer != NULL)
            cfi_rest(help->outer)->waits_for =
                (uintptr_t)help->inner | RUNS_INSIDE;
        help->is_noted = true;
    }
}

void cfi_help_forget(const struct cfi_help *help)
{
    cfi_lock(&lock);
    cfi_rest(help->outer)->waits_for = 0;
    cfi_unlock(&lock);
}

/* Does who waits for `future` wait for `own`? Lock held. */
static bool leads_to(struct cf_future *future, const struct cf_future *own)
{
    uintptr_t edge = (uintptr_t)future;

    while (edge != 0) {
        const struct cf_future *next = end_of(edge);
        if (!(edge & RUNS_INSIDE) && cfi_future_is_final(next))
            return false;
        if (next == own)
            return true;
        edge = cfi_rest(next)->waits_for;
    }
    return false;
}

/* Lock held. */
static bool note(struct cf_future *own, struct cf_future *future)
{
    bool can_end = !leads_to(future, own);

    if (can_end)
        cfi_rest(own)->waits_for = (uintptr_t)future;
    else
        name_circle(own, future);
    return can_end;
}

bool cfi_waits_for_note(struct cf_future *own, struct cf_future *future)
{
    cfi_lock(&lock);
    bool can_end = note(own, future);
    cfi_unlock(&lock);
    return can_end;
}

void cfi_waits_for_forget(struct cf_future *own)
{
    cfi_lock(&lock);
    cfi_rest(own)->waits_for = 0;
    cfi_unlock(&lock);
}

/* A task waits for what is run inside of it for another executor. Lock held. */
static void note_shifts(void)
{
    struct cf_future *inner = own_task();

    for (struct cfi_shift *shift = cfi_shift_current(); shift != NULL;
         shift = shift->up) {
        shift->is_noted = shift->task != NULL && inner != NULL;
        if (shift->is_noted)
            cfi_rest(shift->task)->waits_for = (uintptr_t)inner | RUNS_INSIDE;
        if (shift->before != NULL)
            note_help(shift->before->helping);
        inner = shift->task;
    }
}

/* Lock held. */
static void forget_shifts(void)
{
    for (struct cfi_shift *shift = cfi_shift_current(); shift != NULL;
         shift = shift->up) {
        if (shift->is_noted)
            cfi_rest(shift->task)->waits_for = 0;
        shift->is_noted = false;
    }
}

/* Whoever keeps this worker knows of more waits: its host's. */
static bool can_end_elsewhere(struct cf_future *future)
{
    struct cfi_worker *worker = cfi_worker_of(future->executor);

    return worker == NULL || worker->absence == NULL ||
           worker->absence->waits_for == NULL ||
           worker->absence->waits_for(worker, future);
}

bool cfi_waits_for_begin(struct cf_future *future)
{
    struct cf_future *own = own_task();

    if (own != NULL) {
        cfi_lock(&lock);
        note_help(cfi_worker_current()->helping);
        note_shifts();
        bool can_end = note(own, future);
        if (!can_end)
            forget_shifts();
        cfi_unlock(&lock);
        if (!can_end)
            return false;
    }
    if (can_end_elsewhere(future))
        return true;
    cfi_waits_for_end();
    return false;
}

void cfi_waits_for_after_fork(void)
{
    atomic_store(&lock.word, 0); /* whoever held it does not exist here */
}

void cfi_waits_for_end(void)
{
    struct cf_future *own = own_task();

    if (own == NULL)
        return;
    cfi_lock(&lock);
    cfi_rest(own)->waits_for = 0;
    forget_shifts();
    cfi_unlock(&lock);
}
