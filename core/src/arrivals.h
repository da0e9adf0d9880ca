/* SPDX-License-Identifier: MIT */
#ifndef CFI_ARRIVALS_H
#define CFI_ARRIVALS_H

#include <stdatomic.h>
#include <stddef.h>
#include <stdint.h>

#include "awaited.h"
#include "eventcount.h"
#include "watch.h"

/*
 * Futures in the order in which they end, for one thread that takes them. Zero
 * is an empty one; it needs no destroying once every arrival was dropped.
 */
struct cfi_arrival {
    struct cfi_watch watch; /* first: it is cast back */
    struct cfi_arrivals *arrivals;
    struct cf_future *future; /* NULL: none is expected */
    struct cfi_arrival *next;
};

struct cfi_arrivals {
    _Atomic(struct cfi_arrival *) pushed; /* ended; the latest first      */
    struct cfi_eventcount event;          /* notified after each push     */
    struct cfi_arrival *ready;            /* taken over, the oldest first */
};

/* From now on `future` is expected; its reference is the arrival's. */
void cfi_arrival_expect(struct cfi_arrivals *arrivals,
                        struct cfi_arrival *arrival, struct cf_future *future);

/* Gives the future back, whether it has ended or not; it is expected no more.
 * Not for one that has ended and was not taken yet, unless all are dropped. */
void cfi_arrival_drop(struct cfi_arrival *arrival);

/* Has one ended that was not taken? */
bool cfi_arrivals_are_there(struct cfi_arrivals *arrivals);

/* The next that has ended, while a wait for `awaited` lasts; NULL: the deadline
 * has passed, or the wait was interrupted. */
struct cfi_arrival *cfi_arrivals_take(struct cfi_arrivals *arrivals,
                                      struct cfi_awaited *awaited,
                                      int64_t deadline_ns);

#endif
