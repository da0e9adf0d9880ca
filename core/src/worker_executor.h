/* SPDX-License-Identifier: MIT */
#ifndef CFI_WORKER_EXECUTOR_H
#define CFI_WORKER_EXECUTOR_H

#include <pthread.h>

#include "completion.h"
#include "executor_impl.h"
#include "task_impl.h"
#include "worker_desk.h"

/* The executor as the tasks of one of its worker processes see it. */
struct cfi_worker_executor {
    struct cf_executor executor;
    struct cfi_worker_desk desk;
    struct cfi_worker *worker; /* of this process */
    struct cfi_completion completion;
    pthread_t reader;
    bool is_told;   /* the worker's thread has said that it sleeps, ... */
    bool is_linked; /* ... or that it waits for ever                    */

    /* --- guarded by lock --- */
    struct cfi_lock lock;
    bool is_open; /* there is a reader */
};

/* Makes it the executor of `worker`. Of `host`, as it was when the worker was
 * made, it takes what tasks may ask for. Costs no thread before the first
 * submit. Lives as long as the process. */
void cfi_worker_executor_init(struct cfi_worker_executor *own,
                              const struct cf_executor *host, bool record_times,
                              struct cfi_worker *worker,
                              struct cfi_region *region, struct cfi_bell *bell);

/* --- between worker_executor.c, and the worker_*.c beside it --- */

/* Sees to it that what is submitted will be heard of. CF_OK, CF_AGAIN, CF_NOMEM,
 * CF_SYSTEM. */
CF_MUST_CHECK enum cf_status
cfi_worker_executor_open(struct cfi_worker_executor *own);

/* One question that needs no more than this. */
struct cfi_reply cfi_worker_ask(struct cfi_worker_executor *own,
                                enum cfi_question_kind kind, uint64_t id,
                                uint32_t detail);

/* The host is to hear of an error that no task here has read. */
void cfi_worker_tell_unread(void *state, const char *name,
                            const struct cf_error *error);

extern const struct cfi_absence cfi_worker_executor_absence;

#endif
