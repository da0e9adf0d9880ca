/* SPDX-License-Identifier: MIT */
#ifndef CF_OBSERVER_H
#define CF_OBSERVER_H

#include <stddef.h>
#include <stdint.h>

#include <cf/future.h>
#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

enum cf_event_kind {
    CF_EVENT_SUBMITTED,      /* a task was accepted                          */
    CF_EVENT_STARTED,        /* a worker has begun an attempt at it          */
    CF_EVENT_FINISHED,       /* it has an outcome, whichever and whoever's   */
    CF_EVENT_WORKER_STARTED, /* a worker is about to take its first task     */
    CF_EVENT_WORKER_ENDED,   /* it takes no more                             */
};

/* What happened. Fields that an event has nothing to say of are 0. */
struct cf_event {
    enum cf_event_kind kind;
    struct cf_future *future; /* lent for the call; NULL: a worker's event   */
    const char *name;         /* the task's, "" without one                  */
    size_t worker;            /* its index; SIZE_MAX: none                   */
    int64_t pid;              /* the process the worker is, or is a part of  */
    int64_t time_ns;          /* monotonic clock                             */
    int64_t cpu_ns;           /* FINISHED: CPU time of its last attempt      */
    uint64_t voluntary_switches;   /* FINISHED: how often that attempt slept */
    uint64_t involuntary_switches; /* FINISHED: and was made to yield        */
    enum cf_status status;         /* FINISHED: its outcome                  */
    unsigned attempt;              /* STARTED, FINISHED: which; 0: none ran  */
    uintptr_t reserved[4];
};

/*
 * Told of what an executor does, in the thread where it happens, with no lock
 * held: SUBMITTED before the submit returns, FINISHED before any waiter sees the
 * outcome. Not where tasks travel: CF_PROCESS and CF_MPI refuse one. It
 * must be safe to call from several threads at once; while it runs, its thread
 * does nothing else. It must not wait for tasks of the executor, nor for room in
 * its queue (`max_pending`): where a limit is over, its thread is the one that
 * keeps the limits of all. The event is valid during the call.
 */
typedef void cf_observer(const struct cf_event *event, void *context);

#ifdef __cplusplus
}
#endif
#endif
