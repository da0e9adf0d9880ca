/* SPDX-License-Identifier: MIT */
#ifndef CF_OPTIONS_H
#define CF_OPTIONS_H

/* What an executor is made with: see cf_executor_create(). */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include <cf/backend.h>
#include <cf/future.h>
#include <cf/observer.h>
#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* What a submit does while `max_pending` tasks wait. In the executor's tasks and
 * callbacks it never blocks: it runs the task at once instead, or is CF_FULL.
 * What cannot run there is queued beyond the bound: in a callback of the host's
 * where tasks need a worker (process, mpi, gil); in a worker process what has a
 * limit; where tasks inside each other's submits have used half of the stack. */
enum cf_when_full {
    CF_WHEN_FULL_BLOCK, /* waits for room                                    */
    CF_WHEN_FULL_FAIL,  /* CF_FULL                                           */
    CF_WHEN_FULL_RUN,   /* runs the task in the caller, which need be no worker
                           (cf_worker_index()); not on process, mpi or gil
                           (CF_UNSUPPORTED)                                  */
};

/*
 * Told of an error that nobody asked for: a future is freed whose task failed,
 * and neither its result nor its error was ever read. Called by whoever gives
 * the last reference back, with no lock held, so by several threads at once and
 * in no set order; `name` is the task's, "" without one. Texts are valid during
 * the call. It must not wait for tasks of the executor: the thread that calls
 * may be the one that brings their results. Where a task in a worker process
 * gives it back, a thread of the host calls; what such a process has not given
 * back when it ends, nobody is told of.
 */
typedef void cf_error_handler(const char *name, const struct cf_error *error,
                              void *context);

/*
 * Prepares a worker: what it leaves in `*state` (NULL before) is what
 * cf_worker_state() gives the worker's tasks. Anything but CF_OK, or the death
 * of a worker process in it, breaks the executor: what is queued ends
 * CF_BROKEN, create with `start_all` fails with it. Runs in the worker, on
 * CF_SERIAL in the thread that creates.
 */
typedef enum cf_status cf_initializer(size_t worker, const void *arg,
                                      size_t arg_bytes, void **state);

/* Undoes it when the worker leaves; not in a worker process that dies. Another
 * worker with that index begins when it has returned. */
typedef void cf_finalizer(size_t worker, void *state);

/* On which CPUs the workers run. A worker keeps to one CPU of those that the
 * thread which creates may use; on CF_SERIAL there is none to bind. */
enum cf_bind {
    CF_BIND_NONE,    /* wherever the system puts them                        */
    CF_BIND_COMPACT, /* neighbours: a core's threads, then the next core     */
    CF_BIND_SPREAD,  /* far apart: packages, then cores, then their threads  */
    CF_BIND_LIST,    /* worker i on cpus[i % cpu_count]                      */
};

/*
 * How worker processes are made. With CF_START_FORK they see the host's memory
 * as it was at create. The other two start the program's own file anew: they
 * know nothing of the host but its settings and arguments, a pointer into its
 * memory means nothing there, and main does not run (see worker_entry.h).
 * Workers of each, late and replaced ones too, have the user, rights, limits,
 * environment and current directory that the host had at create: a program that
 * gives up rights does so before.
 */
enum cf_start_method {
    CF_START_AUTO, /* fork while the host has one thread; else forkserver,
                      where the program can be started so, and fork if not  */
    CF_START_FORK, /* each is forked from a fork of the host                */
    CF_START_FORKSERVER, /* ... from a process that is exec'ed once         */
    CF_START_SPAWN,      /* each is exec'ed                                 */
};

/*
 * Forks in place of fork(), for a runtime that has something to do before and
 * after (an interpreter's locks, a profiler's timer): does that, forks, and
 * returns what fork() returned: twice; with -1 and errno where nothing was
 * forked, which is then as if the system had refused. The child is one of the
 * caller's as fork() makes it, and goes on where the call returns; it may be
 * made by _Fork(), but not by vfork().
 *
 * CF_PROCESS calls it wherever a process with the host's memory forks: in
 * cf_executor_create(), in the thread that calls it, all signals blocked; and,
 * with CF_START_FORK, in the process that starts the workers, for each worker
 * and replacement, at any time until destroy. `exec_follows`: what is forked
 * becomes another program at once, and no code of yours runs in it after this
 * call; where the host has threads it may do no more then than a signal
 * handler may. Not called in a program that was started anew: nobody has
 * prepared it. It must not use the executor, nor end the process.
 */
typedef pid_t cf_fork_hook(bool exec_follows, void *context);

