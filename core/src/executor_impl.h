/* SPDX-License-Identifier: MIT */
#ifndef CFI_EXECUTOR_IMPL_H
#define CFI_EXECUTOR_IMPL_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <cf/executor.h>

#include "backend_impl.h"
#include "eventcount.h"
#include "inner_threads.h"
#include "tally.h"
#include "timekeeper.h"

/* Values of `broken`. */
enum { CFI_WHOLE, CFI_BREAKING, CFI_IS_BROKEN };

/* A running backend. Lives until the last of its handle and, where its tasks
 * travel, its futures is gone. */
struct cf_executor {
    const struct cf_backend *backend; /* set at birth, then only read */
    void *state;
    struct cf_options options; /* as given, with copies of what they point at */
    _Atomic size_t max_workers; /* cf_set_workers() changes it */
    size_t first_worker; /* index of the first; 0 but in a part of another */
    size_t first_spare;  /* of the first who stands in for another: in a part,
                            whose tasks have travelled; 0: it is none       */
    _Atomic size_t max_spare_workers; /* so may that, where not chosen */
    cf_observer *observer;
    enum cf_start_method start_method; /* of processes; what was chosen */
    bool start_all;
    bool record_times;
    _Atomic size_t limit; /* of tasks without an outcome; 0: none */
    enum cf_when_full when_full;
    int inner_threads; /* what a worker tells these, where not NULL */
    cfi_inner_setter *inner_setters[CFI_INNER_SETTERS];
    cf_initializer *initializer;
    cf_finalizer *finalizer;
    void *initializer_arg; /* a copy */
    size_t initializer_arg_bytes;
    cf_error_handler *on_error;
    void *on_error_context;
    uint64_t fork_generation;   /* of the process that made it */
    uint64_t birth;             /* of its futures: cfi_future_birth() */
    _Atomic bool gives_results; /* see cfi_gives_results() */

    _Atomic uint32_t closed;   /* takes no more tasks                        */
    _Atomic uint32_t cancels;  /* and what has not started is cancelled      */
    _Atomic uint32_t stopping; /* running tasks are asked to end             */
    _Atomic uint32_t broken;   /* can run nothing more: CF_BROKEN            */
    char broken_why[160];      /* set before `broken` */
    _Atomic int event_fd;      /* readable when tasks end; one higher, 0 none */

    /* Tasks by what became of them; see tally.h. An outcome is counted before
     * it is published, so that who has seen one result and submits the next
     * finds a worker free (three submits, one worker); a task is out after its
     * callbacks, which shutdown waits for. A join turns `epoch`, so that later
     * tasks are told from earlier ones. */
    struct cfi_outside outside[CFI_THREAD_SLOTS];
    _Atomic(struct cfi_tally *) tallies; /* the workers'              */
    _Atomic uint32_t looked;             /* see cfi_tally_unfinished() */

    /* Workers that have not come back from a task that was written off. */
    _Atomic size_t written_off;

    _Atomic uint64_t buffers_sent; /* see cf_executor_stats() */

    _Atomic size_t occupied;    /* with a limit: tasks without an outcome */
    struct cfi_eventcount room; /* notified when that falls           */

    _Atomic uint32_t epoch;
    _Atomic uint32_t turned[CFI_EPOCHS]; /* to each, how often: by a join */
    _Atomic uint32_t awaiting;           /* threads that wait for ...       */
    struct cfi_eventcount all_ended;     /* ... this: all of an epoch left  */
    _Atomic uint32_t is_joining; /* one join turns the epoch at a time */
    struct cfi_eventcount join_ended;

    struct cfi_timekeeper timekeeper; /* limits, and rungs to climb          */
    struct cfi_timekeeper caller;     /* callbacks of what those have ended,
                                         which may block: its alarms are due  */

    /* Apart from what others read with every task: one is taken for each that
     * travels. */
    _Alignas(64) _Atomic uint32_t references;
};

/* As cf_executor_create(), for a part of another executor: its workers are
 * numbered from `first_worker` on, those who stand in for one of them from
 * `first_spare` on (not 0; 0: it is no part). */
CF_MUST_CHECK enum cf_status
cfi_executor_create_part(const struct cf_backend *backend,
                         const struct cf_options *options, size_t first_worker,
                         size_t first_spare, struct cf_executor **executor);

/* An error of a future that is being freed was never read: counts it, tells
 * the handler. */
