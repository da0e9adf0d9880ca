/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_THREADS_H
#define CFI_POOL_THREADS_H

#include <pthread.h>
#include <stdatomic.h>
#include <stddef.h>

#include "eventcount.h"
#include "executor_impl.h"
#include "lock.h"
#include "task_impl.h"

struct cfi_pool;

/* One worker thread. It and its queue know each other by this address, which
 * stays until the thread has been joined. */
struct cfi_pool_thread {
    struct cfi_worker worker; /* first: it is cast back */
    struct cfi_pool_threads *threads;
    pthread_t id;
};

/*
 * The life of a pool's threads: who is started when, and who is joined. It
 * knows nothing of how tasks are queued; the pool tells it by three calls of
 * pool.h whether something waits, what comes next, and that all must look up.
 */
struct cfi_pool_threads {
    struct cfi_pool *pool;
    struct cf_executor *executor;
    struct cfi_gil *gil;
    struct cfi_eventcount started; /* `ready` has grown                   */
    _Atomic size_t ready;          /* threads that have come up           */
    _Atomic size_t alive;          /* changes under lock                  */
    _Atomic size_t calling_back;   /* of these, in callbacks              */

    struct cfi_lock lock;
    /* --- guarded by lock --- */
    struct cfi_pool_thread **table; /* by index; the first `alive` run     */
};

/* `gil` may be NULL. CF_OK, CF_NOMEM. finish() frees what init() made, after
 * join() or in a forked child. */
enum cf_status cfi_pool_threads_init(struct cfi_pool_threads *threads,
                                     struct cfi_pool *pool,
                                     struct cf_executor *executor,
                                     struct cfi_gil *gil);
void cfi_pool_threads_finish(struct cfi_pool_threads *threads);

/* Starts every thread it can and waits until they have come up. CF_OK; CF_AGAIN
 * where there is none. */
enum cf_status cfi_pool_threads_start_all(struct cfi_pool_threads *threads);

/*
 * Starts a thread where fewer are alive than there is work for. CF_OK where at
 * least one is alive. A submit calls it before its push, to be refused where
 * nobody would serve it, and after it: see cfi_pool_submit().
 */
enum cf_status cfi_pool_threads_ensure(struct cfi_pool_threads *threads);

/* Waits for the end of every thread, which the pool has told to leave. */
void cfi_pool_threads_join(struct cfi_pool_threads *threads);

#endif
