/* SPDX-License-Identifier: MIT */
#ifndef CF_BACKEND_H
#define CF_BACKEND_H

#include <stddef.h>

#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/* A way to run tasks. A constant table each; compare and pass the addresses. */
struct cf_backend;

CF_API extern const struct cf_backend cf_backend_serial;
CF_API extern const struct cf_backend cf_backend_thread;
CF_API extern const struct cf_backend cf_backend_process;
CF_API extern const struct cf_backend cf_backend_openmp;
CF_API extern const struct cf_backend cf_backend_gil;
CF_API extern const struct cf_backend cf_backend_mpi;

/*
 * The one-line switch. On CF_OPENMP a task runs inside the team's parallel
 * region: an OpenMP construct that is meant for all of a team (for, sections,
 * single, barrier) may stand in it, or in what it calls, only inside a parallel
 * region of the task's own; else it waits for members that never come to it.
 */
#define CF_SERIAL (&cf_backend_serial) /* no worker: runs inside cf_submit() */
#define CF_THREAD (&cf_backend_thread) /* threads of this process            */
#define CF_PROCESS                                                             \
    (&cf_backend_process)              /* processes: a crash costs one task  */
#define CF_OPENMP (&cf_backend_openmp) /* one persistent OpenMP team         */
#define CF_GIL    (&cf_backend_gil)    /* threads that share one lock        */
#define CF_MPI                                                                 \
    (&cf_backend_mpi) /* ranks of an MPI job: see
                                          cf_worker_entry()                  */

/*
 * The backend called `name`. CF_OK; CF_INVALID (there is none of that name, and
 * `*backend` is NULL); CF_UNSUPPORTED (it cannot be run here, cf_backend_missing()
 * says why; `*backend` is set all the same).
 */
CF_API CF_MUST_CHECK enum cf_status
cf_backend_find(const char *name, const struct cf_backend **backend);

/* The i-th backend in the order of listing, NULL past the last. */
CF_API const struct cf_backend *cf_backend_at(size_t i);

/* As typed on a command line: "thread". One line about what it is for. Why
 * this build cannot run it, NULL where it can. All constant. NULL, for which
 * cf_backend_find() found none, has no name and cannot be run. */
CF_API const char *cf_backend_name(const struct cf_backend *backend);
CF_API const char *cf_backend_about(const struct cf_backend *backend);
CF_API const char *cf_backend_missing(const struct cf_backend *backend);

/* How many workers it takes when the options name none: 1 for serial,
 * min(32, usable + 4) for thread and gil, the ranks but one for mpi, the usable
 * CPUs for the others. */
CF_API size_t cf_backend_default_workers(const struct cf_backend *backend);

#ifdef __cplusplus
}
#endif
#endif
