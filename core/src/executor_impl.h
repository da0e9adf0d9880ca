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
    size_t max_spare_workers;
    unsigned most_depth; /* of tasks inside each other's waits */
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
    uint64_t fork_generation; /* of the process that made it */

    _Atomic uint32_t references;
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
    struct cfi_tally outside[CFI_OUTSIDE_TALLIES];
    _Atomic(struct cfi_tally *) tallies; /* the workers' */

    /* Workers that have not come back from a task that was written off. */
    _Atomic size_t written_off;

    _Atomic uint64_t buffers_sent; /* see cf_executor_stats() */

    _Atomic size_t occupied;    /* with a limit: tasks without an outcome */
    struct cfi_eventcount room; /* notified when that falls           */

    _Atomic uint32_t epoch;
    _Atomic uint32_t awaiting;       /* threads that wait for ...       */
    struct cfi_eventcount all_ended; /* ... this: all of an epoch left  */
    _Atomic uint32_t is_joining;     /* one join turns the epoch at a time */
    struct cfi_eventcount join_ended;

    struct cfi_timekeeper timekeeper; /* limits, and rungs to climb          */
    struct cfi_timekeeper caller;     /* callbacks of what those have ended,
                                         which may block: its alarms are due  */
};

/*
 * Counts `count` tasks in, unless the executor takes none (CF_SHUTDOWN,
 * CF_BROKEN). Each is counted out by its future's end; `*epoch` is for that.
 * enter_bounded() also keeps the limit: waits for room or says CF_FULL; in a
 * task or callback that would have to wait, and where the caller is to run what
 * does not fit, it counts in all the same and sets `*must_run`: to be run by
 * the caller, or queued where it cannot.
 */
enum cf_status cfi_executor_enter(struct cf_executor *executor, size_t count,
                                  uint32_t *epoch);
enum cf_status cfi_executor_enter_bounded(struct cf_executor *executor,
                                          uint32_t *epoch, bool *must_run);

/* The same for a worker in another process: waits for nothing. */
enum cf_status cfi_executor_enter_for_worker(struct cf_executor *executor,
                                             uint32_t *epoch, bool *must_run);

/* How many tasks may run inside each other's waits on one stack; 0: of the
 * usual size. */
unsigned cfi_most_depth(size_t stack_bytes);

/* As cf_executor_create(), for a part of another executor: its workers are
 * numbered from `first_worker` on, those who stand in for one of them from
 * `first_spare` on (not 0; 0: it is no part). */
CF_MUST_CHECK enum cf_status
cfi_executor_create_part(const struct cf_backend *backend,
                         const struct cf_options *options, size_t first_worker,
                         size_t first_spare, struct cf_executor **executor);

/* Counts tasks out: they are over; were not let in, or found no room; were,
 * and their submit failed all the same. */
void cfi_executor_leave(struct cf_executor *executor, size_t count,
                        uint32_t epoch);
void cfi_executor_refuse(struct cf_executor *executor, size_t count,
                         uint32_t epoch);
void cfi_executor_withdraw(struct cf_executor *executor, size_t count,
                           uint32_t epoch);

/* Takes cfi_executor_outcome_known() back: it was not the outcome after all. */
void cfi_executor_outcome_unknown(struct cf_executor *executor,
                                  enum cfi_ending ending);
enum cfi_ending cfi_ending_of(enum cf_status status);

/* An error of a future that is being freed was never read: counts it, tells
 * the handler. */
void cfi_executor_unread_error(struct cf_executor *executor, const char *name,
                               const struct cf_error *error);

/* The two halves of a future's end. */
void cfi_executor_outcome_known(struct cf_executor *executor,
                                enum cfi_ending ending);
void cfi_executor_task_ended(struct cf_executor *executor, uint32_t epoch);

/*
 * The second half for a worker that will come back to it before it does
 * anything that may last: it is counted out, and who waits for the last is not
 * told yet. Another task claimed: begins_task(); all else: catch_up(). say()
 * is both's slow part, for a set of epochs.
 */
void cfi_worker_ended_task(struct cfi_worker *worker, uint32_t epoch);
void cfi_worker_say(struct cfi_worker *worker, uint32_t epochs);

static inline void cfi_worker_begins_task(struct cfi_worker *worker,
                                          uint32_t epoch)
{
    uint32_t others = worker->unsaid & ~(1u << epoch);

    worker->unsaid = 0; /* of its own epoch: that task is in */
    if (others != 0)
        cfi_worker_say(worker, others);
}

static inline void cfi_worker_catch_up(struct cfi_worker *worker)
{
    if (worker->unsaid != 0)
        cfi_worker_say(worker, worker->unsaid);
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
