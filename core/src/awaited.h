/* SPDX-License-Identifier: MIT */
#ifndef CFI_AWAITED_H
#define CFI_AWAITED_H

#include <stdbool.h>
#include <stddef.h>

#include "future_impl.h"

/*
 * What a thread that is about to sleep waits for: `count` futures, whose
 * addresses lie `stride` bytes apart (NULL: not waited for any more). `at` only
 * grows: what has begun is never pending again. Used by one thread at a time,
 * or under the lock of who keeps the workers.
 */
struct cfi_awaited {
    const unsigned char *first;
    size_t stride;
    size_t count;
    size_t at;                          /* all before it have begun */
    const struct cf_executor *executor; /* of all; NULL: of several, or none */
};

void cfi_awaited_init(struct cfi_awaited *awaited,
                      struct cf_future *const *first, size_t stride,
                      size_t count);

/* The first that nobody has begun, of those that `executor` is to run; NULL:
 * there is none, nor will there be. */
struct cf_future *cfi_awaited_pending(struct cfi_awaited *awaited,
                                      const struct cf_executor *executor);

/*
 * Around a sleep of this thread. begin() tells who keeps the workers, where
 * this is one: what it waits for may need another. False: this is a worker,
 * that may be so, and no other can be had.
 */
bool cfi_absence_begin(struct cfi_awaited *awaited);
void cfi_absence_end(void);

/* After begin(), once: the thread has looked in vain, and falls asleep now. */
void cfi_absence_lasts(void);

/* begin(), and cfi_sleep_begin(), for a sleep of which no task is known whose end
 * would end it. */
void cfi_sleep_elsewhere_begin(void);
void cfi_sleep_elsewhere_end(void);

#endif
