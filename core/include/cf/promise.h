/* SPDX-License-Identifier: MIT */
#ifndef CF_PROMISE_H
#define CF_PROMISE_H

/*
 * Futures whose outcome somebody sets by hand: for those who build on the
 * library (an event loop, a language binding). They work with every call of
 * future.h and iterator.h; no executor stands behind them.
 */
#include <stddef.h>

#include <cf/future.h>
#include <cf/status.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * A pending future with one reference, the caller's. CF_OK, CF_INVALID,
 * CF_NOMEM.
 */
CF_API CF_MUST_CHECK enum cf_status cf_future_create(struct cf_future **future);

/*
 * Marks it as running, so that it can no longer be cancelled. CF_OK;
 * CF_CANCELLED (it was: do not begin); CF_INVALID (running or finished
 * already, or a future that an executor runs); CF_BROKEN (in a forked child).
 */
CF_API CF_MUST_CHECK enum cf_status cf_future_start(struct cf_future *future);

/*
 * Ends a pending or running future with a copy of `result_bytes` bytes at
 * `result`, wakes its waiters and runs its callbacks in this thread. Of two
 * threads that set, one wins. CF_OK; CF_CANCELLED (it was: nothing is set);
 * CF_INVALID (finished already, or a future that an executor runs); CF_NOMEM,
 * CF_BROKEN (in a forked child): nothing is set.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_future_set_result(struct cf_future *future, const void *result,
                     size_t result_bytes);

/*
 * As cf_future_set_result(), with an error: `error->status` is CF_EXCEPTION,
 * CF_CRASHED, CF_EXPIRED or CF_BROKEN (else CF_INVALID: so is no error at all);
 * all that it says is told on. The texts are copied and may be NULL; `object`
 * is handed on as it is, and stays whose it was.
 */
CF_API CF_MUST_CHECK enum cf_status
cf_future_set_error(struct cf_future *future, const struct cf_error *error);

#ifdef __cplusplus
}
#endif
#endif
