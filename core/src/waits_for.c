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
 * One lock guards all edges, of all executors, since a circle may go through
 * several. It is taken only by workers that are about to sleep. Who waits
 * holds a reference to what it waits for until its edge is gone, so under the
 * lock a chain can be walked safely. After a fork the child has no waiting
 * worker: what the lock guarded is void there, and no task runs.
 */
#include "waits_for.h"

static struct cfi_lock lock;

static struct cf_future *own_task(void)
{
    struct cfi_worker *worker = cfi_worker_current();
    return worker != NULL ? worker->running : NULL;
}

bool cfi_waits_for_begin(struct cf_future *future)
{
    struct cf_future *own = own_task();
    if (own == NULL)
        return true;

    cfi_lock(&lock);
    struct cf_future *last = future;
    while (last != NULL && last != own)
        last = last->waits_for;
    bool is_fine = last == NULL;
    if (is_fine)
        own->waits_for = future;
    cfi_unlock(&lock);
    return is_fine;
}

void cfi_waits_for_end(void)
{
    struct cf_future *own = own_task();
    if (own == NULL)
        return;
    cfi_lock(&lock);
    own->waits_for = NULL;
    cfi_unlock(&lock);
}
