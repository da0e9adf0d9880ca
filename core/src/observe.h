/* SPDX-License-Identifier: MIT */
#ifndef CFI_OBSERVE_H
#define CFI_OBSERVE_H

#include <sys/resource.h>

#include "executor_impl.h"

/* What the observer of an executor is told; each does nothing where there is
 * none. */
void cfi_observe_submitted(struct cf_future *future);
void cfi_observe_started(struct cf_future *future);
void cfi_observe_finished(struct cf_future *future, enum cf_status status);
void cfi_observe_worker(struct cf_executor *executor, enum cf_event_kind kind,
                        size_t worker, int64_t pid);

/* Of the attempt that this thread has just run, for the next finished(). */
void cfi_observe_usage(const struct rusage *before);

#endif
