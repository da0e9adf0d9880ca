/* SPDX-License-Identifier: MIT */
#ifndef CFI_SUBMIT_H
#define CFI_SUBMIT_H

#include <stdbool.h>

#include <cf/executor.h>

/*
 * Submits a task for each item, in chunks of `chunk`, whatever `max_pending`
 * says: who has the whole array has its memory already. `futures` gets a
 * reference for the caller to each of the first `*submitted`, which go on even
 * if the call fails, and NULL for the others. What `call` says (may be NULL)
 * holds for each.
 */
enum cf_status cfi_submit_array(struct cf_executor *executor,
                                cf_function *function, const void *items,
                                size_t item_bytes, size_t count, size_t chunk,
                                const struct cf_call *call,
                                struct cf_future **futures, size_t *submitted);

/* The same for tasks that are parts of one piece of work, by a caller that sleeps
 * until all are done, or else takes part. */
enum cf_status cfi_submit_parts(struct cf_executor *executor,
                                cf_function *function, const void *items,
                                size_t item_bytes, size_t count,
                                bool caller_sleeps, struct cf_future **futures,
                                size_t *submitted);

/* As cf_submit_call(), for a task that the executor is a part of which has taken
 * in already: so it is let in also where a task has shut this part down, but
 * CF_SHUTDOWN where that cancels what has not started. */
enum cf_status cfi_submit_admitted(struct cf_executor *executor,
                                   cf_function *function, const void *arg,
                                   size_t arg_bytes, const struct cf_call *call,
                                   struct cf_future **future);

/* The future of a task that was counted in with `epoch`, and that nobody has
 * queued yet. NULL without memory. */
struct cf_future *cfi_submit_make(struct cf_executor *executor,
                                  cf_function *function, const void *arg,
                                  size_t arg_bytes, const struct cf_call *call,
                                  uint32_t epoch);

/* As cf_submit_call(), for the item of that number; what `call` says was looked
 * at before. */
enum cf_status cfi_submit_item(struct cf_executor *executor,
                               cf_function *function, const void *arg,
                               size_t arg_bytes, const struct cf_call *call,
                               size_t item, struct cf_future **future);

/* The same whatever `max_pending` says, for an item of cf_map_from(). */
enum cf_status cfi_submit_pulled(struct cf_executor *executor,
                                 cf_function *function, const void *arg,
                                 size_t arg_bytes, const struct cf_call *call,
                                 size_t item, struct cf_future **future);

#endif
