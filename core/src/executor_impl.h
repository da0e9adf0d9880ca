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

/* A running backend. Lives until the last of its handle and, where its tasks
 * travel, its futures is gone. */
struct cf_executor {
    const struct cf_backend *backend; /* set at birth, then only read */
    void *state;
    size_t max_workers;
    bool start_all;
    bool record_times;
    uint64_t fork_generation; /* of the process that made it */

    _Atomic uint32_t references;
    _Atomic uint32_t closed;   /* takes no more tasks                        */
    _Atomic uint32_t stopping; /* running tasks are asked to end             */
    _Atomic uint32_t broken;   /* can run nothing more: CF_BROKEN            */

    /* Submitted tasks that have no visible outcome yet. Counted down before
     * the outcome is published, so that who has seen one result and submits
     * the next finds a worker free (three submits, one worker). */
    _Atomic size_t unfinished;

    /* Submitted tasks whose callbacks have not run; shutdown waits for 0. */
    _Atomic size_t open;
    struct cfi_eventcount all_ended; /* notified when `open` reaches 0 */
};

/* Counts `count` tasks in, unless the executor takes none (CF_SHUTDOWN,
 * CF_BROKEN). Each is counted out by its future's end. */
enum cf_status cfi_executor_enter(struct cf_executor *executor, size_t count);

/* Counts tasks out of `open` whose submit failed (before or after
 * cfi_executor_outcome_known(), which is the other half). */
void cfi_executor_leave(struct cf_executor *executor, size_t count);

/* The two halves of a future's end. */
void cfi_executor_outcome_known(struct cf_executor *executor);
void cfi_executor_task_ended(struct cf_executor *executor);

/* Does this process own the executor (false in a forked child)? */
bool cfi_executor_is_ours(const struct cf_executor *executor);

/* References: the handle's, and one for each future whose backend has
 * take_back(). The last one frees. */
void cfi_executor_retain(struct cf_executor *executor);
void cfi_executor_release(struct cf_executor *executor);

/* Has forks counted from now on; before the first executor is made. */
void cfi_fork_watch(void);

/* How often this process's line of ancestors forked since the library first
 * looked; fork handlers raise it. cfi_fork_note() raises it by hand after a
 * raw clone. */
uint64_t cfi_fork_generation(void);
void cfi_fork_note(void);

#endif
