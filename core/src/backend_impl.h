/* SPDX-License-Identifier: MIT */
#ifndef CFI_BACKEND_IMPL_H
#define CFI_BACKEND_IMPL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/backend.h>
#include <cf/executor.h>

#include "future_impl.h"
#include "range.h"

/* What became of a future that a transport carries. */
enum cfi_take {
    CFI_TAKEN,     /* it came back: never starts; the caller holds what the
                      transport held (its reference, the duty to finish)    */
    CFI_STARTED,   /* it has started, or has ended                          */
    CFI_ELSEWHERE, /* it is on its way from one place to another: ask again */
};

/* What options and calls may ask of a backend; the rest is refused. */
enum cfi_ability {
    CFI_CAN_LIMIT = 1 << 0,    /* cf_call.timeout_ns          */
    CFI_CAN_RETRY = 1 << 1,    /* cf_call.retries             */
    CFI_CAN_HAND_ON = 1 << 2,  /* objects: tasks do not travel */
    CFI_CAN_REPLACE = 1 << 3,  /* max_tasks_per_worker        */
    CFI_CAN_IDLE_OUT = 1 << 4, /* idle_timeout_ns             */
    CFI_CAN_WEIGH = 1 << 5,    /* max_worker_bytes            */
    CFI_CAN_STACK = 1 << 6,    /* stack_bytes                 */
    CFI_CAN_BIND = 1 << 7,
    CFI_CAN_NAME = 1 << 8,
    CFI_CAN_OBSERVE = 1 << 9,
    CFI_CAN_PREFER = 1 << 10,  /* cf_call.priority            */
    CFI_CAN_PROCESS = 1 << 11, /* start_method and its like; else they mean
                                  nothing                      */
    CFI_CAN_LOAD = 1 << 12,    /* what a function lies in: its workers see the
                                  files that we see            */
};

/*
 * All that a backend must do. A filled table is the last thing in its file. A
 * backend that this build lacks is a table with a reason.
 */
struct cf_backend {
    const char *name;    /* as typed on the command line: "thread"   */
    const char *about;   /* one line: what it is for                 */
    const char *missing; /* why this build cannot run it, else NULL  */

    /* What users know it by, where it is another backend's other end: in a
     * worker process, see worker_executor.c. NULL: itself. */
    const struct cf_backend *face;

    /* Where that depends on a module: the reason, NULL where it is there. */
    const char *(*find_missing)(void);

    /* A task cannot run in its caller: it needs what a worker has. */
    bool needs_worker;

    unsigned abilities; /* of enum cfi_ability */

    /* What a task has submitted, while another task waits for it, is run by a
     * further worker: pool_relief.c. */
    bool relieves;

    /* submit() takes tasks whose argument is lent (lent.h). */
    bool takes_lent;

    /* How many workers when the options name none. */
    size_t (*default_workers)(void);

    /* Starts the backend; `*state` is its own until destroy(). The options
     * are in the executor. */
    enum cf_status (*start)(struct cf_executor *executor, void **state);

    /*
     * Sees to it that `first`, and after it the others of its chunk, are
     * claimed, run and finished, once. Takes over one reference of each; on
     * failure none, and nothing was queued.
     */
    enum cf_status (*submit)(void *state, struct cf_future *first);

    /* The same for many at once, in chunks of `chunk`; NULL: submit() chunk by
     * chunk serves. A long array comes in several calls, or, where it is to be
     * one piece of work, in one. */
    enum cf_status (*submit_array)(void *state,
                                   struct cf_future *const *futures,
                                   size_t count, size_t chunk);
    bool takes_whole_arrays;

    /* The same for parts of one piece of work, by a caller that sleeps until
     * all are done, or else takes part: idle workers are to come up on different
     * processors. NULL: that is left to the kernel. */
    enum cf_status (*submit_parts)(void *state,
                                   struct cf_future *const *futures,
                                   size_t count, bool caller_sleeps);

    /* Without it: submit() of one chunk of an array, which was counted in and
     * waits for no room. NULL: submit() knows of none. */
    enum cf_status (*submit_of_array)(void *state, struct cf_future *first);

    /* cf_map_into() by means of its own; NULL: tasks over ranges serve. */
    enum cf_status (*map_into)(void *state, const struct cfi_range *range);

    /* Cancels what has not started. The executor takes no more tasks. */
    void (*cancel_pending)(void *state);

    /* Only where tasks run in another address space, else NULL: tells them
     * that executor->stopping was set; and see cfi_future_send(). */
    void (*tell_stopping)(void *state);
    enum cfi_take (*take_back)(void *state, struct cf_future *future);
    bool (*has_started)(void *state, const struct cf_future *future);

    /* Only where an executor's tasks are submitted from inside one, else NULL:
     * a worker that waits for a task which has not started is to run it
     * itself. True: it is claimed; give_back() follows when it is final. */
    bool (*borrow)(void *state, struct cf_future *future);
    void (*give_back)(void *state, struct cf_future *future);

    /* It was shut down, or is being destroyed: where that is to be passed on,
     * or nothing will come any more; else NULL. */
    void (*close)(void *state, enum cf_shutdown_how how);

    /* There too: it was, by another process; else NULL. */
    bool (*is_closed)(void *state);

    /* There too: the executor's handler is in another process. */
    void (*tell_unread)(void *state, const char *name,
                        const struct cf_error *error);

    /* Where that may be another machine: the name of a worker's. Valid as long
     * as the state. */
    const char *(*host_of)(void *state, size_t worker);

    /* There too: a waiter may fetch answers itself. fetch() looks for one that
     * is near before the thread gets ready to sleep; sleep() sleeps as
     * cfi_interruptible_wait() does on its word, fetching what comes. */
    void (*fetch)(void *state, const struct cf_future *future,
                  int64_t deadline_ns);
    bool (*sleep)(void *state, const struct cf_future *future, uint32_t word,
                  int64_t deadline_ns);

    /* The worker of that number has not come back from a task that is ending
     * without it: may be replaced until it does. NULL: it cannot be. */
    void (*write_off)(void *state, size_t worker);

    /* Only where tasks travel, else NULL: cf_stop() for one that has started.
     * CF_OK; CF_INVALID (it has ended); CF_AGAIN. */
    enum cf_status (*stop_task)(void *state, struct cf_future *future,
                                int64_t grace_ns);

    /* cf_set_workers(), with cfi_executor_change_workers(). NULL: it cannot. */
    enum cf_status (*set_workers)(void *state, size_t count);

    /* Ends the workers; every future is final. */
    void (*stop)(void *state);

    /* Frees the state: after stop(), when no future of it is left. */
    void (*destroy)(void *state);

    /* In a forked child of the host, in place of both: gives back what a fork
     * copies beside memory (its descriptors are closed already), and takes no
     * lock. NULL: there is nothing. */
    void (*abandon)(void *state);
};

#endif
