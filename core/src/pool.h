/* SPDX-License-Identifier: MIT */
#ifndef CFI_POOL_H
#define CFI_POOL_H

#include <stddef.h>

#include "executor_impl.h"

struct cfi_gil;

/* Worker threads around one queue: what the thread backend is, and under a
 * shared lock the gil backend. The calls are those of struct cf_backend. */
struct cfi_pool;

/* `gil` may be NULL; it must outlive the pool. */
enum cf_status cfi_pool_start(struct cf_executor *executor, struct cfi_gil *gil,
                              struct cfi_pool **pool);
enum cf_status cfi_pool_submit(struct cfi_pool *pool, struct cf_future *first);
void cfi_pool_cancel_pending(struct cfi_pool *pool);
void cfi_pool_stop(struct cfi_pool *pool);
void cfi_pool_destroy(struct cfi_pool *pool);

/* min(32, usable CPUs + 4): CPython's default for threads. */
size_t cfi_pool_default_workers(void);

#endif
