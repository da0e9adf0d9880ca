/* SPDX-License-Identifier: MIT */
#ifndef CFI_LADDER_H
#define CFI_LADDER_H

#include <stdbool.h>
#include <stdint.h>

#include <cf/future.h>

#include "outcome.h"
#include "timekeeper.h"

struct cfi_worker;

/* The rungs to be climbed to end one running task, each at its time; the last
 * one leaves the outcome here. */
struct cfi_ladder {
    struct cfi_alarm alarm; /* first: it is cast back */
    struct cf_future *future;
    enum cf_status status;      /* what it is to end with  */
    struct cfi_alarm callbacks; /* where they are due, for the other thread */
    bool has_asked;
    bool is_block; /* not a part of the future: it holds a reference of it */

    /* --- written by whoever writes the future off, read after it --- */
    struct cfi_outcome outcome;
    int64_t ended_ns;
};

void cfi_ladder_init(struct cfi_ladder *ladder, struct cf_future *future,
                     enum cf_status status);

/* Fills in the outcome with which it writes its future off. */
void cfi_ladder_conclude(struct cfi_ladder *ladder);

/* Gives back what a ladder holds by which its future was written off. */
void cfi_ladder_finish(struct cfi_ladder *ladder);

/* Around an attempt of a task with a limit. After end() the limit ends it no
 * more. */
void cfi_limit_begin(struct cf_future *future);
void cfi_limit_end(struct cf_future *future);

/* How long after it was asked a task has before the next rung. */
int64_t cfi_grace_ns(int64_t wished_ns);

#endif
