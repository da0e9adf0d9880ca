/* SPDX-License-Identifier: MIT */
#include "shift.h"

#include <unistd.h>

#include "gil.h"
#include "watch.h"

_Thread_local struct cfi_this_thread cfi_this_thread;
static _Thread_local struct cfi_shift *current_shift;

void cfi_worker_set_current(struct cfi_worker *worker)
{
    cfi_this_thread.worker = worker;
}

void cfi_shift_begin(struct cfi_shift *shift, struct cfi_worker *worker)
{
    struct cfi_worker *before = cfi_this_thread.worker;

    *shift =
        (struct cfi_shift){.before = before,
                           .up = current_shift,
                           .task = before != NULL ? before->running : NULL};
    current_shift = shift;
    cfi_this_thread.worker = worker;
}

void cfi_shift_end(struct cfi_shift *shift)
{
    if (current_shift != shift)
        return; /* a fork came between: this process has no worker */
    current_shift = shift->up;
    cfi_this_thread.worker = shift->before;
}

struct cfi_shift *cfi_shift_current(void)
{
    return current_shift;
}

struct cfi_worker *cfi_worker_of_outer(const struct cf_executor *executor)
{
    const struct cfi_shift *shift = current_shift;

    while (shift != NULL &&
           (shift->before == NULL || shift->before->executor != executor))
        shift = shift->up;
    return shift != NULL ? shift->before : NULL;
}

struct cfi_standing cfi_standing_of_this_thread(void)
{
    return (struct cfi_standing){cfi_this_thread.worker, current_shift,
                                 cfi_calling_current()};
}

void cfi_standing_adopt(const struct cfi_standing *standing)
{
    cfi_this_thread.worker = standing->worker;
    current_shift = standing->shift;
    cfi_calling_adopt(standing->calling);
}

bool cfi_shift_is_again(const struct cfi_shift *shift)
{
    const struct cfi_worker *worker = cfi_this_thread.worker;

    for (const struct cfi_shift *inner = current_shift;
         inner != shift && worker != shift->before; inner = inner->up)
        worker = inner->before;
    return worker == shift->before;
}

/* --- the shared lock --- */

void cfi_blocking_begin(struct cfi_worker *worker)
{
    if (worker != NULL && worker->gil != NULL && worker->away++ == 0)
        cfi_gil_release(worker->gil);
}

void cfi_blocking_end(struct cfi_worker *worker)
{
    if (worker != NULL && worker->gil != NULL && --worker->away == 0)
        cfi_gil_acquire(worker->gil);
}

void cfi_sleep_begin(void)
{
    cfi_blocking_begin(cfi_this_thread.worker);
    for (const struct cfi_shift *shift = current_shift; shift != NULL;
         shift = shift->up)
        cfi_blocking_begin(shift->before);
}

void cfi_sleep_end(void)
{
    cfi_blocking_end(cfi_this_thread.worker);
    for (const struct cfi_shift *shift = current_shift; shift != NULL;
         shift = shift->up)
        cfi_blocking_end(shift->before);
}

void cfi_worker_come_back(struct cfi_worker *worker)
{
    if (worker->gil == NULL) /* a fork came between */
        return;
    worker->away = 0;
    cfi_gil_acquire(worker->gil);
}

void cfi_worker_go_away(struct cfi_worker *worker, unsigned away)
{
    if (worker->gil == NULL) /* a fork came between */
        return;
    worker->away = away;
    cfi_gil_release(worker->gil);
}

/* --- */

/* The space of a task that has travelled is shared: it is the parent's, and then
 * that of a later task. What the child gives stays with the child. */
static void keep_apart(struct cf_task *task)
{
    if (task->outcome->result == task->space)
        cfi_outcome_empty(task->outcome);
    task->space_bytes = 0;
}

/* A copy, in a child that is no worker; the task still knows it. */
static void be_no_worker(struct cfi_worker *worker, bool is_threads_own)
{
    if (worker == NULL)
        return;
    worker->gil = NULL;
    worker->is_forked = is_threads_own && worker->travelled == NULL;
    if (worker->travelled != NULL)
        keep_apart(worker->travelled);
}

void cfi_worker_after_fork(void)
{
    be_no_worker(cfi_this_thread.worker, current_shift == NULL);
    for (const struct cfi_shift *shift = current_shift; shift != NULL;
         shift = shift->up)
        be_no_worker(shift->before, shift->up == NULL);
    cfi_this_thread.worker = NULL;
    current_shift = NULL;
}

_Noreturn void cfi_worker_end_forked(void)
{
    _exit(0);
}