/*
 * Zero is the default of every field. What is said of processes means nothing
 * to a backend without them, so that switching stays one word. What bounds a
 * worker, shapes its thread or watches it is refused where it cannot be kept
 * (CF_UNSUPPORTED):
 *
 *     max_worker_bytes      everywhere but on CF_PROCESS
 *     max_tasks_per_worker  on CF_SERIAL, CF_OPENMP and CF_MPI
 *     idle_timeout_ns       on CF_OPENMP and CF_MPI
 *     stack_bytes           on CF_OPENMP, CF_PROCESS and CF_MPI
 *     name, bind, observer  on CF_PROCESS and CF_MPI
 */
struct cf_options {
    size_t max_workers; /* 0: cf_backend_default_workers()                   */
    bool start_all;     /* start every worker in create, wait until each is
                           ready; else a worker starts when work needs it    */
    bool record_times;  /* keep the times and CPU of cf_future_info()        */
    size_t max_pending; /* so many tasks may wait beyond those that the
                           workers run; 0: no bound                          */
    enum cf_when_full when_full;  /* what a submit does then                  */
    cf_error_handler *on_error;   /* told of errors nobody read; may be called
                                    after the executor's destroy             */
    void *on_error_context;       /* handed to it                             */
    cf_initializer *initializer;  /* run by each worker before its first task */
    cf_finalizer *finalizer;      /* and by each that leaves in good order    */
    const void *initializer_arg;  /* copied at create ...                     */
    size_t initializer_arg_bytes; /* ... so many bytes                       */
    size_t inner_threads; /* threads that OpenMP (in process workers also
                             OpenBLAS, MKL, BLIS) may use inside a task; 0: the
                             usable CPUs divided by the workers, at least 1.
                             Not on CF_SERIAL, where the caller's setting stays,
                             nor on CF_OPENMP, where a region is a nested one */

    /* workers and their threads */
    uint64_t max_tasks_per_worker; /* then it leaves (a thread at the end of a
                                      chunk) and is replaced; 0: none        */
    size_t max_worker_bytes; /* CF_PROCESS: so much may a worker grow; looked at
                                after each task, of memory that is its own and
                                resident; above it the worker leaves and is
                                replaced; 0: no bound                         */
    int64_t idle_timeout_ns; /* a worker with nothing to do for so long
                                leaves; 0: it stays                           */
    size_t max_spare_workers; /* so many beyond max_workers, while others wait
                                 for tasks that they could not run themselves or
                                 another executor's end, or did not come back
                                 from a task that was to end; indexes behind the
                                 others. On CF_THREAD half of them, while others
                                 sleep until running tasks end, run what tasks
                                 have submitted (1, or an initializer or a
                                 finalizer: none does); who wakes goes on at once,
                                 so until such a one ends its task more than
                                 max_workers may be awake. 0: as many as workers,
                                 or as the most that cf_set_workers() was asked
                                 for, on CF_THREAD four times that; on CF_MPI in
                                 each rank, and never more than its workers. On
                                 CF_PROCESS for waits alone                   */
    const char *name;   /* of the threads: its first 10 bytes, and a number
                           behind them; copied; NULL: "cf-" and the backend's
                           first 4                                            */
    size_t stack_bytes; /* of a worker's thread, 65536 at least; 0: as the
                           system does */
    enum cf_bind bind;
    const int *cpus;  /* CF_BIND_LIST: copied at create ...                   */
    size_t cpu_count; /* ... so many                                          */

    cf_observer *observer;  /* told of tasks and workers; NULL: nobody        */
    void *observer_context; /* handed to it                                   */

    /* CF_PROCESS */
    enum cf_start_method start_method;
    bool kill_tree; /* whatever a worker's tasks have started ends with it, by
                       SIGKILL: the worker leads a process group, which Ctrl-Z
                       does not reach. Not what has left the group (setsid(),
                       setpgid()), nor where the process that starts the
                       workers is killed                                      */
    unsigned crash_limit; /* so many deaths of workers in a row, no task ended
                             in between, make it CF_BROKEN; 0: 8 a worker     */

    /* CF_MPI */
    size_t rank_workers; /* so many in each rank, which share its memory; the
                            ranks are as many as `max_workers` needs; 0: one  */
    const struct cf_backend *rank_backend; /* what they are: CF_THREAD (also
                                              NULL) or CF_PROCESS             */
    bool tasks_use_mpi; /* they call MPI: CF_UNSUPPORTED unless the program has
                           initialised it with MPI_THREAD_MULTIPLE, see
                           worker_entry.h; a task in a CF_PROCESS of a rank is
                           no rank                                            */

    /* CF_PROCESS, for who puts libcf under another runtime */
    cf_fork_hook *fork; /* what forks; NULL: fork()                           */
    void *fork_context; /* handed to it                                       */

    uintptr_t reserved[3]; /* must be zero                                    */
};

/* For `inner_threads`: whatever the runtimes do by themselves. */
#define CF_INNER_THREADS_AS_THEY_ARE SIZE_MAX

#ifdef __cplusplus
}
#endif
#endif
