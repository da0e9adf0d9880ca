/* SPDX-License-Identifier: MIT */
#ifndef CFI_WATCH_H
#define CFI_WATCH_H

#include <stdbool.h>

#include "future_impl.h"

/* Somebody to be told when a future is final. Waiters are told first, under
 * the future's lock, and run no user code; callbacks after it, unlocked. */
struct cfi_watch {
    struct cfi_watch *next;
    /* `future` is NULL where a callback is dropped unrun */
    void (*fire)(struct cfi_watch *watch, struct cf_future *future);
    bool is_callback;
};

/* Has `watch` fired when the future is final: true. False: it is final
 * already, and the watch was not added (nor where the future belongs to the
 * process that forked this one). */
bool cfi_watch_add(struct cf_future *future, struct cfi_watch *watch);

/* Takes a waiter's watch back; after this it does not fire any more. */
void cfi_watch_remove(struct cf_future *future, struct cfi_watch *watch);

/* For who has ended the future: tells the waiters. True: callbacks are left,
 * for call_back(). */
bool cfi_watches_tell(struct cf_future *future);
void cfi_watches_call_back(struct cf_future *future);

/* Drops callbacks that nobody will ever run: the last reference is gone. */
void cfi_watches_drop(struct cf_future *future);

/* The future's executor, with a reference, unless it is final: then the
 * executor may be gone, NULL. */
struct cf_executor *cfi_watch_pin_executor(struct cf_future *future);

/* Is this thread in a callback of a future of the executor's? In a forked child
 * none is. */
bool cfi_is_calling_back(const struct cf_executor *executor);

/* The callbacks that this thread is in; for another that goes on in its place. */
const struct cfi_calling *cfi_calling_current(void);
void cfi_calling_adopt(const struct cfi_calling *calling);

void cfi_watch_after_fork(void);

#endif