void cfi_executor_unread_error(struct cf_executor *executor, const char *name,
                               const struct cf_error *error);

/* Some of its tasks have given small results for which their futures had no
 * room in their blocks: those to come shall. */
static inline bool cfi_gives_results(const struct cf_executor *executor)
{
    /* relaxed: it is about speed alone */
    return atomic_load_explicit(&executor->gives_results, memory_order_relaxed);
}

/* Takes no more tasks, as a shutdown of that kind does, which then cancels what
 * has not started; can run nothing more, for a reason (the first one stays).
 * Both wake who waits for room. */
void cfi_executor_close(struct cf_executor *executor, unsigned how);
void cfi_executor_break(struct cf_executor *executor, const char *why);
static inline bool cfi_executor_is_broken(const struct cf_executor *executor)
{
    return atomic_load(&executor->broken) == CFI_IS_BROKEN;
}

/* A worker begins and ends: its initializer and finalizer. False: it failed,
 * and the executor is broken. */
bool cfi_worker_begin(struct cfi_worker *worker, struct cf_executor *executor);
void cfi_worker_end(struct cfi_worker *worker,
                    const struct cf_executor *executor);

/* How many may stand in for `count` workers, where nothing else was chosen; where
 * the backend has relief threads, so many more, for they wait for each other. */
static inline size_t cfi_spares_for(const struct cf_executor *executor,
                                    size_t count)
{
    return executor->backend->relieves ? 4 * count : count;
}

/* cf_set_workers(), for the backend. There are no fewer to spare afterwards: who
 * sleeps in a wait by then may count on them, and keeps a worker that is one
 * too many until he wakes. */
static inline void cfi_executor_change_workers(struct cf_executor *executor,
                                               size_t count)
{
    size_t spare = cfi_spares_for(executor, count);

    executor->max_workers = count;
    if (executor->options.max_spare_workers == 0 &&
        executor->max_spare_workers < spare)
        executor->max_spare_workers = spare;
}

/* Ends a chunk CF_BROKEN instead of running it; gives its references back. */
void cfi_future_break(struct cf_future *first);

void cfi_executor_write_event(int fd);

/* A task has ended: tells who asked for a descriptor. */
static inline void cfi_executor_raise_event(struct cf_executor *executor)
{
    int fd = atomic_load(&executor->event_fd) - 1;

    if (fd >= 0)
        cfi_executor_write_event(fd);
}

void cfi_executor_close_fd(struct cf_executor *executor);

/* Waits until no task is open: the executor is closed. CF_OK, CF_TIMEOUT. */
enum cf_status cfi_executor_await_all(struct cf_executor *executor,
                                      int64_t deadline_ns);

/* Is this thread inside one of the executor's tasks or callbacks? */
bool cfi_executor_is_inside(const struct cf_executor *executor);

/* References: the handle's, and one for each future whose backend has
 * take_back(). The last one frees. */
void cfi_executor_retain(struct cf_executor *executor);
void cfi_executor_release(struct cf_executor *executor);

/* Forks as the executor's maker wants it: see cf_fork_hook. */
pid_t cfi_executor_fork(const struct cf_executor *executor, bool exec_follows);

/* Has forks counted from now on; before the first executor is made. */
void cfi_fork_watch(void);

/* How often this process's line of ancestors forked since the library first
 * looked; fork handlers raise it. cfi_fork_note() raises it by hand after a
 * raw clone. */
extern _Atomic uint64_t cfi_generation; /* fork.c writes it */

static inline uint64_t cfi_fork_generation(void)
{
    /* relaxed: changes only in a child that has a single thread */
    return atomic_load_explicit(&cfi_generation, memory_order_relaxed);
}
void cfi_fork_note(void);

/* Which process it was whose generation had these low bits; 0: it is too many
 * forks ago. */
pid_t cfi_fork_pid_of(uint16_t generation);

/* Does this process own the executor (false in a forked child)? The second
 * says CF_BROKEN and why. */
static inline bool cfi_executor_is_ours(const struct cf_executor *executor)
{
    return executor->fork_generation == cfi_fork_generation();
}

enum cf_status cfi_executor_fail_not_ours(void);

CF_MUST_CHECK static inline enum cf_status
cfi_executor_check_ours(const struct cf_executor *executor)
{
    return cfi_executor_is_ours(executor) ? CF_OK
                                          : cfi_executor_fail_not_ours();
}

#endif
